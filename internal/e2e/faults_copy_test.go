package e2e

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/openmibi/openmibi/internal/faulty"
	"github.com/openmibi/openmibi/mibitracker"
)

// copyRun copies the lab's run to the round's label. Whatever the client says,
// the label stands at most once; afterwards it stands.
func (r *faultRound) copyRun(ctx context.Context) error {
	lab := r.lab
	overrides := map[string]any{"description": "seed " + r.label}
	copied := r.call(ctx, "Runs.Copy", func(ctx context.Context) (failure, wrong error) {
		made, err := r.client.Runs.Copy(ctx, lab.run.Label, r.label, overrides)
		if err != nil {
			return err, nil
		}
		return nil, r.copiedRun(ctx, made.New)
	})
	runs, err := lab.runsOf(ctx, mibitracker.RunFilter{Label: r.label})
	switch {
	case err != nil:
		return err
	case len(runs) > 1, copied && len(runs) != 1:
		r.wrong("%d runs of one label", len(runs))
	case len(runs) == 1:
		// Its answer may be lost: what stands there is whole all the same.
		if err := r.copiedRun(ctx, &runs[0]); err != nil {
			r.wrong("what stands there: %v", err)
		}
	default:
		if _, err := lab.direct.Runs.Copy(ctx, lab.run.Label, r.label, overrides); err != nil {
			return err
		}
	}
	return nil
}

// copiedRun compares a copy with what stands on the server and with its model.
func (r *faultRound) copiedRun(ctx context.Context, got *mibitracker.Run) error {
	there, err := r.lab.direct.Runs.Get(ctx, got.ID)
	if err != nil {
		return err
	}
	old := r.lab.run
	xml, err := r.lab.content(ctx, there.Path+"/"+there.XML)
	var folders []string
	if there.ImageSet != nil {
		for _, image := range there.ImageSet.Images {
			folders = append(folders, image.Folder)
		}
	}
	switch {
	case err != nil:
		return err
	case !bytes.Equal(xml, r.lab.small.xml):
		return fmt.Errorf("the XML has %d bytes of %d", len(xml), len(r.lab.small.xml))
	case got.Label != r.label, there.Label != got.Label, there.Name != old.Name, there.Filename != old.Filename,
		there.Description != "seed "+r.label, there.RunDate != old.RunDate, there.Instrument.ID != old.Instrument.ID:
		return fmt.Errorf("the copy is %+v", there)
	case len(folders) != len(r.lab.images):
		return fmt.Errorf("the copy has the images %q", folders)
	}
	return nil
}

// copyImages copies what is known of the images. An image is copied whole or
// not at all, and what failed can be done again.
func (r *faultRound) copyImages(ctx context.Context) error {
	lab := r.lab
	r.call(ctx, "Runs.CopyImages", func(ctx context.Context) (failure, wrong error) {
		done, err := r.client.Runs.CopyImages(ctx, lab.run.Label, r.label, nil)
		var failed *mibitracker.CopyImagesError
		switch {
		case err == nil && len(done) != len(lab.images):
			wrong = fmt.Errorf("%d images are done", len(done))
		case errors.As(err, &failed):
			if !slices.Equal(slices.Sorted(maps.Keys(failed.Done)), slices.Sorted(maps.Keys(done))) || failed.Done[failed.Image] != nil {
				wrong = fmt.Errorf("the map %v, and the error says: %w", done, failed)
			}
		case err != nil && len(done) != 0:
			wrong = fmt.Errorf("done before it began: %v, %w", done, err)
		}
		for old, made := range done {
			there, err := lab.direct.Images.Get(ctx, made.ID)
			if err != nil {
				return nil, err
			}
			if diff := cmp.Diff(there, made); diff != "" {
				wrong = errors.Join(wrong, fmt.Errorf("image %d is not as the client says: %s", old, diff))
			}
			wrong = errors.Join(wrong, r.copiedImage(ctx, there, false))
		}
		return err, wrong
	})
	images, err := lab.direct.Runs.Images(ctx, r.label)
	if err != nil {
		return err
	}
	for _, image := range images {
		if err := r.copiedImage(ctx, &image, true); err != nil {
			r.wrong("after CopyImages: %v", err)
		}
	}
	done, err := lab.direct.Runs.CopyImages(ctx, lab.run.Label, r.label, nil)
	if err != nil {
		return fmt.Errorf("what failed cannot be done again: %w", err)
	}
	for _, image := range done {
		if err := r.copiedImage(ctx, image, false); err != nil {
			r.wrong("done again: %v", err)
		}
	}
	return nil
}

// copiedImage compares a new image with the old one of its folder.
func (r *faultRound) copiedImage(ctx context.Context, got *mibitracker.Image, untouched bool) error {
	if untouched && got.Tissue == nil && got.SED == "" {
		return nil
	}
	at := slices.IndexFunc(r.lab.images, func(i mibitracker.Image) bool { return i.Folder == got.Folder })
	if at < 0 {
		return fmt.Errorf("folder %q is unknown", got.Folder)
	}
	old := r.lab.images[at]
	switch {
	case got.Tissue == nil || got.Tissue.ID != old.Tissue.ID, got.SED != old.SED,
		got.FOVSize == nil || *got.FOVSize != *old.FOVSize:
		return fmt.Errorf("%s is copied in part: tissue %v, SED %q, size %v", got.Folder, got.Tissue, got.SED, got.FOVSize)
	}
	run := got.Run
	if run == nil {
		return errors.New("the image says no run")
	}
	sed, err := r.lab.content(ctx, run.Path+"/"+got.Folder+"/"+got.SED)
	if err != nil {
		return err
	}
	if !bytes.Equal(sed, r.lab.sed) {
		return fmt.Errorf("%s: the SED has %d bytes of %d", got.Folder, len(sed), len(r.lab.sed))
	}
	return nil
}

// The XML and the SED images that are copied may come broken, and are fetched
// once more.
func TestCopyOfWhatComesBroken(t *testing.T) {
	t.Parallel()
	lab := newFaultLab(t)
	for _, kind := range []faulty.Kind{faulty.TooShort, faulty.TooLong, faulty.Truncated, faulty.ResetBody, faulty.LinkEndsHalfway} {
		t.Run(string(kind), func(t *testing.T) {
			t.Parallel()
			fault := faulty.Fault{Kind: kind, At: 0.5}
			c, proxy := lab.through(t, false, faulty.Script{"GET signed": {fault}})
			r := &faultRound{t: t, lab: lab, label: "broken " + string(kind)}
			copied, err := c.Runs.Copy(t.Context(), lab.run.Label, r.label, map[string]any{"description": "seed " + r.label})
			if err == nil {
				err = r.copiedRun(t.Context(), copied.New)
			}
			if err != nil {
				t.Fatalf("%v\n%s", err, eventLines(proxy.Events()))
			}
			c, proxy = lab.through(t, false, faulty.Script{"GET signed": {fault}})
			done, err := c.Runs.CopyImages(t.Context(), lab.run.Label, r.label, nil)
			if err != nil {
				t.Fatalf("%v\n%s", err, eventLines(proxy.Events()))
			}
			for _, image := range done {
				if err := r.copiedImage(t.Context(), image, false); err != nil {
					t.Error(err)
				}
			}
		})
	}
}
