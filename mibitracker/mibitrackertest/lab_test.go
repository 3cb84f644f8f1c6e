package mibitrackertest_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"path"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/openmibi/openmibi/mibi"
	"github.com/openmibi/openmibi/mibitiff"
	"github.com/openmibi/openmibi/mibitracker"
	"github.com/openmibi/openmibi/mibitracker/mibitrackertest"
)

// readFile reads a whole file of the server.
func readFile(ctx context.Context, t *testing.T, c *mibitracker.Client, name string) []byte {
	t.Helper()
	stream, err := c.Files.Open(ctx, name)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	defer func() { _ = stream.Close() }()
	content, err := io.ReadAll(stream)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return content
}

// sameFOV compares an FOV's image on the server with what the lab says of it.
func sameFOV(ctx context.Context, t *testing.T, c *mibitracker.Client, f *mibitrackertest.FOV) {
	t.Helper()
	remote, err := c.Images.Open(ctx, f.Image.ID)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = remote.Close() }()
	if diff := cmp.Diff(f.Channels, remote.Channels()); diff != "" {
		t.Errorf("image %d has other channels: %s", f.Image.ID, diff)
	}
	if diff := cmp.Diff(f.Metadata, remote.Metadata(), cmp.Comparer(func(a, b mibi.Value) bool { return a == b }), cmpopts.IgnoreFields(mibi.Metadata{}, "Version")); diff != "" {
		t.Errorf("image %d has other metadata: %s", f.Image.ID, diff)
	}
	for i, channel := range f.Channels {
		page, err := remote.Channel(channel.Label())
		if err != nil {
			t.Fatal(err)
		}
		plane, err := remote.ReadPlane(ctx, page.Index)
		if err != nil || !plane.Equal(f.Planes[i]) || plane.Stats().NonZero == 0 {
			t.Errorf("image %d, channel %s: another plane, %v", f.Image.ID, channel, err)
		}
		if named, ok := f.Plane(channel.Label()); !ok || !named.Equal(plane) {
			t.Errorf("the FOV's plane %s is another", channel)
		}
	}
	where, err := remote.Image.TIFFPath()
	if err != nil {
		t.Fatal(err)
	}
	if got := readFile(ctx, t, c, where); !bytes.Equal(got, f.TIFF) || remote.Image.TIFFSHA256 != f.SHA256 {
		t.Errorf("image %d has another TIFF", f.Image.ID)
	}
}

func TestFOVs(t *testing.T) {
	t.Parallel()
	lab, ctx := mibitrackertest.Start(t), t.Context()
	if len(lab.FOVs) != 2 {
		t.Fatalf("%d FOVs", len(lab.FOVs))
	}
	for i, f := range lab.FOVs {
		if !f.Image.Available() || f.Planes[0].Width() != 32 || len(f.Channels) != 5 || (f.SED != nil) != (i == 0) || (f.Extra != nil) != (i == 0) {
			t.Errorf("FOV %d: %+v", i, f.Image)
		}
		sameFOV(ctx, t, lab.Client, f)
		now, err := lab.Client.Images.Get(ctx, f.Image.ID)
		if diff := cmp.Diff(f.Image, now); diff != "" || err != nil {
			t.Errorf("the server says something else of image %d: %s %v", f.Image.ID, diff, err)
		}
	}
	if lab.FOVs[0].Planes[0].Equal(lab.FOVs[1].Planes[0]) || lab.FOVs[0].Planes[0].Equal(lab.FOVs[0].Planes[1]) {
		t.Error("two planes are alike")
	}
	if _, ok := lab.FOVs[0].Plane("none"); ok {
		t.Error("there is a channel that there is not")
	}
}

func TestPending(t *testing.T) {
	t.Parallel()
	lab, ctx := mibitrackertest.Start(t), t.Context()
	id := lab.Pending.Image.ID
	if !slices.Equal(lab.Pending.Image.Status, []string{"U"}) || lab.Pending.Image.TIFFSize != nil {
		t.Errorf("%+v", lab.Pending.Image)
	}
	if _, err := lab.Client.Images.Open(ctx, id); !errors.Is(err, mibitracker.ErrNotFound) {
		t.Errorf("it has a TIFF: %v", err)
	}
	if _, err := lab.Client.Uploads.MIBItiff(ctx, lab.Run.ID, mibitracker.FromBytes("fov.tiff", lab.Pending.TIFF)); err != nil {
		t.Fatal(err)
	}
	image, err := lab.Client.Images.WaitAvailable(ctx, id, lab.Pending.SHA256)
	if err != nil || !image.Available() {
		t.Fatalf("%+v, %v", image, err)
	}
	sameFOV(ctx, t, lab.Client, lab.Pending)
}

// The SED image and the extra channel come back as they were sent.
func TestFilesBesides(t *testing.T) {
	t.Parallel()
	lab, ctx := mibitrackertest.Start(t, mibitrackertest.WithSize(20)), t.Context()
	first := lab.FOVs[0]
	if got := readFile(ctx, t, lab.Client, path.Join(lab.Run.Path, first.Image.Folder, first.Image.SED)); !bytes.Equal(got, first.SED) {
		t.Errorf("another SED image: %d bytes", len(got))
	}
	if len(first.Image.ExtraChannels) != 1 {
		t.Fatalf("extra channels: %q", first.Image.ExtraChannels)
	}
	stream, err := lab.Client.Images.ChannelPlane(ctx, first.Image.ID, first.Image.ExtraChannels[0])
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = stream.Close() }()
	if got, err := io.ReadAll(stream); err != nil || !bytes.Equal(got, first.Extra) {
		t.Errorf("another extra channel: %d bytes, %v", len(got), err)
	}
	if got := readFile(ctx, t, lab.Client, path.Join(lab.Run.Path, lab.Run.XML)); !bytes.Equal(got, lab.RunXML) {
		t.Errorf("another run XML: %s", got)
	}
}

func TestSectionAndConjugates(t *testing.T) {
	t.Parallel()
	lab, ctx := mibitrackertest.Start(t), t.Context()
	stained := map[string]float64{}
	for _, c := range lab.Panel.Conjugates {
		stained[c.Target] = c.Mass
	}
	if len(stained) != 5 {
		t.Fatalf("%d conjugates", len(stained))
	}
	for _, image := range append(slices.Clone(lab.FOVs), lab.Pending) {
		got, err := lab.Client.Images.Conjugates(ctx, image.Image.ID)
		if diff := cmp.Diff(lab.Panel.Conjugates, got); diff != "" || err != nil {
			t.Errorf("conjugates of image %d: %s, %v", image.Image.ID, diff, err)
		}
		for _, c := range image.Channels {
			if stained[c.Target] != float64(c.Mass) {
				t.Errorf("channel %s has no conjugate in %v", c, stained)
			}
		}
		section := image.Image.Section
		if section == nil || section.ID != lab.Section.ID || image.Image.Tissue == nil || image.Image.Tissue.ID != lab.Tissue.ID {
			t.Errorf("image %d: section %+v, tissue %+v", image.Image.ID, section, image.Image.Tissue)
		}
	}
	if s := lab.Section; s.Slide == nil || s.Slide.ID != lab.Slide.ID || s.Panel == nil || s.Panel.ID != lab.Panel.ID ||
		s.Tissue == nil || s.Tissue.ID != lab.Tissue.ID || s.Project == nil || s.Project.ID != lab.Project.ID {
		t.Errorf("%+v", s)
	}
}

func TestRun(t *testing.T) {
	t.Parallel()
	lab, ctx := mibitrackertest.Start(t, mibitrackertest.WithFOVs(3), mibitrackertest.WithSize(1)), t.Context()
	run, err := lab.Client.Runs.ByLabel(ctx, lab.Run.Label)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(lab.Run, run); diff != "" {
		t.Errorf("the server says something else of the run: %s", diff)
	}
	if run.Project == nil || run.Project.ID != lab.Project.ID || run.Instrument == nil || run.Instrument.ID != lab.Instrument.ID ||
		len(run.Slides) != 1 || run.Slides[0].ID != lab.Slide.ID {
		t.Errorf("%+v", run)
	}
	fovs := append(slices.Clone(lab.FOVs), lab.Pending)
	if len(lab.FOVs) != 3 || len(run.ImageSet.Images) != 4 {
		t.Fatalf("%d FOVs, %d images", len(lab.FOVs), len(run.ImageSet.Images))
	}
	for i, f := range fovs {
		listed := run.ImageSet.Images[i]
		if listed.ID != f.Image.ID || listed.Folder != f.Metadata.Folder.String() || listed.Point != f.Metadata.FOVName.String() ||
			listed.Available() != (f != lab.Pending) || !strings.HasPrefix(listed.Folder, f.Metadata.FOVID.String()+"/") {
			t.Errorf("image %d of the run is %+v", i, listed)
		}
	}
}

// A lab is ready, however long the server works on its FOVs.
func TestNothingIsUnderWay(t *testing.T) {
	t.Parallel()
	lab := mibitrackertest.Start(t, mibitrackertest.WithFOVs(1), mibitrackertest.WithSize(1024))
	for _, f := range lab.FOVs {
		if !f.Image.Available() || len(f.Image.SIMSChannels) != 5 {
			t.Errorf("image %d is not ready: %v, channels %q", f.Image.ID, f.Image.Status, f.Image.SIMSChannels)
		}
	}
}

// What is made is the same everywhere and always: users compare with it.
func TestContentIsPinned(t *testing.T) {
	t.Parallel()
	lab := mibitrackertest.Start(t)
	plane, ok := lab.FOVs[1].Plane("CD45")
	if stats := plane.Stats(); !ok || stats.Sum != 638 || stats.Max != 4 || stats.NonZero != 261 || plane.DType() != mibitiff.Uint16 {
		t.Errorf("CD45 of the second FOV: %+v", stats)
	}
	var names []string
	for _, c := range lab.Pending.Channels {
		names = append(names, c.String())
	}
	want := []string{"CD3 (159)", "CD45 (141)", "dsDNA (89)", "HLA class 1 A, B, and C (162)", "Na/K-ATPase (176)"}
	if diff := cmp.Diff(want, names); diff != "" {
		t.Error(diff)
	}
}
