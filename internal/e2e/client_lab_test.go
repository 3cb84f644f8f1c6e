package e2e

import (
	"bytes"
	"errors"
	"image"
	"image/png"
	"io"
	"maps"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/openmibi/openmibi/mibitracker"
)

// stained is what a lab knows of its samples.
type stained struct {
	project *mibitracker.Project
	tissue  *mibitracker.Tissue
	slide   *mibitracker.Slide
	panel   *mibitracker.Panel
	section *mibitracker.Section
}

// stain makes a section of everything, by the services of the client.
func stain(t *testing.T, c *mibitracker.Client) (s stained) {
	t.Helper()
	ctx := t.Context()
	steps := []func() error{
		func() (err error) {
			s.project, err = c.Projects.Create(ctx, mibitracker.NewProject{Name: "TONIC", Description: "d"})
			return err
		},
		func() (err error) {
			s.tissue, err = c.Tissues.Create(ctx, mibitracker.NewTissue{Organ: "Tonsil", Diagnosis: "Unremarkable"})
			return err
		},
		func() (err error) {
			s.slide, err = c.Slides.Create(ctx, mibitracker.NewSlide{Name: "5", SlideType: "coated", Project: s.project.ID})
			return err
		},
		func() (err error) {
			s.panel, err = c.Panels.Create(ctx, mibitracker.NewPanel{
				Name: "TNBC", ManufactureDate: "2021-10-13", Project: s.project.ID,
				Conjugates: []mibitracker.NewConjugate{{Target: "Calprotectin", Mass: 69, Concentration: new(200.0), ExpirationDate: "2022-10-13"}},
			})
			return err
		},
		func() (err error) {
			s.section, err = c.Sections.Create(ctx, mibitracker.NewSection{
				Position: "top", Block: "b", CutDate: "2022-01-22", Tissue: s.tissue.ID, Slide: s.slide.ID, Panel: s.panel.ID, Project: s.project.ID,
			})
			return err
		},
	}
	for _, step := range steps {
		if err := step(); err != nil {
			t.Fatal(err)
		}
	}
	return s
}

// What the services make they find again, and say the same of.
func TestClientLab(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	ctx := t.Context()
	c := s.client(t, alice)
	made := stain(t, c)
	got, errs := make([]any, 5), make([]error, 5)
	got[0], errs[0] = c.Projects.Get(ctx, made.project.ID)
	got[1], errs[1] = c.Tissues.Get(ctx, made.tissue.ID)
	got[2], errs[2] = c.Panels.Get(ctx, made.panel.ID)
	got[3], errs[3] = c.Sections.Get(ctx, made.section.ID)
	got[4], errs[4] = c.Users.Me(ctx)
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]any{made.project, made.tissue, made.panel, made.section}, got[:4]); diff != "" {
		t.Error(diff)
	}
	if me, ok := got[4].(*mibitracker.User); !ok || me.Email != alice || me.IsAdmin {
		t.Errorf("%+v", got[4])
	}
	slide, err := c.Slides.Get(ctx, made.slide.ID)
	if err != nil || !slices.Equal(slide.Sections, []int64{made.section.ID}) || slide.SlideType != "coated" || slide.Project.ID != made.project.ID {
		t.Errorf("%+v, %v", slide, err)
	}
	section := made.section
	if section.Tissue.Name != "Tonsil  [Unremarkable]" || section.Panel.Name != "TNBC" || section.CutDate != "2022-01-22" || section.Block != "b" {
		t.Errorf("%+v", section)
	}
	if p := made.panel; len(p.Conjugates) != 1 || *p.Conjugates[0].Concentration != 200 || p.Conjugates[0].ExpirationDate != "2022-10-13" || !p.OwnedByUser {
		t.Errorf("%+v", p)
	}
	for aperture, err := range c.Apertures.All(ctx, mibitracker.ListOptions{}) {
		one, failed := c.Apertures.Get(ctx, aperture.ID)
		if err := errors.Join(err, failed); err != nil || one.Code != aperture.Code {
			t.Errorf("%+v, %v", one, err)
		}
	}
	var refused *mibitracker.APIError
	if _, err := c.Tissues.Create(ctx, mibitracker.NewTissue{}); !errors.As(err, &refused) || refused.Fields["organ"] == nil {
		t.Error(err)
	}
	if _, err := c.Instruments.Create(ctx, mibitracker.NewInstrument{Name: "x"}); !errors.Is(err, mibitracker.ErrForbidden) {
		t.Error(err)
	}
	if _, err := c.Sections.Get(ctx, 999); !errors.Is(err, mibitracker.ErrNotFound) {
		t.Error(err)
	}
}

// A run and what is known of its images, copied: one image with an SED image,
// one with nothing.
func TestClientCopy(t *testing.T) {
	t.Parallel()
	f := newFOV(t)
	s := newSite(t)
	ctx := t.Context()
	c := s.client(t, alice)
	lab := stain(t, c)
	run := f.createRun(ctx, t, c)
	first := f.imageIn(t, run)
	var sed bytes.Buffer
	if err := png.Encode(&sed, image.NewGray(image.Rect(0, 0, 8, 8))); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Runs.Update(ctx, run.ID, map[string]any{
		"slides": []int64{lab.slide.ID}, "project": lab.project.ID, "aperture": 2, "fov_size": 400, "description": "old", "run_date": "2019-03-08",
	}); err != nil {
		t.Fatal(err)
	}
	changed, err := c.Images.UpdateWithSED(ctx, first, mibitracker.FromBytes("sed.png", sed.Bytes()), map[string]any{
		"tissue": lab.tissue.ID, "section": lab.section.ID, "fov_size": 500.5, "aperture": "C", "imaging_preset": "Fine", "lens1_voltage": -12.5,
	})
	if err != nil || changed.SED != "sed.png" || changed.Aperture.Code != "C" {
		t.Fatalf("%+v, %v", changed, err)
	}

	pair, err := c.Runs.Copy(ctx, run.Label, "copy of it", map[string]any{"operator": "me"})
	if err != nil {
		t.Fatal(err)
	}
	made := pair.New
	if pair.Old.ID != run.ID || made.ID == run.ID || made.Label != "copy of it" || made.Operator != "me" || made.Description != "old" ||
		*made.FOVSize != 400 || made.Aperture.ID != 2 || made.Project.ID != lab.project.ID || made.RunDate != "2019-03-08" ||
		len(made.Slides) != 1 || made.Slides[0].ID != lab.slide.ID || len(made.ImageSet.Images) != len(run.ImageSet.Images) || made.Filename != run.Filename {
		t.Errorf("%+v", made)
	}
	if _, err := c.Runs.Copy(ctx, run.Label, "copy of it", nil); !errors.Is(err, mibitracker.ErrBadRequest) {
		t.Errorf("a taken label: %v", err)
	}
	copies, err := c.Runs.CopyImages(ctx, run.Label, made.Label, map[string]any{"mass_gain": 0.25})
	if err != nil || len(copies) != len(run.ImageSet.Images) || copies[first] == nil {
		t.Fatalf("%v, %v", slices.Collect(maps.Keys(copies)), err)
	}
	for old, image := range copies {
		if image.Run.ID != made.ID || *image.MassGain != 0.25 || image.Available() {
			t.Errorf("image %d became %+v", old, image)
		}
		if old != first && (image.Tissue != nil || image.SED != "" || image.Section != nil || image.FOVSize != nil) {
			t.Errorf("image %d became %+v", old, image)
		}
	}
	got := copies[first]
	if got.Folder != f.folder || got.Tissue.ID != lab.tissue.ID || got.Section.ID != lab.section.ID || *got.FOVSize != 500.5 ||
		got.Aperture.Code != "C" || *got.ImagingPreset != "Fine" || *got.Lens1Voltage != -12.5 || got.SED != "sed.png" {
		t.Errorf("%+v", got)
	}
	stored, err := c.Files.Open(ctx, got.Run.Path+"/"+got.Folder+"/"+got.SED)
	if err != nil {
		t.Fatal(err)
	}
	if content, err := io.ReadAll(stored); err != nil || !bytes.Equal(content, sed.Bytes()) || stored.Close() != nil {
		t.Errorf("the SED image became another: %d bytes, %v", len(content), err)
	}
	found := 0
	for image, err := range c.Images.Search(ctx, mibitracker.ImageSearch{Tissue: "tonsil", Panel: "tnbc", Mass: 69, Status: []string{"U"}}) {
		if found++; err != nil || image.ID != first && image.ID != got.ID {
			t.Errorf("found %+v, %v", image, err)
		}
	}
	set, err := c.ImageSets.Create(ctx, mibitracker.NewImageSet{Name: "both", Images: []int64{first, got.ID}, Project: lab.project.ID})
	if err != nil || found != 2 || len(set.Images) != 2 {
		t.Errorf("found %d, %+v, %v", found, set, err)
	}
	if err := errors.Join(c.Images.Delete(ctx, got.ID), c.Runs.Delete(ctx, made.ID)); err != nil {
		t.Error(err)
	}
	if left, err := c.Runs.Images(ctx, made.Label); err != nil || len(left) != 0 {
		t.Errorf("%v, %v", left, err)
	}
}

// An image more, and an extra channel of it as it was uploaded.
func TestClientExtraChannel(t *testing.T) {
	t.Parallel()
	f := newFOV(t)
	s := newSite(t)
	ctx := t.Context()
	c := s.client(t, alice)
	run := f.createRun(ctx, t, c)
	one, err := c.Images.Create(ctx, mibitracker.NewImage{Run: run.ID, Folder: "FOV9/R", Frame: new(int64(4)), XCoord: new(0.0), Fields: map[string]any{"depths": "0,5"}})
	if err != nil || one.Number != "FOV9" || *one.Depths != 2 || *one.XCoord != 0 {
		t.Fatalf("%+v, %v", one, err)
	}
	deep := image.NewGray16(image.Rect(0, 0, 4, 4))
	for i := range deep.Pix {
		deep.Pix[i] = uint8(i)
	}
	var file bytes.Buffer
	if err := png.Encode(&file, deep); err != nil {
		t.Fatal(err)
	}
	up, err := c.Uploads.Channel(ctx, one.ID, mibitracker.FromBytes("cells/all.PNG", file.Bytes()))
	if err != nil || up.ImageID != one.ID || up.Channel != "cells/all" {
		t.Fatalf("%+v, %v", up, err)
	}
	plane, err := c.Images.Channel(ctx, one.ID, "cells/all")
	if err != nil || plane.Width() != 4 || len(plane.Uint16s()) != 16 || plane.Uint16s()[1] != 2<<8+3 {
		t.Errorf("%v, %v", plane.Uint16s(), err)
	}
	if _, err := c.Uploads.Channel(ctx, one.ID, mibitracker.FromBytes("x.tiff", []byte("no picture"))); !errors.Is(err, mibitracker.ErrBadRequest) {
		t.Error(err)
	}
}
