package api

import (
	"context"
	"errors"
	"io"
	"sync/atomic"
	"unicode"

	"github.com/openmibi/openmibi/internal/blob"
	"github.com/openmibi/openmibi/internal/model"
	"github.com/openmibi/openmibi/internal/store"
	"github.com/openmibi/openmibi/mibitiff"
)

// queued is the answer of the last step of an upload. It is the same however
// often it is asked for.
type queued struct {
	Location string `json:"location"`
	RunID    int64  `json:"run_id"`
	ImageID  int64  `json:"image_id"`
}

func queuedOf(u model.Upload) queued { return queued{u.ID, u.RunID, *u.ImageID} }

// enqueueUpload is POST /upload_mibitiff/: the last step of an upload. It
// checks the file's index against the run and its images, and queues it; the
// samples are looked at later. (Contract: Uploading a MIBItiff.)
func (a *API) enqueueUpload(ctx context.Context, c *Call, _ *none) (*written[queued], error) {
	upload, err := c.uploadToQueue(ctx)
	if err != nil {
		return nil, err
	}
	if upload.JobID != nil {
		return unchanged(ctx, c, queuedOf(upload))
	}
	run, err := c.runForUpload(ctx, upload.RunID)
	if err != nil {
		return nil, err
	}
	source, err := a.sourceOf(ctx, upload)
	if err != nil {
		return nil, err
	}
	image, err := c.imageOf(ctx, *run, source)
	if err != nil {
		return nil, err
	}
	out, err := write(ctx, c, func(tx *store.Tx) (made queued, err error) {
		now, err := tx.Upload(ctx, upload.ID)
		if err != nil {
			return made, err
		}
		if now.JobID == nil && now.Key != upload.Key {
			return made, fieldProblem("location", "The file was uploaded once more meanwhile. Ask again.")
		}
		if now.JobID == nil {
			if _, err := images.toEdit(ctx, c, tx.Queries, image); err != nil {
				return made, err
			}
			if _, err := tx.EnqueueIngest(ctx, upload.ID, image); err != nil {
				return made, err
			}
			if now, err = tx.Upload(ctx, upload.ID); err != nil {
				return made, err
			}
		}
		return queuedOf(now), a.reach(ctx, "enqueue.before-commit")
	})
	if err != nil {
		return nil, err
	}
	return out, a.reach(ctx, "enqueue.after-commit")
}

// uploadToQueue reads the body and finds the caller's upload.
func (c *Call) uploadToQueue(ctx context.Context) (u model.Upload, err error) {
	g, err := c.given(nil)
	if err != nil {
		return u, err
	}
	location := g.filled("location", maxName, true)
	run := g.id("run_id")
	if !run.has() && g.wrong["run_id"] == nil {
		g.bad("run_id", "This field is required.")
	}
	if err := g.err(); err != nil {
		return u, err
	}
	u, err = c.api.Store.Upload(ctx, *location.Value)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return u, err
	}
	switch {
	case err != nil || u.AccountID != c.Account.ID:
		return u, fieldProblem("location", "You have no upload at this location. Ask for a signed URL first.")
	case u.RunID != *run.Value:
		return u, fieldProblem("run_id", "The location was signed for another run.")
	case u.ReceivedAt == nil:
		return u, fieldProblem("location", "Nothing was uploaded to this location yet. PUT the file to the signed URL first.")
	}
	return u, nil
}

// sourceOf reads what the uploaded file says about itself: its index, none of
// its samples.
func (a *API) sourceOf(ctx context.Context, u model.Upload) (s model.Source, err error) {
	o, err := a.Blobs.Open(ctx, u.Key)
	if errors.Is(err, blob.ErrNotFound) {
		return s, fieldProblem("location", "The uploaded file is gone. Upload it again.")
	}
	if err != nil {
		return s, err
	}
	defer func() { err = errors.Join(err, o.Close()) }()
	r := &faultyReader{r: o}
	file, err := mibitiff.Open(r, u.Size, mibitiff.WithMaxPageBytes(model.MaxPageBytes))
	if err != nil && r.failed.Load() {
		return s, err
	}
	if err != nil {
		return s, fieldProblem(nonField, "The uploaded file cannot be used: %v", err)
	}
	meta := file.Metadata()
	s = model.Source{Run: meta.Run.String(), Folder: meta.Folder.String()}
	for _, channel := range file.Channels() {
		s.Channels = append(s.Channels, channel.Label())
	}
	return s, nil
}

// faultyReader tells storage that fails from a file that is broken.
type faultyReader struct {
	r      io.ReaderAt
	failed atomic.Bool
}

func (f *faultyReader) ReadAt(p []byte, off int64) (int, error) {
	n, err := f.r.ReadAt(p, off)
	if err != nil && !errors.Is(err, io.EOF) {
		f.failed.Store(true)
	}
	return n, err
}

// imageOf finds the run's image that a file is of.
func (c *Call) imageOf(ctx context.Context, run model.Run, s model.Source) (int64, error) {
	id, err := c.api.Store.ImageByFolder(ctx, run.ID, s.Folder)
	var image *model.Image
	if err == nil {
		image, err = c.imageToEdit(ctx, id)
	}
	if err != nil && !isNotFound(err) {
		return 0, err
	}
	if err != nil {
		// Its run is looked at first: of another run's file the folder says nothing.
		if err := s.Check(run, s.Folder, nil); err != nil {
			return 0, fieldProblem(nonField, "%s.", sentence(err))
		}
		return 0, fieldProblem(nonField, "The TIFF is of folder %s, and run %s has no such image.", quote(s.Folder), quote(run.Label))
	}
	if err := s.Check(run, image.Folder, image.Channels); err != nil {
		return 0, fieldProblem(nonField, "%s.", sentence(err))
	}
	return id, nil
}

// sentence begins an error's text with a capital letter.
func sentence(err error) string {
	text := []rune(err.Error())
	text[0] = unicode.ToUpper(text[0])
	return string(text)
}
