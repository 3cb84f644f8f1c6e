package mibitrackertest

import (
	"context"
	"errors"
	"fmt"

	"github.com/openmibi/openmibi/mibitracker"
)

// fill puts the lab's objects on the server, as any user would.
func (l *Lab) fill(ctx context.Context, s *settings) error {
	instruments, err := l.Client.Instruments.List(ctx, mibitracker.ListOptions{Limit: 1, Ordering: "id"})
	if err != nil {
		return err
	}
	if len(instruments.Results) == 0 {
		return errors.New("the server has no instrument")
	}
	l.Instrument = &instruments.Results[0]
	if s.empty {
		return nil
	}
	if err := l.fillSection(ctx); err != nil {
		return err
	}
	if err := l.fillRun(ctx, s); err != nil {
		return err
	}
	if err := l.upload(ctx, s); err != nil {
		return err
	}
	if l.Run, err = l.Client.Runs.Get(ctx, l.Run.ID); err != nil {
		return err
	}
	for _, f := range append(l.FOVs[:len(l.FOVs):len(l.FOVs)], l.Pending) {
		if f.Image, err = l.Client.Images.Get(ctx, f.Image.ID); err != nil {
			return err
		}
	}
	return nil
}

// fillSection makes the project, and in it a section with all that it is of.
func (l *Lab) fillSection(ctx context.Context) error {
	var antibodies []mibitracker.NewConjugate
	for _, c := range channels() {
		antibodies = append(antibodies, mibitracker.NewConjugate{Target: c.Target, Mass: c.Mass, Clone: "clone of " + c.Target, Lot: "1352"})
	}
	var err error
	if l.Project, err = l.Client.Projects.Create(ctx, mibitracker.NewProject{Name: "Lab"}); err != nil {
		return err
	}
	if l.Tissue, err = l.Client.Tissues.Create(ctx, mibitracker.NewTissue{Organ: tissueName}); err != nil {
		return err
	}
	if l.Slide, err = l.Client.Slides.Create(ctx, mibitracker.NewSlide{Name: slideName, Project: l.Project.ID}); err != nil {
		return err
	}
	panel := mibitracker.NewPanel{Name: panelName, Project: l.Project.ID, Conjugates: antibodies}
	if l.Panel, err = l.Client.Panels.Create(ctx, panel); err != nil {
		return err
	}
	l.Section, err = l.Client.Sections.Create(ctx, mibitracker.NewSection{
		Position: "top", Tissue: l.Tissue.ID, Slide: l.Slide.ID, Panel: l.Panel.ID, Project: l.Project.ID,
	})
	return err
}

// fillRun makes the run, the files of its FOVs, and the images' section.
func (l *Lab) fillRun(ctx context.Context, s *settings) error {
	l.RunXML = runXML(s.fovs+1, s.edge)
	var err error
	l.Run, err = l.Client.Runs.Create(ctx, mibitracker.NewRun{
		XML: mibitracker.FromBytes(runName+".xml", l.RunXML), Label: runName, Instrument: l.Instrument.ID, Project: l.Project.ID,
		Slides: []int64{l.Slide.ID}, FOVSize: fovSize, Operator: "A. Operator", Description: "a small lab's only run",
	})
	if err != nil {
		return err
	}
	for i, image := range l.Run.ImageSet.Images {
		f, err := newFOV(i+1, s.edge)
		if err != nil {
			return err
		}
		if image.Folder != f.Metadata.Folder.String() {
			return fmt.Errorf("image %d of the run has folder %q, the FOV %q", i+1, image.Folder, f.Metadata.Folder)
		}
		f.Image = &image
		if i == s.fovs {
			l.Pending = f
		} else {
			l.FOVs = append(l.FOVs, f)
		}
		fields := map[string]any{"section": l.Section.ID, "tissue": l.Tissue.ID}
		if _, err := l.Client.Images.Update(ctx, image.ID, fields); err != nil {
			return err
		}
	}
	return nil
}

// upload uploads the TIFFs of all FOVs but the pending one, and what the first
// FOV has besides.
func (l *Lab) upload(ctx context.Context, s *settings) error {
	for _, f := range l.FOVs {
		if _, err := l.Client.Uploads.MIBItiff(ctx, l.Run.ID, mibitracker.FromBytes("fov.tiff", f.TIFF)); err != nil {
			return err
		}
	}
	first, err := l.FOVs[0], error(nil)
	if first.SED, err = sedPicture(s.edge); err != nil {
		return err
	}
	if first.Extra, err = extraPicture(s.edge); err != nil {
		return err
	}
	if _, err := l.Client.Images.UpdateWithSED(ctx, first.Image.ID, mibitracker.FromBytes("sed.png", first.SED), nil); err != nil {
		return err
	}
	if _, err := l.Client.Uploads.Channel(ctx, first.Image.ID, mibitracker.FromBytes("cell boundaries.png", first.Extra)); err != nil {
		return err
	}
	for _, f := range l.FOVs {
		if _, err := l.Client.Images.WaitAvailable(ctx, f.Image.ID, f.SHA256); err != nil {
			return err
		}
	}
	return nil
}
