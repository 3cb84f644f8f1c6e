package store

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"io"
	"slices"

	"github.com/klauspost/compress/flate"

	"github.com/openmibi/openmibi/internal/model"
)

// packed is what an image's own channel has beside its set: its file and its
// statistics. Channels of one image have most of it in common, which deflate finds.
type packed struct {
	Page        int     `json:"page"`
	Key         string  `json:"key"`
	FileName    string  `json:"file"`
	ContentType string  `json:"type"`
	Size        int64   `json:"size"`
	SHA256      string  `json:"sha256"`
	Width       int     `json:"width"`
	Height      int     `json:"height"`
	DType       string  `json:"dtype"`
	Min         float64 `json:"min"`
	Max         float64 `json:"max"`
	Sum         float64 `json:"sum"`
	NonZero     int64   `json:"non_zero"`
}

// PackChannels writes what image_channels holds of an image: it is exported for
// seeders of databases.
func PackChannels(channels []model.Channel) ([]byte, error) {
	list := make([]packed, len(channels))
	for i, c := range channels {
		list[i] = packed{c.Page, c.Key, c.FileName, c.ContentType, c.Size, c.SHA256, c.Width, c.Height, c.DType, c.Min, c.Max, c.Sum, c.NonZero}
	}
	text, err := json.Marshal(list)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	w, err := flate.NewWriter(&b, flate.DefaultCompression)
	if err != nil {
		return nil, err
	}
	if _, err := w.Write(text); err != nil {
		return nil, err
	}
	err = w.Close()
	return b.Bytes(), err
}

func unpackChannels(data []byte) ([]packed, error) {
	text, err := io.ReadAll(flate.NewReader(bytes.NewReader(data)))
	if err != nil {
		return nil, err
	}
	var list []packed
	return list, json.Unmarshal(text, &list)
}

// simsChannels loads the channels of an image's TIFF, by page.
func (q *Queries) simsChannels(ctx context.Context, image int64) ([]model.Channel, error) {
	type row struct {
		set  int64
		data []byte
	}
	r, err := one(ctx, q, "SELECT i.channel_set_id, c.packed FROM images i JOIN image_channels c ON c.image_id = i.id WHERE i.id = $1",
		[]any{image}, func(s scanner) (r row, err error) { return r, s.Scan(&r.set, &r.data) })
	if errors.Is(err, ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, wrap(err, "channels of image %d", image)
	}
	files, err := unpackChannels(r.data)
	if err != nil {
		return nil, wrap(err, "channels of image %d", image)
	}
	sets, err := q.channelSets(ctx, []int64{r.set})
	if err != nil {
		return nil, err
	}
	out := slices.Clone(sets[r.set])
	for i := range out {
		c := &out[i]
		c.ImageID = image
		if at, found := slices.BinarySearchFunc(files, c.Page, func(p packed, page int) int { return cmp.Compare(p.Page, page) }); found {
			p := files[at]
			c.Key, c.FileName, c.ContentType, c.Size, c.SHA256 = p.Key, p.FileName, p.ContentType, p.Size, p.SHA256
			c.Width, c.Height, c.DType, c.Min, c.Max, c.Sum, c.NonZero = p.Width, p.Height, p.DType, p.Min, p.Max, p.Sum, p.NonZero
		}
	}
	return out, nil
}

// putChannels replaces the channels of an image's TIFF. The name of an extra
// channel of the image is a [ConflictError].
func (t *Tx) putChannels(ctx context.Context, image int64, channels []model.Channel) error {
	channels = slices.SortedStableFunc(slices.Values(channels), func(a, b model.Channel) int { return cmp.Compare(a.Page, b.Page) })
	extra, err := t.extraNames(ctx, []int64{image})
	if err != nil {
		return err
	}
	for _, c := range channels {
		if slices.ContainsFunc(extra[image], func(e model.Channel) bool { return e.Name == c.Name }) {
			return &ConflictError{Field: "channel", Value: c.Name}
		}
	}
	set, err := t.putChannelSet(ctx, channels)
	if err != nil {
		return err
	}
	data, err := PackChannels(channels)
	if err != nil {
		return wrap(err, "pack channels of image %d", image)
	}
	if _, err := t.exec(ctx, "UPDATE images SET channel_set_id = $1 WHERE id = $2", set, image); err != nil {
		return wrap(err, "channels of image %d", image)
	}
	_, err = t.exec(ctx, "INSERT INTO image_channels (image_id, packed) VALUES ($1, $2) ON CONFLICT (image_id) DO UPDATE SET packed = excluded.packed",
		image, data)
	return wrap(err, "channels of image %d", image)
}
