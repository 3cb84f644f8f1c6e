package mibitiff_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/openmibi/openmibi/mibi"
	"github.com/openmibi/openmibi/mibitiff"
)

func TestImageMetadataIsChecked(t *testing.T) {
	t.Parallel()
	text := mibi.Text
	for name, test := range map[string]struct {
		given mibi.Metadata
		want  mibi.Metadata
		err   error
	}{
		"nothing":      {},
		"id alone":     {given: mibi.Metadata{FOVID: text("FOV1")}, want: mibi.Metadata{FOVID: text("FOV1"), Folder: text("FOV1")}},
		"old id alone": {given: mibi.Metadata{FOVID: text("Point1")}, want: mibi.Metadata{FOVID: text("Point1"), Folder: text("Point1")}},
		"folder alone": {
			given: mibi.Metadata{Folder: text("Point1/RowNumber0/Depth_Profile0")},
			want:  mibi.Metadata{FOVID: text("Point1"), Folder: text("Point1/RowNumber0/Depth_Profile0")},
		},
		"both":                 {given: mibi.Metadata{FOVID: text("Point1"), Folder: text("Point1/a")}, want: mibi.Metadata{FOVID: text("Point1"), Folder: text("Point1/a")}},
		"of two fields":        {given: mibi.Metadata{FOVID: text("Point1"), Folder: text("Point2/a")}, err: mibitiff.ErrFolder},
		"of a longer name":     {given: mibi.Metadata{FOVID: text("Point1"), Folder: text("Point11")}, err: mibitiff.ErrFolder},
		"id of two parts":      {given: mibi.Metadata{FOVID: text("Point1/a")}, err: mibitiff.ErrFolder},
		"aperture's width":     {given: mibi.Metadata{Aperture: text("300 \u03bcm")}, want: mibi.Metadata{Aperture: text("B")}},
		"aperture's code":      {given: mibi.Metadata{Aperture: text("E")}, want: mibi.Metadata{Aperture: text("E")}},
		"no aperture":          {given: mibi.Metadata{Aperture: text("2 mm")}, err: mibi.ErrUnknownAperture},
		"a key twice":          {given: mibi.Metadata{User: []mibi.UserValue{{Key: "a"}, {Key: "a"}}}, err: mibitiff.ErrAttributeExists},
		"description as it is": {given: mibi.Metadata{Description: text("d")}, want: mibi.Metadata{Description: text("d")}},
	} {
		plane := countingPlane(t, 3, 2, 0)
		made, err := mibitiff.NewImage(test.given, fourChannels()[:1], []mibitiff.Plane{plane})
		im := newImage(t, mibi.Metadata{Run: text("before")}, fourChannels())
		setErr := im.SetMetadata(test.given)
		if !errors.Is(err, test.err) || !errors.Is(setErr, test.err) {
			t.Errorf("%s: %v, %v", name, err, setErr)
			continue
		}
		if err != nil {
			if im.Metadata().Run != text("before") {
				t.Errorf("%s: refused metadata was set", name)
			}
			continue
		}
		values := cmp.Comparer(func(a, b mibi.Value) bool { return a == b })
		if diff := cmp.Diff(test.want, made.Metadata(), values); diff != "" {
			t.Errorf("%s: made: %s", name, diff)
		}
		if diff := cmp.Diff(test.want, im.Metadata(), values); diff != "" {
			t.Errorf("%s: set: %s", name, diff)
		}
	}
}

func TestImageSetFOVID(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		before, id, folder string
		wantFolder         string // empty: refused
	}{
		{"", "FOV1", "", "FOV1"},
		{"FOV1", "FOV2", "", "FOV2"},
		{"Point1/Row0", "Point1", "", "Point1/Row0"},
		{"Point1/Row0", "Point2", "", "Point2"},
		{"Point1/Row0", "Point2", "Point2/Row0", "Point2/Row0"},
		{"FOV1", "FOV2", "FOV3", ""},
		{"FOV1", "", "", ""},
		{"FOV1", "a/b", "", ""},
	} {
		im := newImage(t, mibi.Metadata{Folder: mibi.Text(test.before)}, fourChannels())
		err := im.SetFOVID(test.id, test.folder)
		meta := im.Metadata()
		if test.wantFolder == "" {
			if !errors.Is(err, mibitiff.ErrFolder) || meta.Folder.String() != test.before {
				t.Errorf("%v: %v, folder %s", test, err, meta.Folder)
			}
			continue
		}
		if err != nil || meta.Folder.String() != test.wantFolder || meta.FOVID.String() != test.id {
			t.Errorf("%v: %v, id %s, folder %s", test, err, meta.FOVID, meta.Folder)
		}
	}
}

func TestImagePixelSize(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		size mibi.Value
		want float64
	}{
		{mibi.Float(500), 250}, {mibi.Text("500"), 250}, {mibi.Value{}, 0}, {mibi.Int(0), 0}, {mibi.Float(-1), 0}, {mibi.Text("wide"), 0},
	} {
		got, err := newImage(t, mibi.Metadata{Size: test.size}, fourChannels()).PixelSize()
		if got != test.want || errors.Is(err, mibitiff.ErrNoSize) != (test.want == 0) {
			t.Errorf("size %s: %v µm, %v", test.size.JSON(), got, err)
		}
	}
}

func TestImageAttributes(t *testing.T) {
	t.Parallel()
	keys := func(im *mibitiff.Image) string {
		var keys []string
		for _, u := range im.Metadata().User {
			keys = append(keys, u.Key)
		}
		return strings.Join(keys, " ")
	}
	im := newImage(t, madeMetadata(), fourChannels())
	if err := im.RemoveAttributes(strings.Fields(keys(im))...); err != nil || keys(im) != "" {
		t.Fatal(err, keys(im))
	}
	attributes := []mibi.UserValue{{Key: "x_size", Value: mibi.Float(500)}, {Key: "mass_range", Value: mibi.Int(20)}, {Key: "note"}}
	if err := im.AddAttributes(attributes...); err != nil || keys(im) != "x_size mass_range note" {
		t.Fatal(err, keys(im))
	}
	for _, test := range []struct {
		add   []string
		words string
	}{
		{[]string{"new", "note"}, `"note"`}, {[]string{"run"}, `"run"`}, {[]string{"mibi.run"}, `"mibi.run"`}, {[]string{"date"}, `"date"`},
		{[]string{"shape"}, `"shape"`}, {[]string{"image.type", "x_size"}, `"image.type", "x_size"`}, {[]string{"new", "new"}, `"new"`},
	} {
		var add []mibi.UserValue
		for _, key := range test.add {
			add = append(add, mibi.UserValue{Key: key})
		}
		err := im.AddAttributes(add...)
		if !errors.Is(err, mibitiff.ErrAttributeExists) || !strings.Contains(err.Error(), test.words) || keys(im) != "x_size mass_range note" {
			t.Errorf("adding %v: %v; now %s", test.add, err, keys(im))
		}
	}
	for _, test := range []struct {
		remove []string
		want   error
	}{
		{[]string{"note", "fov_id"}, mibitiff.ErrAttributeRequired}, {[]string{"mibi.tissue"}, mibitiff.ErrAttributeRequired},
		{[]string{"date"}, mibitiff.ErrAttributeRequired}, {[]string{"note", "other"}, mibitiff.ErrNoAttribute},
	} {
		if err := im.RemoveAttributes(test.remove...); !errors.Is(err, test.want) || keys(im) != "x_size mass_range note" {
			t.Errorf("removing %v: %v; now %s", test.remove, err, keys(im))
		}
	}
	copied := im.Copy()
	if err := im.RemoveAttributes("x_size", "note"); err != nil || keys(im) != "mass_range" {
		t.Errorf("removing: %v; now %s", err, keys(im))
	}
	if keys(copied) != "x_size mass_range note" {
		t.Error("a copy lost what was removed from its original")
	}
}
