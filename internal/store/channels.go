package store

import (
	"context"
	"errors"
	"slices"

	"github.com/openmibi/openmibi/internal/model"
)

// Channels returns all channels of an image with their files and statistics: a
// TIFF's own by page, then the others by name. Images carry the names alone.
func (q *Queries) Channels(ctx context.Context, image int64) (list []model.Channel, err error) {
	err = q.snapshot(ctx, func(q *Queries) error {
		if list, err = q.simsChannels(ctx, image); err != nil {
			return err
		}
		extra, err := byIDs(ctx, q, extraColumns+" WHERE image_id IN (%s) ORDER BY name", []int64{image}, scanExtra)
		list = append(list, extra...)
		return wrap(err, "channels of image %d", image)
	})
	return list, err
}

// Channel returns a channel of an image by its name.
func (q *Queries) Channel(ctx context.Context, image int64, name string) (model.Channel, error) {
	list, err := q.Channels(ctx, image)
	if err != nil {
		return model.Channel{}, err
	}
	if i := slices.IndexFunc(list, func(c model.Channel) bool { return c.Name == name }); i >= 0 {
		return list[i], nil
	}
	return model.Channel{}, ErrNotFound
}

// channelNames loads the channels of images without their files: kind, name,
// mass and page. Images of one set share one list, if they have nothing else.
func (q *Queries) channelNames(ctx context.Context, images []channeled) (map[int64][]model.Channel, error) {
	var more []int64
	for _, image := range images {
		if image.extras {
			more = append(more, image.id)
		}
	}
	members, err := q.channelSets(ctx, distinct(images, func(c channeled) *int64 { return c.set }))
	if err != nil {
		return nil, err
	}
	extra, err := q.extraNames(ctx, more)
	if err != nil {
		return nil, err
	}
	out := make(map[int64][]model.Channel, len(images))
	for _, image := range images {
		if image.set != nil {
			out[image.id] = members[*image.set]
		}
		if image.extras {
			out[image.id] = slices.Concat(out[image.id], extra[image.id])
		}
	}
	return out, nil
}

// channeled is an image with its set of channels, and whether it has others
// beside. An image row reads the two as channelState.
type channeled struct {
	id     int64
	set    *int64
	extras bool
}

const channelState = "channel_set_id, EXISTS (SELECT 1 FROM extra_channels e WHERE e.image_id = i.id)"

const extraColumns = `SELECT id, image_id, name, blob_key, file_name, content_type, size, sha256, width, height, dtype,
	min_value, max_value, sum_value, non_zero FROM extra_channels`

func scanExtra(r scanner) (model.Channel, error) {
	c := model.Channel{Kind: model.ChannelExtra, Page: -1}
	err := r.Scan(&c.ID, &c.ImageID, &c.Name, &c.Key, &c.FileName, &c.ContentType, &c.Size, &c.SHA256, &c.Width, &c.Height, &c.DType,
		&c.Min, &c.Max, &c.Sum, &c.NonZero)
	return c, err
}

func (q *Queries) extraNames(ctx context.Context, ids []int64) (map[int64][]model.Channel, error) {
	list, err := byIDs(ctx, q, "SELECT image_id, name FROM extra_channels WHERE image_id IN (%s) ORDER BY name", ids,
		func(r scanner) (model.Channel, error) {
			c := model.Channel{Kind: model.ChannelExtra, Page: -1}
			return c, r.Scan(&c.ImageID, &c.Name)
		})
	out := make(map[int64][]model.Channel)
	for _, c := range list {
		out[c.ImageID] = append(out[c.ImageID], c)
	}
	return out, wrap(err, "names of extra channels")
}

// PutExtraChannel adds an extra channel, or replaces the extra channel of the
// same name. The name of one of the TIFF's own channels is a [ConflictError].
func (t *Tx) PutExtraChannel(ctx context.Context, c model.Channel) error {
	old, err := t.Channel(ctx, c.ImageID, c.Name)
	if err != nil && !errors.Is(err, ErrNotFound) {
		return wrap(err, "find channel")
	}
	if err == nil && old.Kind == model.ChannelSIMS {
		return &ConflictError{Field: "channel", Value: c.Name}
	}
	if _, err := t.exec(ctx, "DELETE FROM extra_channels WHERE image_id = $1 AND name = $2", c.ImageID, c.Name); err != nil {
		return wrap(err, "replace channel")
	}
	_, err = t.insert(ctx, "extra_channels",
		[]string{"image_id", "name", "blob_key", "file_name", "content_type", "size", "sha256", "width", "height",
			"dtype", "min_value", "max_value", "sum_value", "non_zero"},
		[]any{c.ImageID, c.Name, c.Key, c.FileName, c.ContentType, c.Size, c.SHA256, c.Width, c.Height,
			c.DType, c.Min, c.Max, c.Sum, c.NonZero})
	if err != nil {
		return err
	}
	t.noteChannel(old, c)
	return t.discard(ctx, old.Key)
}
