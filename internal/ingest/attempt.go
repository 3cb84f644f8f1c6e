package ingest

import (
	"context"
	"errors"
	"io"
	"slices"
	"sync/atomic"

	"github.com/openmibi/openmibi/internal/blob"
	"github.com/openmibi/openmibi/internal/model"
	"github.com/openmibi/openmibi/internal/store"
	"github.com/openmibi/openmibi/mibitiff"
)

// attempt does a job's work and reports whether its result is now the image's.
func (g *Ingest) attempt(ctx context.Context, job model.Job) (published bool, err error) {
	if err := g.Hook(ctx, "ingest.taken"); err != nil {
		return false, err
	}
	upload, err := g.Store.Upload(ctx, job.UploadID)
	if err != nil {
		return false, err
	}
	image, err := g.image(ctx, job.ImageID)
	if err != nil {
		return false, err
	}
	staged, err := g.Blobs.Open(ctx, upload.Key)
	if errors.Is(err, blob.ErrNotFound) {
		return false, refuse("the uploaded file is gone from storage; upload it again")
	}
	if err != nil {
		return false, err
	}
	defer func() { err = errors.Join(err, staged.Close()) }()
	if size := staged.Info().Size; size != upload.Size {
		return false, refuse("the stored file has %d bytes, %d were uploaded; upload it again", size, upload.Size)
	}

	r := &reader{r: staged}
	var trace indexTrace
	file, err := mibitiff.Open(r, upload.Size, mibitiff.WithMaxPageBytes(model.MaxPageBytes), mibitiff.WithTrace(trace.add))
	if err != nil {
		return false, r.judge(ctx, err)
	}
	first, err := verify(file, image)
	if err != nil {
		return false, err
	}
	if err := g.Hook(ctx, "ingest.verified"); err != nil {
		return false, err
	}
	index, err := packIndex(r, trace.found())
	if err != nil {
		return false, err
	}
	channels, err := g.derive(ctx, job, file, r)
	if err != nil {
		return false, err
	}
	published, err = g.Store.Publish(ctx, job, store.Publication{
		TIFF:     model.TIFF{Key: upload.Key, Size: upload.Size, SHA256: upload.SHA256, Width: first.Width, Height: first.Height},
		Index:    index,
		Channels: channels,
	}, func() error { return g.Hook(ctx, "publish.before-commit") })
	if store.Settled(err) {
		// An extra channel of that name was added after the check above.
		return false, refuse("the TIFF has a channel that the image has among its extra channels: %v", err)
	}
	if err != nil {
		return false, err
	}
	return published, g.Hook(ctx, "publish.after-commit")
}

func (g *Ingest) image(ctx context.Context, id int64) (model.Image, error) {
	// The queue serves whoever was allowed to enqueue.
	images, err := g.Store.ImagesByID(ctx, store.Viewer{Admin: true}, []int64{id})
	if err != nil {
		return model.Image{}, err
	}
	if len(images) == 0 {
		return model.Image{}, refuse("image %d does not exist any more", id)
	}
	return images[0], nil
}

// verify checks a file against the image that it is for, and returns its first
// SIMS page.
func verify(file *mibitiff.File, image model.Image) (first mibitiff.Page, err error) {
	pages := file.Pages()
	if err := verifySizes(pages); err != nil {
		return first, err
	}
	meta := file.Metadata()
	source := model.Source{Run: meta.Run.String(), Folder: meta.Folder.String()}
	for _, channel := range file.Channels() {
		source.Channels = append(source.Channels, channel.Label())
	}
	if err := source.Check(image.Run, image.Folder, image.Channels); err != nil {
		return first, refuse("%v", err)
	}
	// A MIBItiff has a SIMS page, or it does not open.
	first = pages[slices.IndexFunc(pages, func(p mibitiff.Page) bool { return p.Type == mibitiff.SIMS })]
	return first, nil
}

// verifySizes refuses channels of different sizes: an image has one.
func verifySizes(pages []mibitiff.Page) error {
	var first *mibitiff.Page
	for _, page := range pages {
		switch {
		case page.Type != mibitiff.SIMS:
		case first == nil:
			first = &page
		case page.Width != first.Width || page.Height != first.Height:
			return refuse("channel %s has %d×%d pixels, channel %s has %d×%d",
				page.Channel, page.Width, page.Height, first.Channel, first.Width, first.Height)
		}
	}
	return nil
}

// reader tells storage that fails, which may pass, from a file that is broken.
type reader struct {
	r      io.ReaderAt
	failed atomic.Bool
}

func (r *reader) ReadAt(p []byte, off int64) (int, error) {
	n, err := r.r.ReadAt(p, off)
	if err != nil && !errors.Is(err, io.EOF) {
		r.failed.Store(true)
	}
	return n, err
}

// judge turns an error of the codec into a refusal, unless the codec could not
// do its work.
func (r *reader) judge(ctx context.Context, err error) error {
	if err == nil || r.failed.Load() || ctx.Err() != nil {
		return err
	}
	return refuse("%v", err)
}
