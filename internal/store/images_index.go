package store

import (
	"context"
	"encoding/json"
	"errors"

	"github.com/openmibi/openmibi/internal/model"
)

// maxIndexText is the longest list of spans that is kept with an image, in
// bytes of JSON: some 800 spans, where a usual TIFF has one a page. A longer
// one costs its reader more than it spares.
const maxIndexText = 16 << 10

// indexText is how spans are kept: [[offset,length],...]. Without spans, and
// for too many of them, it is empty.
func indexText(spans []model.Span) (string, error) {
	if len(spans) == 0 || len(spans) > maxIndexText/len("[0,1],") {
		return "", nil
	}
	pairs := make([][2]int64, len(spans))
	for i, s := range spans {
		pairs[i] = [2]int64{s.Offset, s.Length}
	}
	text, err := json.Marshal(pairs)
	if err != nil || len(text) > maxIndexText {
		return "", err
	}
	return string(text), nil
}

// TIFFIndex returns where the index of an image's TIFF lies in the file, as
// it was published with it. It is nil where that is not known, and where the
// image's TIFF is not, or not any more, the one of that key.
func (q *Queries) TIFFIndex(ctx context.Context, image int64, key string) ([]model.Span, error) {
	text, err := one(ctx, q, "SELECT tiff_index FROM images WHERE id = $1 AND tiff_key = $2", []any{image, key}, scanString)
	if err = wrap(err, "index of a TIFF"); errors.Is(err, ErrNotFound) {
		return nil, nil
	}
	if err != nil || text == "" {
		return nil, err
	}
	var pairs [][2]int64
	if err := json.Unmarshal([]byte(text), &pairs); err != nil {
		return nil, wrap(err, "index of the TIFF of image %d", image)
	}
	spans := make([]model.Span, len(pairs))
	for i, p := range pairs {
		spans[i] = model.Span{Offset: p[0], Length: p[1]}
	}
	return spans, nil
}
