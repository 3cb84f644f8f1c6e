package mibitracker

import (
	"context"
	"fmt"
	"path"

	"github.com/openmibi/openmibi/mibitiff"
)

// tiffName is a MIBItiff's name in its image's folder ("Files in storage").
const tiffName = "summed_image.tiff"

// RemoteImage is an image's MIBItiff in storage, open as if it lay here: its
// index is read, and a channel's pixels come when ReadPlane asks for them.
type RemoteImage struct {
	*mibitiff.File
	// Image is what the API says of it.
	Image *Image
	// Storage is the file underneath.
	Storage *RemoteFile
}

// Close ends what is being read.
func (r *RemoteImage) Close() error { return r.Storage.Close() }

// TIFFPath is the path in storage of the image's MIBItiff; an error where the
// image does not say its run's path, as inside a run's image set.
func (i *Image) TIFFPath() (string, error) {
	if i.Run == nil || i.Run.Path == "" || i.Folder == "" {
		return "", &UnexpectedAnswerError{Reason: fmt.Sprintf("image %d does not say where its files lie", i.ID)}
	}
	return path.Join(i.Run.Path, i.Folder, tiffName), nil
}

// Open opens the image's MIBItiff over ranges, without downloading it: the
// index is read now, unless the server has handed it out with the signed URL,
// and a channel's pixels, by one request each, when ReadPlane asks for them. An
// image without a TIFF is ErrNotFound; storage that serves no ranges is
// ErrNoRanges. The context holds until the image is closed.
//
//mibi:route GET /images/{id}/
//mibi:route GET /download/
func (s *ImagesService) Open(ctx context.Context, id int64) (*RemoteImage, error) {
	image, err := s.Get(ctx, id)
	if err != nil {
		return nil, err
	}
	where, err := image.TIFFPath()
	if err != nil {
		return nil, err
	}
	remote, err := s.client.Files.OpenAt(ctx, where)
	if err != nil {
		return nil, fmt.Errorf("opening the TIFF of image %d: %w", id, err)
	}
	// How much to read ahead is the remote file's to know.
	file, err := mibitiff.Open(remote, remote.Size(), mibitiff.WithReadAhead(1))
	if err != nil {
		_ = remote.Close()
		return nil, fmt.Errorf("opening the TIFF of image %d: %w", id, err)
	}
	return &RemoteImage{File: file, Image: image, Storage: remote}, nil
}
