package ingest

import (
	"bytes"
	"cmp"
	"io"
	"slices"

	"github.com/klauspost/compress/flate"

	"github.com/openmibi/openmibi/internal/model"
)

const (
	// indexGap is up to how many bytes apart two pieces of an index count as
	// one: to name them apart costs more than the bytes between.
	indexGap = 128
	// maxPieces is how many pieces of an index are noted at once.
	maxPieces = 1 << 16
)

// indexTrace notes which pieces of a file its index takes.
type indexTrace struct {
	spans    []model.Span
	hopeless bool
}

func (t *indexTrace) add(offset, length int64) {
	if t.hopeless || length == 0 {
		return
	}
	// Most pieces follow the one before.
	if n := len(t.spans); n > 0 {
		last := &t.spans[n-1]
		if end := last.Offset + last.Length; offset >= last.Offset && offset <= end+indexGap {
			last.Length = max(end, offset+length) - last.Offset
			return
		}
	}
	if t.spans = append(t.spans, model.Span{Offset: offset, Length: length}); len(t.spans) == maxPieces {
		t.spans = merge(t.spans)
		t.hopeless = len(t.spans) > maxPieces/2
	}
}

// found returns the pieces in the file's order, none for a file whose index
// lies in too many.
func (t *indexTrace) found() []model.Span {
	if t.hopeless {
		return nil
	}
	return merge(t.spans)
}

// packIndex reads the pieces of an index, so that who wants a channel of the
// file need not fetch them one by one. An index beyond the limits is empty.
func packIndex(r io.ReaderAt, spans []model.Span) (model.TIFFIndex, error) {
	total := int64(0)
	for _, s := range spans {
		total += s.Length
	}
	if len(spans) == 0 || len(spans) > model.MaxIndexSpans || total > model.MaxIndexBytes {
		return model.TIFFIndex{}, nil
	}
	var packed bytes.Buffer
	w, err := flate.NewWriter(&packed, 6)
	if err != nil {
		return model.TIFFIndex{}, err
	}
	for _, s := range spans {
		if _, err := io.Copy(w, io.NewSectionReader(r, s.Offset, s.Length)); err != nil {
			return model.TIFFIndex{}, err
		}
	}
	if err := w.Close(); err != nil || packed.Len() > model.MaxIndexPacked {
		return model.TIFFIndex{}, err
	}
	return model.TIFFIndex{Spans: spans, Packed: packed.Bytes()}, nil
}

func merge(spans []model.Span) []model.Span {
	slices.SortFunc(spans, func(a, b model.Span) int { return cmp.Compare(a.Offset, b.Offset) })
	merged := spans[:0]
	for _, s := range spans {
		if n := len(merged); n > 0 {
			last := &merged[n-1]
			if end := last.Offset + last.Length; s.Offset <= end+indexGap {
				last.Length = max(end, s.Offset+s.Length) - last.Offset
				continue
			}
		}
		merged = append(merged, s)
	}
	return merged
}
