package mibitracker

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"net/url"
	"strings"
	"time"
)

// ImagesService is Client.Images.
type ImagesService service

// ImageFilter chooses images; zero fields choose all.
type ImageFilter struct {
	ListOptions
	Run               int64 // id
	RunLabel, RunName string
	Number            string // "Point4"
	Folder            string
	Point             string // the operator's name
	Project           int64  // id
	Status            string // a code
}

func (f ImageFilter) query() url.Values {
	q := f.ListOptions.query()
	setInt(q, "run", f.Run)
	setText(q, "run__label", f.RunLabel)
	setText(q, "run__name", f.RunName)
	setText(q, "number", f.Number)
	setText(q, "folder", f.Folder)
	setText(q, "point", f.Point)
	setInt(q, "project", f.Project)
	setText(q, "status", f.Status)
	return q
}

// List gives one page of images, newest first.
//
//mibi:route GET /images/
func (s *ImagesService) List(ctx context.Context, f ImageFilter) (*Page[Image], error) {
	return list[Image](ctx, s.client, "/images/", f.query())
}

// All walks all images of a filter. It ends after the first error.
//
//mibi:route GET /images/
func (s *ImagesService) All(ctx context.Context, f ImageFilter) iter.Seq2[Image, error] {
	return every[Image](ctx, s.client, "/images/", f.query())
}

// Get gives an image by its id.
//
//mibi:route GET /images/{id}/
func (s *ImagesService) Get(ctx context.Context, id int64) (*Image, error) {
	return object[Image](ctx, s.client, Request{Route: imageRoute(id)})
}

// ByRunAndFOV gives the one image of a run's label and an FOV's number, such
// as "Point4"; if the label has none, of the run's name, and the logger is
// told. None or several is an *UnexpectedAnswerError, which lists them.
//
//mibi:route GET /images/
func (s *ImagesService) ByRunAndFOV(ctx context.Context, run, fov string) (*Image, error) {
	images, err := whole[Image](ctx, s.client, "/images/", ImageFilter{RunLabel: run, Number: fov}.query())
	if err == nil && len(images) == 0 {
		s.client.log.WarnContext(ctx, "no image of this run label, looking for the run's name", "run", run, "fov", fov)
		images, err = whole[Image](ctx, s.client, "/images/", ImageFilter{RunName: run, Number: fov}.query())
	}
	if err != nil {
		return nil, err
	}
	return only(images, fmt.Sprintf("image of run %q and FOV %q", run, fov), (*Image).known)
}

// Channels gives the names of an image's viewable channels.
//
//mibi:route GET /images/{id}/channelnames/
func (s *ImagesService) Channels(ctx context.Context, id int64) ([]string, error) {
	var names []string
	err := s.client.JSON(ctx, Request{Route: fmt.Sprintf("/images/%d/channelnames/", id)}, &names)
	return names, err
}

// Conjugates gives the antibodies of the panel of the image's section; none
// without a section or panel.
//
//mibi:route GET /images/{id}/conjugates/
func (s *ImagesService) Conjugates(ctx context.Context, id int64) ([]Conjugate, error) {
	return whole[Conjugate](ctx, s.client, fmt.Sprintf("/images/%d/conjugates/", id), url.Values{})
}

// ChannelURL gives a signed, short-lived URL of one channel's pixels, a
// grayscale PNG or TIFF. An unknown channel is an *UnexpectedAnswerError,
// which lists the image's channels; it is ErrNotFound too.
//
//mibi:route GET /images/{id}/channel_url/
func (s *ImagesService) ChannelURL(ctx context.Context, id int64, channel string) (string, error) {
	signed, err := s.client.signedURL(ctx, fmt.Sprintf("/images/%d/channel_url/", id), query("channel", channel))
	if errors.Is(err, ErrNotFound) {
		// The names help a person; the error stands without them.
		names, _ := s.Channels(ctx, id)
		return "", &UnexpectedAnswerError{
			Reason: fmt.Sprintf("image %d has no channel %q", id, channel), Found: names, Err: err,
		}
	}
	return signed, err
}

// ChannelPlane streams the file that ChannelURL names: a grayscale PNG, or a
// TIFF where a PNG cannot hold the values. The caller closes it.
//
//mibi:route GET /images/{id}/channel_url/
func (s *ImagesService) ChannelPlane(ctx context.Context, id int64, channel string) (*Stream, error) {
	return s.client.openStream(ctx, func(ctx context.Context) (string, error) {
		return s.ChannelURL(ctx, id, channel)
	})
}

// WaitAvailable waits until an uploaded TIFF is processed: the image is
// available, and its TIFF has this SHA-256 (hexadecimal; empty for any, and
// any will do on a backend that names no hash). A failure to process is a
// *ProcessingError. It asks at growing intervals and has no limit of time but
// the context's.
//
//mibi:route GET /images/{id}/
func (s *ImagesService) WaitAvailable(ctx context.Context, id int64, sha256 string) (*Image, error) {
	return s.WaitAvailableUnless(ctx, id, sha256, func(*Image) error { return nil })
}

// WaitAvailableUnless is WaitAvailable that unless may end: it is shown the image
// each time that it is not yet what is waited for, and an error of it is given
// as it is.
//
//mibi:route GET /images/{id}/
func (s *ImagesService) WaitAvailableUnless(ctx context.Context, id int64, sha256 string, unless func(*Image) error) (*Image, error) {
	for wait := 50 * time.Millisecond; ; wait = min(wait*3/2, 5*time.Second) {
		image, err := s.Get(ctx, id)
		switch {
		case err != nil:
			return nil, err
		case image.Available() && sha256 != "" && strings.EqualFold(image.TIFFSHA256, sha256):
			return image, nil
		case image.Failed():
			return nil, &ProcessingError{Image: id, Reason: image.ProcessingError}
		case image.Available() && (sha256 == "" || image.TIFFSHA256 == ""):
			return image, nil
		}
		if err := unless(image); err != nil {
			return nil, err
		}
		timer := time.NewTimer(wait)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return nil, fmt.Errorf("waiting for image %d (status %v): %w", id, image.Status, context.Cause(ctx))
		}
	}
}
