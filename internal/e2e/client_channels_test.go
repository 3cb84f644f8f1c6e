package e2e

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"math"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/openmibi/openmibi/internal/pixels"
	"github.com/openmibi/openmibi/internal/synth"
	"github.com/openmibi/openmibi/internal/tiff"
	"github.com/openmibi/openmibi/mibi"
	"github.com/openmibi/openmibi/mibitiff"
	"github.com/openmibi/openmibi/mibitracker"
)

func TestClientChannels(t *testing.T) {
	t.Parallel()
	// 38 channels: among them names with spaces, commas and slashes.
	f := makeFOV(t, 21, synth.Options{Size: 64, Channels: 38})
	s := newSite(t)
	ctx := t.Context()
	c := s.client(t, alice)
	run := f.createRun(ctx, t, c)
	id := f.imageIn(t, run)
	if names, err := c.Images.Channels(ctx, id); err != nil || len(names) != 0 {
		t.Errorf("before the upload: %q, %v", names, err)
	}
	f.push(ctx, t, c, run)
	var want []string
	for channel := range f.planes {
		want = append(want, channel.Label())
	}
	slices.Sort(want)
	if !slices.Contains(want, "Na/K-ATPase") || !slices.Contains(want, "HLA class 1 A, B, and C") {
		t.Fatalf("the panel has no odd names any more: %q", want)
	}
	got, err := c.Images.Channels(ctx, id)
	slices.Sort(got)
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("%s %v", diff, err)
	}
	for channel, plane := range f.planes {
		stream, err := c.Images.ChannelPlane(ctx, id, channel.Label())
		if err != nil {
			t.Errorf("%s: %v", channel, err)
			continue
		}
		if err := samePicture(stream, plane); err != nil || stream.ContentType != "image/png" || stream.Size <= 0 || stream.ETag == "" {
			t.Errorf("%s: %v, %s of %d bytes", channel, err, stream.ContentType, stream.Size)
		}
		_ = stream.Close()
	}
	for _, name := range []string{"cd3", "CD", "CD3 ", "", "CD3%", "141", "Na/K-ATPase/", "../../openmibi.db", "x\x00y", "\xff", strings.Repeat("x", 3000)} {
		_, err := c.Images.ChannelURL(ctx, id, name)
		var unknown *mibitracker.UnexpectedAnswerError
		if !errors.As(err, &unknown) || !errors.Is(err, mibitracker.ErrNotFound) || !slices.Contains(unknown.Found, "CD3") || len(unknown.Found) != 38 {
			t.Errorf("channel %.50q: %v, want the names that there are", name, err)
		}
		if _, err := c.Images.ChannelPlane(ctx, id, name); !errors.Is(err, mibitracker.ErrNotFound) {
			t.Errorf("channel %.50q: %v", name, err)
		}
	}
	if _, err := c.Images.ChannelURL(ctx, 9999, "CD3"); !errors.Is(err, mibitracker.ErrNotFound) {
		t.Errorf("no image: %v", err)
	}
	addChannel(t, c, id, f)
}

// addChannel puts an extra channel beside those of the TIFF.
func addChannel(t *testing.T, c *mibitracker.Client, id int64, f *fov) {
	t.Helper()
	ctx := t.Context()
	var plane pixels.Plane
	var taken string
	for channel, p := range f.planes {
		plane, taken = p, channel.Label()
	}
	var png bytes.Buffer
	if err := plane.EncodePNG(&png); err != nil {
		t.Fatal(err)
	}
	upload := func(name string, content []byte) error {
		file := mibitracker.FromBytes(name, content)
		return c.JSON(ctx, mibitracker.Request{
			Method: "POST", Route: "/images/" + itoa(id) + "/upload_channel/",
			Body: mibitracker.MultipartBody(mibitracker.Part{Name: "attachment", File: &file, ContentType: "image/png"}),
		}, nil)
	}
	if err := upload("cell boundaries.v2.png", png.Bytes()); err != nil {
		t.Fatal(err)
	}
	refusedField(t, "a name of the TIFF's", upload(taken+".png", png.Bytes()), "attachment", "")
	refusedField(t, "no picture", upload("x.png", []byte("no picture")), "attachment", "")
	refusedField(t, "a cut picture", upload("x.png", png.Bytes()[:png.Len()/2]), "attachment", "")
	image, err := c.Images.Get(ctx, id)
	if err != nil || !slices.Equal(image.ExtraChannels, []string{"cell boundaries.v2"}) || len(image.SIMSChannels) != 38 {
		t.Fatalf("%q, %v", image.ExtraChannels, err)
	}
	stream, err := c.Images.ChannelPlane(ctx, id, "cell boundaries.v2")
	if err != nil {
		t.Fatal(err)
	}
	if got, err := io.ReadAll(stream); err != nil || !bytes.Equal(got, png.Bytes()) {
		t.Errorf("the picture came back as another, %v", err)
	}
	_ = stream.Close()
	if names, err := c.Images.Channels(ctx, id); err != nil || len(names) != 39 {
		t.Errorf("%q, %v", names, err)
	}
}

// A plane of fractions is no PNG: it comes as a TIFF, value for value.
func TestClientFractionalChannel(t *testing.T) {
	t.Parallel()
	made, err := synth.FOV(2, synth.Small())
	if err != nil {
		t.Fatal(err)
	}
	f := newFOV(t)
	samples := make([]float32, 64*64)
	for i := range samples {
		samples[i] = float32(i) / 3
	}
	plane, err := mibitiff.NewPlane(64, 64, samples)
	if err != nil {
		t.Fatal(err)
	}
	var content bytes.Buffer
	channel := mibi.Channel{Mass: 100, Target: "fraction"}
	if err := mibitiff.Write(&content, made.Metadata, []mibi.Channel{channel}, []mibitiff.Plane{plane}); err != nil {
		t.Fatal(err)
	}
	f.tiff, f.channels, f.planes = content.Bytes(), 1, map[mibi.Channel]pixels.Plane{channel: plane}
	f.sha256 = hash(f.tiff)
	s := newSite(t)
	ctx := t.Context()
	c := s.client(t, alice)
	_, image := f.shared(ctx, t, c)
	remote, err := c.Images.Open(ctx, image.ID)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = remote.Close() }()
	if got, err := remote.ReadPlane(ctx, 0); err != nil || !got.Equal(plane) {
		t.Errorf("by ranges: another plane, %v", err)
	}
	stream, err := c.Images.ChannelPlane(ctx, image.ID, "fraction")
	if err != nil || stream.ContentType != "image/tiff" {
		t.Fatalf("%v", err)
	}
	defer func() { _ = stream.Close() }()
	raw, err := io.ReadAll(stream)
	if err != nil {
		t.Fatal(err)
	}
	if got := tiffSamples(t, raw); !slices.Equal(got, samples) {
		t.Error("as a picture: other values")
	}
}

// tiffSamples reads the first page of a TIFF of float32.
func tiffSamples(t *testing.T, content []byte) []float32 {
	t.Helper()
	file, err := tiff.Open(bytes.NewReader(content), int64(len(content)), tiff.Options{})
	if err != nil {
		t.Fatal(err)
	}
	raw := make([]byte, file.Pages[0].Bytes())
	if err := file.ReadPage(t.Context(), 0, raw); err != nil {
		t.Fatal(err)
	}
	samples := make([]float32, len(raw)/4)
	for i := range samples {
		samples[i] = math.Float32frombits(binary.LittleEndian.Uint32(raw[4*i:]))
	}
	return samples
}

func TestClientConjugates(t *testing.T) {
	t.Parallel()
	f := newFOV(t)
	s := newSite(t)
	ctx := t.Context()
	c := s.client(t, alice)
	run := f.createRun(ctx, t, c)
	id := f.imageIn(t, run)
	if none, err := c.Images.Conjugates(ctx, id); err != nil || len(none) != 0 {
		t.Errorf("without a panel: %v, %v", none, err)
	}
	post := func(route string, body any) (id int64) {
		t.Helper()
		var made struct{ ID int64 }
		if err := c.JSON(ctx, mibitracker.Request{Method: "POST", Route: route, Body: mibitracker.JSONBody(body)}, &made); err != nil {
			t.Fatal(err)
		}
		return made.ID
	}
	panel := post("/panels/", map[string]any{"name": "p", "conjugates": []map[string]any{
		{"target": "Calprotectin", "mass": 69, "element": "Ga", "clone": "MAC387", "concentration": 200, "titer": 0.5, "titer_units": "μg/mL", "lot": "1352", "batch_id": 1},
		{"target": "CD3", "mass": 159},
	}})
	section := post("/sections/", map[string]any{"panel": panel, "position": "top"})
	err := c.JSON(ctx, mibitracker.Request{
		Method: http.MethodPut, Route: "/images/" + itoa(id) + "/", Body: mibitracker.JSONBody(map[string]any{"section": section}),
	}, nil)
	if err != nil {
		t.Fatal(err)
	}
	got, err := c.Images.Conjugates(ctx, id)
	if err != nil || len(got) != 2 {
		t.Fatalf("%+v, %v", got, err)
	}
	first, second := got[0], got[1]
	if first.Target != "Calprotectin" || first.Mass != 69 || first.Element != "Ga" || first.Clone != "MAC387" || *first.Concentration != 200 ||
		*first.Titer != 0.5 || first.TiterUnits != "μg/mL" || first.Lot != "1352" || first.BatchID == nil || *first.BatchID != 1 || first.ID == 0 ||
		second.Target != "CD3" || second.Mass != 159 || second.Concentration != nil {
		t.Errorf("%+v", got)
	}
	image, err := c.Images.Get(ctx, id)
	if err != nil || image.Section == nil || image.Section.ID != section || image.FOVSize != nil {
		t.Errorf("%+v, %v", image, err)
	}
	// Conjugates are searched for, too.
	var found mibitracker.Page[mibitracker.Image]
	err = c.JSON(ctx, mibitracker.Request{Route: "/images/search_advanced/", Query: url.Values{"antibodyTarget": {"calPROT"}}}, &found)
	if err != nil || found.Count != 1 || found.Results[0].ID != id {
		t.Errorf("%+v, %v", found, err)
	}
}
