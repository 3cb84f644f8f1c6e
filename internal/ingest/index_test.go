package ingest

import (
	"bytes"
	"slices"
	"testing"

	"github.com/openmibi/openmibi/internal/model"
)

func TestIndexTrace(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ pieces, want [][2]int64 }{
		"nothing":            {nil, nil},
		"side by side":       {[][2]int64{{0, 8}, {8, 2}, {10, 200}, {230, 20}}, [][2]int64{{0, 250}}},
		"apart":              {[][2]int64{{0, 8}, {5000, 100}, {9000, 10}}, [][2]int64{{0, 8}, {5000, 100}, {9000, 10}}},
		"values before tags": {[][2]int64{{5000, 10}, {4000, 500}, {4500, 480}}, [][2]int64{{4000, 1010}}},
		"twice":              {[][2]int64{{0, 100}, {50, 10}, {4000, 8}, {0, 100}}, [][2]int64{{0, 100}, {4000, 8}}},
		"empty":              {[][2]int64{{700, 0}}, nil},
	} {
		var trace indexTrace
		for _, p := range c.pieces {
			trace.add(p[0], p[1])
		}
		var got [][2]int64
		for _, s := range trace.found() {
			got = append(got, [2]int64{s.Offset, s.Length})
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}

func TestIndexTraceGivesUp(t *testing.T) {
	t.Parallel()
	var far indexTrace
	for i := range int64(3 * maxPieces) {
		far.add(i*1000, 8)
	}
	if len(far.spans) > maxPieces || len(far.found()) != 0 {
		t.Errorf("%d pieces are kept of a file of scattered tags", len(far.spans))
	}
	var again indexTrace // many pieces, that are few places
	for i := range int64(3 * maxPieces) {
		again.add(i%2*1000, 8)
	}
	if got := again.found(); len(got) != 2 {
		t.Errorf("%d places, want 2", len(got))
	}
}

func TestPackIndexIsBounded(t *testing.T) {
	t.Parallel()
	file := make([]byte, 4<<20)
	state := uint32(1)
	for i := range file {
		state = state*1664525 + 1013904223
		file[i] = byte(state >> 24)
	}
	many := make([]model.Span, model.MaxIndexSpans+1)
	for i := range many {
		many[i] = model.Span{Offset: int64(i) * 1000, Length: 1}
	}
	for name, c := range map[string]struct {
		spans []model.Span
		kept  bool
	}{
		"none":              {nil, false},
		"usual":             {[]model.Span{{Offset: 0, Length: 1000}, {Offset: 9000, Length: 700}}, true},
		"too many pieces":   {many, false},
		"as many as may be": {many[1:], true},
		"too many bytes":    {[]model.Span{{Offset: 0, Length: model.MaxIndexBytes + 1}}, false},
		"too dense":         {[]model.Span{{Offset: 0, Length: 2 * model.MaxIndexPacked}}, false},
	} {
		index, err := packIndex(bytes.NewReader(file), c.spans)
		if err != nil || (len(index.Spans) > 0) != c.kept || (len(index.Packed) > 0) != c.kept {
			t.Errorf("%s: %d pieces, %d bytes, %v", name, len(index.Spans), len(index.Packed), err)
		}
	}
}
