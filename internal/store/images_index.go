package store

import (
	"context"
	"encoding/json"
	"errors"

	"github.com/openmibi/openmibi/internal/model"
)

// TIFFIndex returns the index of an image's TIFF, as it was published with it.
// It is empty where there is none, and where the image's TIFF is not, or not
// any more, the one of that key.
func (q *Queries) TIFFIndex(ctx context.Context, image int64, key string) (model.TIFFIndex, error) {
	type row struct {
		spans  string
		packed []byte
	}
	found, err := one(ctx, q, "SELECT spans, packed FROM tiff_indexes WHERE image_id = $1 AND tiff_key = $2", []any{image, key},
		func(r scanner) (d row, err error) { return d, r.Scan(&d.spans, &d.packed) })
	if err = wrap(err, "index of a TIFF"); errors.Is(err, ErrNotFound) {
		return model.TIFFIndex{}, nil
	}
	if err != nil {
		return model.TIFFIndex{}, err
	}
	var pairs [][2]int64
	if err := json.Unmarshal([]byte(found.spans), &pairs); err != nil {
		return model.TIFFIndex{}, wrap(err, "index of the TIFF of image %d", image)
	}
	index := model.TIFFIndex{Packed: found.packed}
	for _, p := range pairs {
		index.Spans = append(index.Spans, model.Span{Offset: p[0], Length: p[1]})
	}
	return index, nil
}

// putTIFFIndex replaces what is known of an image's TIFF.
func (t *Tx) putTIFFIndex(ctx context.Context, image int64, key string, index model.TIFFIndex) error {
	if _, err := t.exec(ctx, "DELETE FROM tiff_indexes WHERE image_id = $1", image); err != nil {
		return wrap(err, "index of a TIFF")
	}
	if len(index.Spans) == 0 {
		return nil
	}
	pairs := make([][2]int64, len(index.Spans))
	for i, s := range index.Spans {
		pairs[i] = [2]int64{s.Offset, s.Length}
	}
	text, err := json.Marshal(pairs)
	if err != nil {
		return err
	}
	_, err = t.exec(ctx, "INSERT INTO tiff_indexes (image_id, tiff_key, spans, packed) VALUES ($1, $2, $3, $4)",
		image, key, string(text), index.Packed)
	return wrap(err, "index of a TIFF")
}
