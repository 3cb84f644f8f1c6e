package cli

import (
	"bytes"
	"image"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/openmibi/openmibi/mibi"
	"github.com/openmibi/openmibi/mibitiff"
)

// A join that cannot be made says which file stands in its way, and writes
// nothing.
func TestJoinRefuses(t *testing.T) {
	t.Parallel()
	plane, err := mibitiff.NewPlane(2, 1, []uint16{1, 2})
	if err != nil {
		t.Fatal(err)
	}
	other, err := mibitiff.NewPlane(1, 2, []uint16{1, 2})
	if err != nil {
		t.Fatal(err)
	}
	var small, turned bytes.Buffer
	if err := mibitiff.WritePicture(&small, plane); err != nil {
		t.Fatal(err)
	}
	if err := mibitiff.WritePicture(&turned, other); err != nil {
		t.Fatal(err)
	}
	var colour bytes.Buffer
	if err := png.Encode(&colour, image.NewRGBA(image.Rect(0, 0, 2, 1))); err != nil {
		t.Fatal(err)
	}
	opaque := image.NewRGBA(image.Rect(0, 0, 2, 1))
	copy(opaque.Pix, []uint8{1, 2, 3, 255, 4, 5, 6, 255})
	var slide bytes.Buffer
	if err := png.Encode(&slide, opaque); err != nil {
		t.Fatal(err)
	}
	ours := wholeImage(t, []mibi.Channel{{Mass: 1, Target: "a"}}, []mibitiff.Plane{plane})
	otherMeta := joinMetadata()
	otherMeta.Slide = mibi.Int(9)
	var theirs bytes.Buffer
	if err := mibitiff.Write(&theirs, otherMeta, []mibi.Channel{{Mass: 2, Target: "b"}}, []mibitiff.Plane{plane}); err != nil {
		t.Fatal(err)
	}
	good := joinKeysJSON + `, "channels": [[1, "a"], [2, "b"]]}`
	picture := small.String()
	for name, c := range map[string]struct {
		files map[string]string // in the folder, but for those that begin with ../
		flags []string          // besides --metadata ../m.json
		code  int
		says  []string
	}{
		"nothing":          {map[string]string{"readme.txt": "a", ".a.tif": picture, "sub/a.tif": picture}, nil, 1, []string{"holds no images to join"}},
		"a file":           {nil, nil, 5, []string{"no such file"}},
		"one name twice":   {map[string]string{"a.tif": picture, "a.tiff": picture}, nil, 1, []string{"a.tif is channel a (1)", "a.tiff is channel a (1)"}},
		"sizes":            {map[string]string{"a.tif": picture, "b.tif": turned.String()}, nil, 1, []string{"a.tif has 2×1 pixels and", "b.tif 1×2"}},
		"colour":           {map[string]string{"a.png": colour.String()}, nil, 1, []string{"a.png: unsupported operation", "grayscale"}},
		"several broken":   {map[string]string{"a.tif": "II", "b.tif": picture[:40], "c.png": "x"}, nil, 1, []string{"a.tif: ", "b.tif: ", "c.png: "}},
		"cut samples":      {map[string]string{"a.tif": picture[:len(picture)-10]}, nil, 1, []string{"a.tif: "}},
		"no mass":          {map[string]string{"aa.tif": picture, "xy.tif": picture}, nil, 1, []string{`aa.tif: DIR/m.json has no channel "aa"; nearest: "a"`, `xy.tif: DIR/m.json has no channel "xy"; there are: "a", "b"`}},
		"no list":          {map[string]string{"a.tif": picture, "b.tif": picture, "../m.json": joinKeysJSON + "}"}, nil, 1, []string{"nothing says the masses of", "a.tif", "b.tif", "--panel"}},
		"metadata":         {map[string]string{"a.tif": picture, "q.tif": picture, "../m.json": `{"run": "r", "channels": [[1, "a"]]}`}, nil, 1, []string{"lacks coordinates, size, fov_id, fov_name, folder, dwell, scans, mass_offset, mass_gain, time_resolution, date", `has no channel "q"`}},
		"no JSON":          {map[string]string{"a.tif": picture, "../m.json": "{"}, nil, 1, []string{"m.json: "}},
		"no such JSON":     {map[string]string{"a.tif": picture}, []string{"--metadata", "DIR/none.json"}, 5, []string{"none.json"}},
		"no such panel":    {map[string]string{"a.tif": picture}, []string{"--panel", "DIR/none.csv"}, 5, []string{"none.csv"}},
		"no panel":         {map[string]string{"a.tif": picture, "../p.csv": "a,b\n"}, []string{"--panel", "DIR/p.csv"}, 1, []string{"p.csv: "}},
		"no XML":           {map[string]string{"a.tif": picture, "../r.xml": "<a/>"}, []string{"--xml", "DIR/r.xml"}, 1, []string{"r.xml: "}},
		"no such SED":      {map[string]string{"a.tif": picture}, []string{"--sed", "DIR/none.tif"}, 5, []string{"none.tif"}},
		"SED of colours":   {map[string]string{"a.tif": picture, "../s.png": colour.String()}, []string{"--sed", "DIR/s.png"}, 1, []string{"s.png: "}},
		"SED of none":      {map[string]string{"a.tif": picture, "../s.tiff": string(ours)}, []string{"--sed", "DIR/s.tiff"}, 1, []string{"s.tiff: the MIBItiff has no SED page"}},
		"gray slide":       {map[string]string{"a.tif": picture, "../o.tif": picture}, []string{"--optical", "DIR/o.tif"}, 1, []string{"o.tif: ", "not RGB of 8 bits"}},
		"small slide":      {map[string]string{"a.tif": picture, "../o.png": slide.String()}, []string{"--optical", "DIR/o.png"}, 1, []string{"o.png: ", "label"}},
		"into the folder":  {map[string]string{"a.tif": picture, "b.tif": picture}, []string{"-o", "DIR/in/b.tif"}, 2, []string{"b.tif is one of the images"}},
		"onto the JSON":    {map[string]string{"a.tif": picture}, []string{"-o", "DIR/m.json"}, 2, []string{"m.json is one of the files to be read"}},
		"onto a folder":    {map[string]string{"a.tif": picture}, []string{"-o", "DIR/in"}, 2, []string{"is no file"}},
		"no folder for it": {map[string]string{"a.tif": picture}, []string{"-o", "DIR/none/o.tiff"}, 1, []string{"o.tiff"}},
		"field":            {map[string]string{"a.tif": picture}, []string{"-f", "date=soon"}, 2, []string{"-f date", "soon"}},
		"field twice":      {map[string]string{"a.tif": picture}, []string{"-f", "a=1", "-f", "a=2"}, 2, []string{"given twice"}},
		"type":             {map[string]string{"a.tif": picture}, []string{"--dtype", "uint8"}, 2, []string{"uint8"}},
		"FOV alone":        {map[string]string{"a.tif": picture}, []string{"--fov", "Point1"}, 2, []string{"--fov goes with --xml"}},
		"different images": {map[string]string{"a.tif": string(ours), "b.tif": theirs.String()}, []string{"no metadata"}, 1, []string{"a.tif and", "b.tif are of different images: their mibi.slide differs"}},
		"channel twice":    {map[string]string{"x.tif": string(ours), "y.tif": string(ours)}, []string{"no metadata"}, 1, []string{"x.tif is channel a (1)", "y.tif is channel a (1)"}},
		"folder and id":    {map[string]string{"a.tif": picture}, []string{"-f", "fov_id=FOV2"}, 1, []string{"FOV2"}},
		"terminal":         {map[string]string{"a.tif": picture}, []string{"--metadata", "DIR/\x1b[31m.json"}, 5, []string{`\x1b[31m`}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			in := filepath.Join(dir, "in")
			save(t, filepath.Join(dir, "m.json"), []byte(good))
			for file, content := range c.files {
				path := filepath.Join(in, filepath.FromSlash(file))
				if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
					t.Fatal(err)
				}
				if err := os.MkdirAll(in, 0o700); err != nil {
					t.Fatal(err)
				}
				save(t, path, []byte(content))
			}
			args := []string{"tiff", "join", in, "-o", filepath.Join(dir, "out.tiff"), "--metadata", filepath.Join(dir, "m.json")}
			for _, flag := range c.flags {
				if flag == "no metadata" {
					args = args[:len(args)-2]
					continue
				}
				args = append(args, strings.ReplaceAll(flag, "DIR", dir))
			}
			stdout, stderr := ran(t, c.code, args...)
			for _, says := range c.says {
				if !strings.Contains(stderr, strings.ReplaceAll(says, "DIR", dir)) {
					t.Errorf("%q does not say %q", stderr, says)
				}
			}
			if stdout != "" || strings.Contains(stderr, "\x1b") {
				t.Errorf("%q, %q", stdout, stderr)
			}
			entries, err := os.ReadDir(dir)
			if err != nil {
				t.Fatal(err)
			}
			for _, e := range entries {
				if e.Name() == "out.tiff" || strings.HasPrefix(e.Name(), ".mibi") {
					t.Errorf("%s is left", e.Name())
				}
			}
		})
	}
}
