package pixels_test

import (
	"bytes"
	"testing"
)

func TestAppendTile(t *testing.T) {
	t.Parallel()
	p := plane[uint16](t, 3, 3, 1, 2, 3, 4, 5, 6, 7, 8, 9)
	for _, c := range []struct {
		x, y, width, height int
		want                []byte
	}{
		{0, 0, 2, 2, []byte{1, 0, 2, 0, 4, 0, 5, 0}},
		{2, 0, 2, 2, []byte{3, 0, 0, 0, 6, 0, 0, 0}},
		{0, 2, 2, 2, []byte{7, 0, 8, 0, 0, 0, 0, 0}},
		{2, 2, 2, 2, []byte{9, 0, 0, 0, 0, 0, 0, 0}},
		{1, 1, 1, 1, []byte{5, 0}},
		{1, 0, 4, 1, []byte{2, 0, 3, 0, 0, 0, 0, 0}},
		{2, 1, 1, 4, []byte{6, 0, 9, 0, 0, 0, 0, 0}},
	} {
		if got := p.AppendTile([]byte("old"), c.x, c.y, c.width, c.height); !bytes.Equal(got, append([]byte("old"), c.want...)) {
			t.Errorf("column %d, row %d: %v, want %v", c.x, c.y, got[3:], c.want)
		}
	}
	dirty := bytes.Repeat([]byte{0xff}, 20)
	if got := p.AppendTile(dirty[:0], 2, 2, 2, 2); !bytes.Equal(got, []byte{9, 0, 0, 0, 0, 0, 0, 0}) {
		t.Errorf("memory that was used before becomes %v", got)
	}
}
