package mibitracker_test

import (
	"errors"
	"net/http"
	"testing"
	"testing/synctest"

	"github.com/openmibi/openmibi/mibitracker"
)

// What a server says of a file saves requests. Where it is wrong or of no use,
// the channel comes all the same, or the error says what is the matter.
func TestIndexOfNoUse(t *testing.T) {
	t.Parallel()
	content := sparseTIFF(t, 128)
	other := sparseTIFF(t, 64)
	good, _ := indexOf(t, content)
	with := func(key string, value any) map[string]any {
		hint := map[string]any{key: value}
		for k, v := range good {
			if k != key {
				hint[k] = v
			}
		}
		return hint
	}
	spans, _ := good["spans"].([][2]int64)
	half := hintOf(t, content, spans[:len(spans)/2])
	stale, _ := indexOf(t, other)
	for name, c := range map[string]struct {
		hint    map[string]any
		content []byte
		want    error
		ranges  int // at most
	}{
		"right":                    {good, content, nil, 1},
		"none":                     {nil, content, nil, 42},
		"half of it":               {half, content, nil, 23},
		"of no version":            {with("etag", ""), content, nil, 42},
		"of a weak version":        {with("etag", `W/"x"`), content, nil, 42},
		"no size":                  {with("size", 0), content, nil, 42},
		"a negative size":          {with("size", -1), content, nil, 42},
		"pieces beyond the end":    {with("size", 1000), content, nil, 42},
		"negative pieces":          {with("spans", [][2]int64{{-5, 10}}), content, nil, 42},
		"pieces that overflow":     {with("spans", [][2]int64{{1, 1<<63 - 1}}), content, nil, 42},
		"more pieces than content": {with("spans", [][2]int64{{0, 9000}, {9000, 90000}}), content, nil, 42},
		"more content than pieces": {with("spans", [][2]int64{{0, 9000}}), content, nil, 42},
		"content that is garbage":  {with("deflate", []byte("no deflate")), content, nil, 42},
		"of another version":       {stale, content, mibitracker.ErrChanged, 1},
		"another form":             {map[string]any{"etag": 5, "spans": "all"}, content, nil, 42},
	} {
		synctest.Test(t, func(t *testing.T) {
			b := &far{content: c.content, hint: c.hint}
			image, err := b.client(t).Images.Open(t.Context(), 1)
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			defer func() { _ = image.Close() }()
			page, err := image.Channel("T20")
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			plane, err := image.ReadPlane(t.Context(), page.Index)
			if !errors.Is(err, c.want) || err == nil && !plane.Equal(localPlane(t, c.content, "T20")) {
				t.Errorf("%s: %v, want %v", name, err, c.want)
			}
			if ranges, _ := b.moved(); ranges > c.ranges {
				t.Errorf("%s: %d ranges, want at most %d: %v", name, ranges, c.ranges, b.ranges)
			}
		})
	}
}

// With the index at hand the storage is met late: what it cannot do is said
// then.
func TestIndexOfAStorageWithoutRanges(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		content := sparseTIFF(t, 128)
		hint, _ := indexOf(t, content)
		b := &far{content: content, hint: hint, serve: func(w http.ResponseWriter, _ *http.Request, content []byte) {
			w.Header().Set("ETag", etagOf(content))
			_, _ = w.Write(content)
		}}
		image, err := b.client(t).Images.Open(t.Context(), 1)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = image.Close() }()
		if _, err := image.ReadPlane(t.Context(), 3); !errors.Is(err, mibitracker.ErrNoRanges) {
			t.Errorf("%v, want ErrNoRanges", err)
		}
	})
}
