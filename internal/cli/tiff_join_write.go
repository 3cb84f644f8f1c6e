package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"sync"

	"github.com/openmibi/openmibi/mibi"
	"github.com/openmibi/openmibi/mibitiff"
)

// joinReport is what `mibi tiff join --json` prints.
type joinReport struct {
	downloadReport
	DType    string        `json:"dtype"`
	Width    int           `json:"width"` // in pixels
	Height   int           `json:"height"`
	Channels []joinChannel `json:"channels"` // in the file's order
	Unused   []pageName    `json:"unused"`   // channels that are known and have no file
}

// joinChannel is a channel of it.
type joinChannel struct {
	pageName
	File  string `json:"file"`
	DType string `json:"dtype"` // of that file
}

// alike sees to it that the pictures can stand in one image, before any of them
// is decoded.
func (o *tiffJoin) alike() error {
	first := o.channels[0]
	var reals, whole *joinPicture
	for _, p := range o.channels {
		if p.width != first.width || p.height != first.height {
			return fmt.Errorf("%s has %d×%d pixels and %s %d×%d: the channels of an image have one size",
				first.path, first.width, first.height, p.path, p.width, p.height)
		}
		if p.dtype == mibitiff.Float32 || p.dtype == mibitiff.Float64 {
			reals = p
		} else {
			whole = p
		}
	}
	switch {
	case o.dtype == "uint16", o.dtype == "" && reals == nil:
		o.written = mibitiff.Uint16
	case o.dtype == "float32", whole == nil:
		o.written = mibitiff.Float32
	default:
		return fmt.Errorf("%s holds %s and %s %s: the channels of an image have one type; --dtype float32 or uint16 says which, and refuses what it would change",
			whole.path, whole.dtype, reals.path, reals.dtype)
	}
	return nil
}

// write joins the pictures. A few of them are in memory at a time.
func (o *tiffJoin) write(ctx context.Context) (downloadReport, error) {
	channels := make([]mibi.Channel, len(o.channels))
	for i, p := range o.channels {
		channels[i] = p.channel
	}
	var mu sync.Mutex
	var read int64
	each := int64(o.channels[0].width) * int64(o.channels[0].height) * int64(o.written.Size())
	progress := o.g.progress(filepath.Base(o.output))
	defer progress.end()
	progress.update(0, each*int64(len(channels)))
	source := func(ctx context.Context, i int) (mibitiff.Plane, error) {
		plane, err := o.channels[i].read(ctx)
		if err != nil {
			return plane, err
		}
		if plane, err = plane.Convert(o.written); err != nil {
			return plane, fmt.Errorf("%s: %w", o.channels[i].path, err)
		}
		mu.Lock()
		defer mu.Unlock()
		read += each
		progress.update(read, each*int64(len(channels)))
		return plane, nil
	}
	options := []mibitiff.WriterOption{mibitiff.WithDType(o.written)}
	if o.sedPlane != nil {
		options = append(options, mibitiff.WithSED(*o.sedPlane))
	}
	if o.opticalRGB != nil {
		options = append(options, mibitiff.WithOptical(*o.opticalRGB))
	}
	done, err := fillWhole(o.output, func(int64) {}, func(w io.Writer) error {
		return mibitiff.WriteFrom(ctx, w, o.meta, channels, source, options...)
	})
	if errors.Is(err, mibitiff.ErrNoLabel) {
		err = fmt.Errorf("%s: %w", o.optical, err)
	}
	return done, err
}

// tell reports what was joined, and what has no file.
func (o *tiffJoin) tell(dir string, done downloadReport) error {
	report := joinReport{
		downloadReport: done, DType: o.written.String(), Width: o.channels[0].width, Height: o.channels[0].height,
		Channels: []joinChannel{}, Unused: []pageName{},
	}
	for _, p := range o.channels {
		report.Channels = append(report.Channels, joinChannel{nameOfChannel(p.channel), p.path, p.dtype.String()})
	}
	var unused []string
	for _, c := range o.unused {
		report.Unused = append(report.Unused, nameOfChannel(c))
		unused = append(unused, c.String())
	}
	if len(unused) > 0 {
		o.g.note("Without a file in %s: %s.", dir, listed(unused))
	}
	if o.g.json {
		return o.g.printJSON(report)
	}
	o.g.note("Wrote %s: %d channels of %d×%d pixels, %s (%d bytes).", done.Path, len(o.channels), report.Width, report.Height, report.DType, done.Size)
	return nil
}
