package e2e

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/openmibi/openmibi/mibitracker"
)

// imageOf is the image of the small FOV in the round's run.
func (r *faultRound) imageOf(ctx context.Context) (*mibitracker.Image, error) {
	images, err := r.lab.direct.Runs.Images(ctx, r.label)
	if err != nil {
		return nil, err
	}
	at := slices.IndexFunc(images, func(i mibitracker.Image) bool { return i.Folder == r.lab.small.folder })
	if at < 0 {
		return nil, errors.New("the image is missing")
	}
	return &images[at], nil
}

// upload pushes a MIBItiff and waits. An upload that failed shows nothing, or
// all of it; afterwards it is there.
func (r *faultRound) upload(ctx context.Context) error {
	image, err := r.imageOf(ctx)
	if err != nil {
		return err
	}
	f := r.lab.small
	sent := r.call(ctx, "Uploads.MIBItiff", func(ctx context.Context) (failure, wrong error) {
		up, err := r.client.Uploads.MIBItiff(ctx, image.Run.ID, f.source())
		if err == nil && up.Location == "" {
			wrong = errors.New("no location")
		}
		return err, wrong
	})
	if sent {
		r.call(ctx, "Images.WaitAvailable", func(ctx context.Context) (failure, wrong error) {
			got, err := r.client.Images.WaitAvailable(ctx, image.ID, f.sha256)
			if err == nil && (!got.Available() || got.TIFFSHA256 != f.sha256 || len(got.SIMSChannels) != f.channels) {
				wrong = fmt.Errorf("waited for %+v", got)
			}
			return err, wrong
		})
	} else {
		got, err := r.lab.direct.Images.Get(ctx, image.ID)
		if err != nil {
			return err
		}
		if got.Failed() || got.TIFFSHA256 != "" && got.TIFFSHA256 != f.sha256 {
			r.wrong("an upload that failed left %+v", got)
		}
		if _, err := r.lab.direct.Uploads.MIBItiff(ctx, image.Run.ID, f.source()); err != nil {
			return err
		}
	}
	wait, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	got, err := r.lab.direct.Images.WaitAvailable(wait, image.ID, f.sha256)
	if err != nil {
		return err
	}
	if len(got.SIMSChannels) != f.channels {
		r.wrong("%d channels of %d", len(got.SIMSChannels), f.channels)
	}
	return nil
}

// uploadChannel adds a channel. It is there once and whole, or not at all.
func (r *faultRound) uploadChannel(ctx context.Context) error {
	image, err := r.imageOf(ctx)
	if err != nil {
		return err
	}
	const name = "cells"
	png := pictureOf(r.t, 64, uint32(r.seed))
	sent := r.call(ctx, "Uploads.Channel", func(ctx context.Context) (failure, wrong error) {
		up, err := r.client.Uploads.Channel(ctx, image.ID, mibitracker.FromBytes(name+".png", png))
		if err == nil && len(up.Answer) > 0 && up.Channel != "" && (up.Channel != name || up.ImageID != image.ID) {
			wrong = fmt.Errorf("the answer is %s", up.Answer)
		}
		return err, wrong
	})
	got, err := r.lab.direct.Images.Get(ctx, image.ID)
	if err != nil {
		return err
	}
	there := slices.Equal(got.ExtraChannels, []string{name})
	switch {
	case !there && (sent || len(got.ExtraChannels) > 0):
		r.wrong("the image has the channels %q", got.ExtraChannels)
	case there:
		plane, err := r.lab.direct.Images.Channel(ctx, image.ID, name)
		if err != nil {
			return err
		}
		if err := samePicture(bytes.NewReader(png), plane); err != nil {
			r.wrong("the channel: %v", err)
		}
	}
	return nil
}
