package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/openmibi/openmibi/mibi"
	"github.com/openmibi/openmibi/mibitiff"
)

// joinMetadata has all that a MIBItiff needs, and keys of a user.
func joinMetadata() mibi.Metadata {
	return mibi.Metadata{
		Run: mibi.Text("a <run> & more"), FOVID: mibi.Text("Point1"), FOVName: mibi.Text("β \U0001d6fc"), Folder: mibi.Text("Point1/RowNumber0/Depth_Profile0"),
		Coordinates: mibi.Pair(-241.3, -14967.999999999998), Size: mibi.Float(400), Dwell: mibi.Float(4), Scans: mibi.Text("0,5"), MassOffset: mibi.Int(0),
		MassGain: mibi.Float(0.6), TimeResolution: mibi.Float(0.5), Aperture: mibi.Text("B"), Date: time.Date(2019, 3, 8, 1, 2, 3, 0, time.UTC),
		User: []mibi.UserValue{{Key: "z", Value: mibi.Int(1)}, {Key: "tissue", Value: mibi.Text("the user's own")}, {Key: "date", Value: mibi.Text("no date")}, {Key: "none"}},
	}
}

// joinChannels are of names of any kind, two of which come in the order that
// only the file tells.
func joinChannels() []mibi.Channel {
	return []mibi.Channel{
		{Mass: 2, Target: "cd45"}, {Mass: 1, Target: "CD45"}, {Mass: 3, Target: "a/b"}, {Mass: 4, Target: "a-b"}, {Mass: 5, Target: "CON"}, {Mass: 6},
		{Mass: 7, Target: "../up"}, {Mass: 8, Target: "β: actin?"}, {Mass: 9, Target: strings.Repeat("long ", 100) + "name"}, {Mass: 10, Target: "CD8, CD11c"},
	}
}

func joinPlanes[T uint16 | float32](t *testing.T, n int) []mibitiff.Plane {
	t.Helper()
	var planes []mibitiff.Plane
	for i := range n {
		samples := make([]T, 9*7)
		for at := range samples {
			samples[at] = T(at * at % (17 + i))
		}
		samples[3] += T(3) / 2 // one and a half where there are halves
		plane, err := mibitiff.NewPlane(9, 7, samples)
		if err != nil {
			t.Fatal(err)
		}
		planes = append(planes, plane)
	}
	return planes
}

// wholeImage is a MIBItiff as the library writes it.
func wholeImage(t *testing.T, channels []mibi.Channel, planes []mibitiff.Plane, opts ...mibitiff.WriterOption) []byte {
	t.Helper()
	var content bytes.Buffer
	if err := mibitiff.Write(&content, joinMetadata(), channels, planes, opts...); err != nil {
		t.Fatal(err)
	}
	return content.Bytes()
}

func savePicture(t *testing.T, path string, plane mibitiff.Plane) {
	t.Helper()
	var content bytes.Buffer
	if err := mibitiff.WritePicture(&content, plane); err != nil {
		t.Fatal(err)
	}
	save(t, path, content.Bytes())
}

func save(t *testing.T, path string, content []byte) {
	t.Helper()
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
}

// What info tells of a file and pictures of its channels give the file again,
// byte for byte; so do its channels as MIBItiffs, by themselves.
func TestJoinRoundTrip(t *testing.T) {
	t.Parallel()
	channels := joinChannels()
	labels := make([]string, len(channels))
	for i, c := range channels {
		labels[i] = c.Label()
	}
	sed, err := mibitiff.NewPlane(3, 2, []int16{-1, 2, 3, 4, 5, 6})
	if err != nil {
		t.Fatal(err)
	}
	slide := mibitiff.RGB{Width: 400, Height: 600, Pix: make([]uint8, 3*400*600)}
	for i := range slide.Pix {
		slide.Pix[i] = uint8(i * i)
	}
	meta := joinMetadata()
	meta.Coordinates = mibi.Pair(1, 2) // where the label is in the upper half
	for name, planes := range map[string][]mibitiff.Plane{"uint16": joinPlanes[uint16](t, len(channels)), "float32": joinPlanes[float32](t, len(channels))} {
		dir := t.TempDir()
		at := func(name string) string { return filepath.Join(dir, name) }
		var content bytes.Buffer
		if err := mibitiff.Write(&content, meta, channels, planes, mibitiff.WithSED(sed), mibitiff.WithOptical(slide)); err != nil {
			t.Fatal(err)
		}
		save(t, at("whole.tiff"), content.Bytes())
		info, _ := ran(t, 0, "tiff", "info", at("whole.tiff"), "--json")
		save(t, at("m.json"), []byte(info))
		if err := os.Mkdir(at("pictures"), 0o700); err != nil {
			t.Fatal(err)
		}
		for i, file := range mibi.FileNames(labels) {
			savePicture(t, filepath.Join(at("pictures"), file+".tiff"), planes[i])
		}
		report := printed[joinReport](t, "tiff", "join", at("pictures"), "-o", at("again.tiff"), "--metadata", at("m.json"),
			"--sed", at("whole.tiff"), "--optical", at("whole.tiff"), "--json")
		again, err := os.ReadFile(at("again.tiff"))
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(again, content.Bytes()) {
			t.Errorf("%s: the joined file is another one", name)
		}
		if report.DType != name || len(report.Channels) != len(channels) || len(report.Unused) != 0 || report.Size != int64(len(again)) {
			t.Errorf("%+v", report)
		}

		// As extract writes them, all pages are found by their names.
		ran(t, 0, "tiff", "extract", at("whole.tiff"), "--page", "SIMS", "--page", "SED", "--page", "Optical", "--page", "Label", "--out", at("pages"))
		ran(t, 0, "tiff", "join", at("pages"), "-o", at("pages.tiff"), "--metadata", at("m.json"))
		if pages, err := os.ReadFile(at("pages.tiff")); err != nil || !bytes.Equal(pages, again) {
			t.Errorf("%s: the pages that were extracted make another file, %v", name, err)
		}

		if err := mibitiff.WriteFolder(context.Background(), at("singles"), meta, channels, mibitiff.Planes(planes)); err != nil {
			t.Fatal(err)
		}
		ran(t, 0, "tiff", "join", at("singles"), "-o", at("joined.tiff"), "--sed", at("whole.tiff"), "--optical", at("whole.tiff"))
		a, _ := ran(t, 0, "tiff", "hash", at("joined.tiff"))
		b, _ := ran(t, 0, "tiff", "hash", at("whole.tiff"))
		before, _ := ran(t, 0, "tiff", "info", at("joined.tiff"), "--jq", ".metadata, .date")
		after, _ := ran(t, 0, "tiff", "info", at("whole.tiff"), "--jq", ".metadata, .date")
		if slices.Compare(slices.Sorted(strings.Lines(a)), slices.Sorted(strings.Lines(b))) != 0 || before != after {
			t.Errorf("%s: MIBItiffs of the channels become another image: %s, %s", name, before, after)
		}
	}
}

// Pictures of every type become what the format holds, value for value.
func TestJoinTypes(t *testing.T) {
	t.Parallel()
	picture := func(plane mibitiff.Plane, err error) mibitiff.Plane {
		if err != nil {
			t.Fatal(err)
		}
		return plane
	}
	whole := map[string]mibitiff.Plane{
		"a": picture(mibitiff.NewPlane(2, 1, []uint8{0, 255})), "b": picture(mibitiff.NewPlane(2, 1, []uint16{1, 65535})),
		"c": picture(mibitiff.NewPlane(2, 1, []int32{2, 65535})), "d": picture(mibitiff.NewPlane(2, 1, []int8{3, 127})), "e": picture(mibitiff.NewPlane(2, 1, []uint64{4, 65535})),
	}
	reals := map[string]mibitiff.Plane{"f": picture(mibitiff.NewPlane(2, 1, []float32{1.5, -2})), "g": picture(mibitiff.NewPlane(2, 1, []float64{0.25, 1 << 24}))}
	dir := t.TempDir()
	at := func(parts ...string) string { return filepath.Join(dir, filepath.Join(parts...)) }
	save(t, at("m.json"), []byte(joinKeysJSON+`, "channels": [[1, "a"], [2, "b"], [3, "c"], [4, "d"], [5, "e"], [6, "f"], [7, "g"], [8, "png"], [9, "deep"]]}`))
	for _, sub := range []string{"whole", "reals", "mixed"} {
		if err := os.Mkdir(at(sub), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	for name, plane := range whole {
		savePicture(t, at("whole", name+".tif"), plane)
		savePicture(t, at("mixed", name+".tiff"), plane)
	}
	for name, plane := range reals {
		savePicture(t, at("reals", name+".TIFF"), plane)
		savePicture(t, at("mixed", name+".tiff"), plane)
	}
	for name, samples := range map[string]mibitiff.Plane{"png": whole["a"], "deep": whole["b"]} {
		var content bytes.Buffer
		if err := samples.EncodePNG(&content); err != nil {
			t.Fatal(err)
		}
		save(t, at("whole", name+".png"), content.Bytes())
		whole[name] = samples
	}
	check := func(folder string, dtype mibitiff.DType, want map[string]mibitiff.Plane, flags ...string) {
		t.Helper()
		out := at(folder + dtype.String() + ".tiff")
		ran(t, 0, append([]string{"tiff", "join", at(folder), "-o", out, "--metadata", at("m.json")}, flags...)...)
		file, err := mibitiff.OpenFile(out)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = file.Close() }()
		if len(file.Pages()) != len(want) {
			t.Errorf("%s: %d pages", folder, len(file.Pages()))
		}
		for name, plane := range want {
			page, err := file.Channel(name)
			if err != nil {
				t.Fatal(err)
			}
			got, err := file.ReadPlane(t.Context(), page.Index)
			if err != nil {
				t.Fatal(err)
			}
			if plane, err = plane.Convert(dtype); err != nil || !got.Equal(plane) {
				t.Errorf("%s: %s holds %v, %v", folder, name, got, err)
			}
		}
	}
	check("whole", mibitiff.Uint16, whole)
	check("whole", mibitiff.Float32, whole, "--dtype", "float32")
	check("reals", mibitiff.Float32, reals)
	delete(whole, "png")
	delete(whole, "deep")
	for name, plane := range reals {
		whole[name] = plane
	}
	check("mixed", mibitiff.Float32, whole, "--dtype", "float32")
	for _, flags := range [][]string{nil, {"--dtype", "uint16"}} {
		_, stderr := ran(t, 1, append([]string{"tiff", "join", at("mixed"), "-o", at("none.tiff"), "--metadata", at("m.json")}, flags...)...)
		if !strings.Contains(stderr, filepath.Join("mixed", "g.tiff")) && !strings.Contains(stderr, "f.tiff: column 0, row 0: 1.5 as uint16") {
			t.Errorf("%q", stderr)
		}
	}
	if _, err := os.Stat(at("none.tiff")); err == nil {
		t.Error("a file is left of what was refused")
	}
	entries, err := os.ReadDir(dir)
	if err != nil || slices.ContainsFunc(entries, func(e os.DirEntry) bool { return strings.HasPrefix(e.Name(), ".mibi") }) {
		t.Errorf("half a file is left: %v, %v", entries, err)
	}
}

// joinKeysJSON is metadata without the prefix of the format, to be continued.
const joinKeysJSON = `{"run": "r", "coordinates": [1, 2], "size": 400, "fov_id": "FOV1", "fov_name": "n", "folder": "FOV1", "dwell": 4, "scans": 1,
	"mass_offset": 0, "mass_gain": 0.6, "time_resolution": 0.5, "date": "2019-03-08T01:02:03"`

// The keys of the format are taken in each of their spellings, and what is the
// user's own stays it.
func TestJoinMetadata(t *testing.T) {
	t.Parallel()
	type said struct {
		Keys     string // as JSON
		Date     string
		Channels []mibi.Channel
		Ignored  []string
	}
	for text, want := range map[string]said{
		`{}`: {Keys: "{}"},
		`{"run": "r", "mine": 400.0, "date": "2019-03-08T01:02:03"}`: {Keys: `{"mibi.run":"r","mine":400.0}`, Date: "2019-03-08 01:02:03"},
		// Beside prefixed keys the plain ones are the user's.
		`{"mibi.run": "r", "tissue": "t", "date": null}`:                                                                                                       {Keys: `{"mibi.run":"r","tissue":"t"}`},
		`{"metadata": {"mibi.run": "r", "date": "mine"}, "date": "2019:03:08 01:02:03"}`:                                                                       {Keys: `{"mibi.run":"r","date":"mine"}`, Date: "2019-03-08 01:02:03"},
		`{"metadata": {"size": 1e2}, "extra": 1, "date": "2019-03-08", "pages": []}`:                                                                           {Keys: `{"mibi.size":100.0}`, Date: "2019-03-08 00:00:00", Channels: []mibi.Channel{}, Ignored: []string{"extra"}},
		`{"mibi.run": "r", "metadata": {"a": 1}}`:                                                                                                              {Keys: `{"mibi.run":"r","metadata":{"a":1}}`},
		"\ufeff" + `{"channels": [{"mass": 89, "target": "CD45"}, [90.0, null], {"mass": "91"}]}`:                                                              {Keys: "{}", Channels: []mibi.Channel{{Mass: 89, Target: "CD45"}, {Mass: 90}, {Mass: 91}}},
		`{"pages": [{"type": "SED", "mass": null}], "metadata": {}}`:                                                                                           {Keys: "{}", Channels: []mibi.Channel{}},
		`{"metadata": {}, "pages": [{"type": "SIMS", "mass": 1, "target": "a"}], "conjugates": [{"mass": 2, "target": "CD11"}, {"mass": 2, "target": "CD8"}]}`: {Keys: "{}", Channels: []mibi.Channel{{Mass: 2, Target: "CD8, CD11"}}},
		// What a page's description says of the page is nobody's.
		`{"mibi.run": "r", "image.type": "SIMS", "channel.mass": 1, "channel.target": "a", "shape": [1, 1], "nan": NaN, "channels": 3}`: {Keys: `{"mibi.run":"r","nan":NaN,"channels":3}`},
		`{"date": "2024-06-13T14:00:00+02:00"}`: {Keys: "{}", Date: "2024-06-13 14:00:00"},
	} {
		read, err := parseJoinMetadata([]byte(text))
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		got := said{Channels: read.channels, Ignored: read.ignored}
		if !read.keys.date.IsZero() {
			got.Date = read.keys.date.Format(time.DateTime)
		}
		var keys []string
		for _, one := range read.keys.values {
			if one.Value.IsZero() && strings.HasPrefix(one.Key, "mibi.") {
				continue // as if it were not there
			}
			key, err := json.Marshal(one.Key)
			if err != nil {
				t.Fatal(err)
			}
			keys = append(keys, string(key)+":"+strings.ReplaceAll(one.Value.JSON(), ": ", ":"))
		}
		got.Keys = "{" + strings.Join(keys, ",") + "}"
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: %s", text, diff)
		}
	}
	for text, want := range map[string]string{
		``: "", `[1]`: "", `{"date": "yesterday"}`: "yesterday", `{"channels": [1]}`: "channels[0]", `{"channels": [[0, "a"]]}`: "mass 0",
		`{"channels": [{"target": "a"}]}`: "mass null", `{"channels": [["x", "a"]]}`: `mass "x"`, `{"metadata": {}, "pages": [{"type": "SIMS"}]}`: "pages[0]",
		`{"channels": [{"mass": 89.5}]}`: "89.5", `{"run": "r"`: "", `{"channels": [[1]]}`: "channels[0]",
	} {
		if read, err := parseJoinMetadata([]byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, %v", text, read, err)
		}
	}
}

// A file is a channel's by the name that extract gives it, by the channel's
// own, by that of other tools, and at last whatever the case.
func TestJoinNames(t *testing.T) {
	t.Parallel()
	names := newJoinNames([]mibi.Channel{{Mass: 1, Target: "CD45"}, {Mass: 2, Target: "cd45"}, {Mass: 3, Target: "HLA-A/B"}, {Mass: 4, Target: "x/y"},
		{Mass: 5, Target: "x-y"}, {Mass: 6, Target: `p\q`}, {Mass: 7, Target: "p/q"}, {Mass: 8}, {Mass: 9, Target: "CON"}, {Mass: 10, Target: "Ki67"}, {Mass: 11, Target: "a%b"}, {Mass: 12, Target: "a%25b"}})
	for stem, want := range map[string]int{
		"CD45": 0, "%63%64%34%35": -1, "%63%6445": 1, "cd45": 1, "HLA-A-B%-s": 2, "HLA-A-B": 2, "hla-a-b": 2, "x-y": 4, "x-y%s": 3, "p-q": -1, "p-q%r": 5, "8": 7, "CON": 8, "%43ON": 8,
		"KI67": 9, "Ki-67": -1, "": -1, "a%b": 10, "a%25b": 10, "a%2525b": 11, "%": -1, "Cd45": -1,
	} {
		got, err := names.find(stem)
		if err != nil {
			got = -1
		}
		if got != want {
			t.Errorf("%q is channel %d, want %d: %v", stem, got, want, err)
		}
	}
	if _, err := names.find("Ki-67"); err == nil || !strings.Contains(err.Error(), `nearest: "Ki67"`) {
		t.Errorf("%v", err)
	}
	if _, err := names.find("p-q"); err == nil || !strings.Contains(err.Error(), `"p\\q"`) || !strings.Contains(err.Error(), `"p/q"`) {
		t.Errorf("%v", err)
	}
}

// Whatever a file of metadata holds, it is refused or becomes metadata.
func FuzzJoinMetadata(f *testing.F) {
	for _, text := range []string{`{}`, joinKeysJSON + `, "channels": [[1, "a"], {"mass": "2"}]}`, `{"metadata": {"mibi.run": "r", "k": NaN}, "pages": [{"type": "SED"}], "date": "2019-03-08"}`,
		`{"metadata": {"run": {"a": [1, "\ud83d"]}}, "conjugates": [{"mass": 1, "target": "b"}, {"mass": 1.0, "target": "a"}]}`} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		read, err := parseJoinMetadata(text)
		if err != nil {
			return
		}
		meta, err := read.keys.metadata()
		if err != nil {
			t.Fatalf("%q is read, but is no metadata: %v", text, err)
		}
		if !meta.Date.Equal(read.keys.date) {
			t.Fatalf("%q: date %v", text, meta.Date)
		}
		for _, c := range read.channels {
			if c.Mass <= 0 {
				t.Fatalf("%q: %v", text, c)
			}
		}
		for _, one := range read.keys.values {
			if specifiedKeys()[one.Key] {
				if got, _ := meta.Get(one.Key); got != one.Value {
					t.Fatalf("%q: %s is %s, not %s", text, one.Key, got.JSON(), one.Value.JSON())
				}
			}
		}
		newJoinNames(read.channels)
	})
}

// An interrupt leaves what was there, and nothing else.
func TestJoinInterrupted(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	in, out := filepath.Join(dir, "in"), filepath.Join(dir, "out.tiff")
	if err := os.Mkdir(in, 0o700); err != nil {
		t.Fatal(err)
	}
	savePicture(t, filepath.Join(in, "a.tif"), joinPlanes[uint16](t, 1)[0])
	save(t, filepath.Join(dir, "m.json"), []byte(joinKeysJSON+`, "channels": [[1, "a"]]}`))
	save(t, out, []byte("what was there"))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var stdout, stderr bytes.Buffer
	args := []string{"tiff", "join", in, "-o", out, "--metadata", filepath.Join(dir, "m.json")}
	if code := run(ctx, args, Streams{In: strings.NewReader(""), Out: &stdout, Err: &stderr}); code != exitInterrupted {
		t.Errorf("code %d: %s", code, &stderr)
	}
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 3 {
		t.Errorf("%v, %v", entries, err)
	}
	if content, err := os.ReadFile(out); err != nil || string(content) != "what was there" {
		t.Errorf("%q, %v", content, err)
	}
}
