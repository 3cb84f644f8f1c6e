package api

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"io"
	"path"
	"strings"

	"github.com/google/uuid"

	"github.com/openmibi/openmibi/internal/model"
	"github.com/openmibi/openmibi/internal/store"
)

// uploadedChannel is what an upload of a channel answers.
type uploadedChannel struct {
	ImageID int64  `json:"image_id"`
	Channel string `json:"channel"`
}

// uploadChannel is POST /images/{id}/upload_channel/: a grayscale PNG or TIFF
// becomes an extra channel of the image, named like the file.
func (a *API) uploadChannel(ctx context.Context, c *Call, in *byID) (_ *written[uploadedChannel], err error) {
	image, err := c.imageToEdit(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	var name string
	var file, drawn stagedFile
	defer func() { a.unstage(ctx, file, err); a.unstage(ctx, drawn, err) }()
	g, err := c.given(&filePart{name: "attachment", max: a.MaxUpload, take: func(fileName string, r io.Reader) (err error) {
		// The raw name: a channel's name may hold a slash.
		if name = channelName(fileName); name == "" {
			return fieldProblem("attachment", "The file needs a name: it names the channel.")
		}
		if climbs(name) {
			return fieldProblem("attachment", "The channel would be named %s, which as a file's name leads out of its folder.", quote(name))
		}
		file, err = a.stage(ctx, "channels/"+uuid.NewString(), fileName, r, a.MaxUpload)
		return err
	}})
	if err != nil {
		return nil, err
	}
	if file.key == "" {
		g.bad("attachment", "This field is required: a file.")
	}
	if err := g.err(); err != nil {
		return nil, err
	}
	if isSIMS(*image, name) {
		return nil, simsName(name)
	}
	select {
	case a.reading <- struct{}{}:
		defer func() { <-a.reading }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	if err := a.reach(ctx, "channel.reading"); err != nil {
		return nil, err
	}
	p, err := a.pictureOf(ctx, file, *image)
	if err != nil {
		return nil, err
	}
	shown := &file
	if p.redrawn != nil {
		drawn, err = a.stage(ctx, "channels/"+uuid.NewString(), name+".png", bytes.NewReader(p.redrawn), 0)
		if err != nil {
			return nil, err
		}
		shown = &drawn
	}
	out, err := write(ctx, c, func(tx *store.Tx) (made uploadedChannel, err error) {
		if _, err := images.toEdit(ctx, c, tx.Queries, in.ID); err != nil {
			return made, err
		}
		err = tx.PutExtraChannel(ctx, p.channel(in.ID, name, *shown))
		if errors.Is(err, store.ErrConflict) {
			return made, simsName(name) // a TIFF with that channel was published meanwhile
		}
		if err != nil {
			return made, err
		}
		shown.kept = true
		return uploadedChannel{in.ID, name}, tx.Keep(ctx, shown.reserved)
	})
	if err != nil {
		return nil, err
	}
	if shown != &file {
		a.unstage(ctx, file, errReplaced)
	}
	return out, nil
}

// errReplaced is why an uploaded TIFF goes whose values are kept as a PNG.
var errReplaced = errors.New("kept as a PNG")

// channelName is a file's name without its extension.
func channelName(fileName string) string {
	name := strings.TrimSuffix(fileName, path.Ext(fileName))
	if strings.HasSuffix(name, "/") || name == "" {
		name = fileName // ".png" is all name
	}
	return strings.TrimSpace(name)
}

// climbs tells whether a channel's name would lead scripts that save its picture
// under that name to another folder. "A/B" is a name like others.
func climbs(name string) bool {
	for step := range strings.FieldsFuncSeq(name, func(r rune) bool { return r == '/' || r == '\\' }) {
		if step = strings.TrimSpace(step); step == "." || step == ".." {
			return true
		}
	}
	return strings.HasPrefix(name, "/") || strings.HasPrefix(name, `\`)
}

func isSIMS(image model.Image, name string) bool {
	for _, ch := range image.Channels {
		if ch.Kind == model.ChannelSIMS && ch.Name == name {
			return true
		}
	}
	return false
}

func simsName(name string) error {
	return fieldProblem("attachment", "%s is one of the channels of the image's TIFF. Give the file another name.", quote(name))
}

// channel describes the picture as a channel.
func (p picture) channel(image int64, name string, f stagedFile) model.Channel {
	return model.Channel{
		ImageID: image, Name: name, Key: f.key, FileName: name + p.ext, ContentType: p.contentType,
		Size: f.info.Size, SHA256: hex.EncodeToString(f.info.SHA256[:]),
		Width: p.plane.Width(), Height: p.plane.Height(), DType: p.dtype,
		Min: finite(p.stats.Min), Max: finite(p.stats.Max), Sum: finite(p.stats.Sum), NonZero: int64(p.stats.NonZero),
	}
}
