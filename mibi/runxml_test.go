package mibi_test

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"testing/iotest"
	"time"
	"unicode/utf16"

	"github.com/openmibi/openmibi/mibi"
)

const twoPoints = `<?xml version="1.0" encoding="utf-8"?>
<AnyName>
  <Comment>ignored <b>mixed</b> &amp; so on</Comment>
  <Root RunTime="2019-12-03T14:26:24">
    <Point PointName="tonsil µ">
      <RowNumber0 XAttrib="-2410" YAttrib="149680.5" />
      <Depth_Profile AcquisitionTime="2.5" MassRange="200" XSize="1024" YSize="512" MaxNumberOfLevels="3" MassGain="0.67" MassOffset="0" TimeResolution="0.5"><Point PointName="nested"/></Depth_Profile>
      <Chemical_Image AcquisitionTime="1" MassGain="9" XSize="256" YSize="256" />
      <RowNumber1 XAttrib="1" YAttrib="2" />
      <Depth_Profile />
    </Point>
    <Point>
      <RowNumber0 XAttrib="3" YAttrib="4" />
      <Depth_Profile MassGain="" />
    </Point>
  </Root>
</AnyName>`

func TestParseRunXML(t *testing.T) {
	t.Parallel()
	run, err := mibi.ParseRunXML(strings.NewReader(twoPoints))
	if err != nil {
		t.Fatal(err)
	}
	if want := time.Date(2019, 12, 3, 14, 26, 24, 0, time.UTC); !run.RunTime.Equal(want) {
		t.Errorf("RunTime = %v, want %v", run.RunTime, want)
	}
	want := []struct {
		number, folder, name  string
		x, y, dwell           float64
		depths, frame, height int
	}{
		{"Point1", "Point1/RowNumber0/Depth_Profile0", "tonsil µ", -2410, 149680.5, 2.5, 3, 1024, 512},
		{"Point1", "Point1/RowNumber0/Chemical_Image0", "tonsil µ", -2410, 149680.5, 1, 1, 256, 256},
		{"Point1", "Point1/RowNumber1/Depth_Profile1", "tonsil µ", 1, 2, 0, 1, 1024, 512},
		{"Point2", "Point2/RowNumber0/Depth_Profile0", "", 3, 4, 0, 1, 1024, 512},
	}
	if len(run.FOVs) != len(want) {
		t.Fatalf("%d FOVs, want %d", len(run.FOVs), len(want))
	}
	for i, w := range want {
		f := run.FOVs[i]
		name := ""
		if f.PointName != nil {
			name = *f.PointName
		}
		if f.Number != w.number || f.Folder != w.folder || name != w.name ||
			f.XAttrib != w.x || f.YAttrib != w.y || f.Dwell != w.dwell ||
			f.Depths != w.depths || f.Frame != w.frame || f.FrameHeight != w.height {
			t.Errorf("FOV %d = %+v (name %q), want %+v", i, f, name, w)
		}
		if *f.MassGain != 0.67 || *f.MassOffset != 0 || *f.TimeBin != 0.5 || *f.MassRange != 200 {
			t.Errorf("FOV %d: calibration is not the first FOV's: %v %v %v %v",
				i, *f.MassGain, *f.MassOffset, *f.TimeBin, *f.MassRange)
		}
	}
	if run.FOVs[3].PointName != nil {
		t.Errorf("absent PointName is %q, want nil", *run.FOVs[3].PointName)
	}
}

func document(root string) string { return "<D>" + root + "</D>" }

const minimal = `<Point><RowNumber0 XAttrib="1" YAttrib="2"/><Depth_Profile/></Point>`

func TestParseRunXMLAbsent(t *testing.T) {
	t.Parallel()
	run, err := mibi.ParseRunXML(strings.NewReader(document("<Root>" + minimal + "</Root>")))
	if err != nil {
		t.Fatal(err)
	}
	f := run.FOVs[0]
	if !run.RunTime.IsZero() || f.MassGain != nil || f.MassOffset != nil || f.TimeBin != nil ||
		f.MassRange != nil || f.Frame != 0 || f.Depths != 1 || f.Dwell != 0 {
		t.Errorf("absent values were made up: %v %+v", run.RunTime, f)
	}
}

func TestParseRunXMLTimes(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"0001-01-01T00:00:00":       "0001-01-01T00:00:00Z",
		"":                          "0001-01-01T00:00:00Z",
		"2018-05-11T16:55:24":       "2018-05-11T16:55:24Z",
		"2018-05-11T16:55:24.25":    "2018-05-11T16:55:24Z",
		"2018-05-11T16:55:24+02:00": "2018-05-11T14:55:24Z",
		"2018-05-11":                "2018-05-11T00:00:00Z",
	} {
		run, err := mibi.ParseRunXML(strings.NewReader(document(`<Root RunTime="` + in + `">` + minimal + "</Root>")))
		if err != nil {
			t.Errorf("%q: %v", in, err)
			continue
		}
		if got := run.RunTime.UTC().Format(time.RFC3339); got != want {
			t.Errorf("%q = %s, want %s", in, got, want)
		}
	}
}

func TestParseRunXMLEncodings(t *testing.T) {
	t.Parallel()
	body := func(enc string) string {
		return `<?xml version="1.0" encoding="` + enc + `"?>` + document(`<Root><Point PointName="5 `+"\x00"+`">`+
			`<RowNumber0 XAttrib="1" YAttrib="2"/><Depth_Profile/></Point></Root>`)
	}
	with := func(enc, sign string) string { return strings.ReplaceAll(body(enc), "\x00", sign) }
	wide := func(s string, mark string, order func(u uint16) string) string {
		out := mark
		for _, u := range utf16.Encode([]rune(s)) {
			out += order(u)
		}
		return out
	}
	little := func(u uint16) string { return string([]byte{byte(u), byte(u >> 8)}) }
	big := func(u uint16) string { return string([]byte{byte(u >> 8), byte(u)}) }
	for name, c := range map[string]struct{ in, want string }{
		"utf-8":        {with("utf-8", "µ"), "5 µ"},
		"utf-8 marked": {"\xef\xbb\xbf" + with("utf-8", "µ"), "5 µ"},
		"iso-8859-1":   {with("ISO-8859-1", "\xb5"), "5 µ"},
		"windows-1252": {with("Windows-1252", "\xb5\x80"), "5 µ€"},
		"utf-16 le":    {wide(with("utf-16", "µ😀"), "\xff\xfe", little), "5 µ😀"},
		"utf-16 be":    {wide(with("UTF-16", "µ😀"), "\xfe\xff", big), "5 µ😀"},
	} {
		run, err := mibi.ParseRunXML(strings.NewReader(c.in))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if got := *run.FOVs[0].PointName; got != c.want {
			t.Errorf("%s: PointName = %q, want %q", name, got, c.want)
		}
	}
	for _, enc := range []string{"utf-16", "shift_jis"} {
		_, err := mibi.ParseRunXML(strings.NewReader(with(enc, "u")))
		if !errors.Is(err, mibi.ErrRunXML) || !strings.Contains(err.Error(), enc) {
			t.Errorf("encoding %s without a mark: %v", enc, err)
		}
	}
}

func TestParseRunXMLRefuses(t *testing.T) {
	t.Parallel()
	row := `<RowNumber0 XAttrib="1" YAttrib="2"/>`
	for name, c := range map[string]struct{ in, want string }{
		"empty":                {"", "no Root"},
		"text":                 {"hello", "not XML"},
		"picture":              {"\x89PNG\r\n\x1a\n\x00\x00", "XML"},
		"JSON":                 {`{"a": 1}`, "not XML"},
		"foreign XML":          {"<a><b/></a>", "no Root"},
		"Root on top":          {"<Root>" + minimal + "</Root>", "no Root"},
		"no Point":             {document("<Root/>"), "no Point"},
		"truncated":            {"<D>\n<Root>\n" + minimal, "line 3"},
		"mismatched":           {document("\n<Root>" + minimal + "</Rot>"), "line 2"},
		"two documents":        {document("<Root>"+minimal+"</Root>") + "<D/>", "second document"},
		"doctype":              {`<!DOCTYPE D [<!ENTITY a "b">]>` + document("<Root>"+minimal+"</Root>"), "entity declarations"},
		"undeclared entity":    {document("<Root>" + minimal + "&lol;</Root>"), "entity"},
		"no RowNumber":         {document("<Root><Point>\n<Depth_Profile/></Point></Root>"), "line 2, element Depth_Profile"},
		"RowNumber bare":       {document("<Root><Point><RowNumber0 XAttrib='1'/></Point></Root>"), "YAttrib is missing"},
		"coordinate":           {document("<Root><Point><RowNumber0 XAttrib='1' YAttrib='left'/></Point></Root>"), `YAttrib is "left"`},
		"NaN":                  {document("<Root><Point><RowNumber0 XAttrib='1' YAttrib='NaN'/></Point></Root>"), "not a number"},
		"levels zero":          {document("<Root><Point>" + row + "<Depth_Profile MaxNumberOfLevels='0'/></Point></Root>"), "MaxNumberOfLevels"},
		"size fraction":        {document("<Root><Point>" + row + "<Depth_Profile XSize='1.5'/></Point></Root>"), "XSize"},
		"size huge":            {document("<Root><Point>" + row + "<Depth_Profile XSize='1e300'/></Point></Root>"), "XSize"},
		"dwell negative":       {document("<Root><Point>" + row + "<Depth_Profile AcquisitionTime='-1'/></Point></Root>"), "AcquisitionTime"},
		"RunTime":              {document("<Root RunTime='yesterday'>" + minimal + "</Root>"), "RunTime"},
		"deep":                 {strings.Repeat("<a>", 100_000), "deeper than 64"},
		"one endless tag":      {"<D a='" + strings.Repeat("x", 2<<20) + "'/>", "longer than"},
		"a second encoding":    {strings.Repeat(`<?xml version="1.0" encoding="latin1"?>`, 2) + document("<Root>"+minimal+"</Root>"), "declared twice"},
		"too many FOVs":        {document("<Root><Point>" + row + strings.Repeat("<Depth_Profile/>", mibi.MaxRunXMLFOVs+1) + "</Point></Root>"), "more than 100000 FOVs"},
		"invalid UTF-8":        {document("<Root><Point PointName='\xff'/></Root>"), "UTF-8"},
		"UTF-16 cut in a rune": {"\xff\xfe<\x00D\x00 \x00a", "EOF"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			run, err := mibi.ParseRunXML(strings.NewReader(c.in))
			if run != nil || !errors.Is(err, mibi.ErrRunXML) || !strings.Contains(err.Error(), c.want) {
				t.Fatalf("got %v, %v; want an ErrRunXML with %q", run, err, c.want)
			}
			var typed *mibi.RunXMLError
			if !errors.As(err, &typed) || len(err.Error()) > 400 {
				t.Errorf("not a short *RunXMLError: %v", err)
			}
		})
	}
}

func TestParseRunXMLSizeLimit(t *testing.T) {
	t.Parallel()
	in := document("<Root>" + minimal + "</Root>")
	if _, err := mibi.ParseRunXML(strings.NewReader(in), mibi.RunXMLMaxBytes(int64(len(in)))); err != nil {
		t.Errorf("exactly at the limit: %v", err)
	}
	_, err := mibi.ParseRunXML(strings.NewReader(in), mibi.RunXMLMaxBytes(int64(len(in)-1)))
	if !errors.Is(err, mibi.ErrRunXML) || !strings.Contains(err.Error(), "larger than") {
		t.Errorf("over the limit: %v", err)
	}
}

func TestParseRunXMLReaderError(t *testing.T) {
	t.Parallel()
	broken := errors.New("the disk is gone")
	for _, head := range []string{"", "<D><Root>"} {
		r := io.MultiReader(strings.NewReader(head), iotest.ErrReader(broken))
		_, err := mibi.ParseRunXML(r)
		if !errors.Is(err, broken) || errors.Is(err, mibi.ErrRunXML) {
			t.Errorf("after %q: %v", head, err)
		}
	}
}

// A megabyte of attributes must not become hundreds of megabytes of memory.
// heapProbe ends a reader's input and notes what is alive at that moment.
type heapProbe struct{ live uint64 }

func (h *heapProbe) Read([]byte) (int, error) {
	h.live = liveHeap()
	return 0, io.EOF
}

func liveHeap() uint64 {
	var now runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&now)
	return now.HeapAlloc
}

// TestParseRunXMLMemory reads tags as large as they may be, each some 13 MB in
// the parser's memory, and looks in the middle of parsing whether any is kept.
func TestParseRunXMLMemory(t *testing.T) {
	tag := "<x " + strings.Repeat("a='' ", 200_000) + "/>"
	// Small elements after the tags push them out of the parser's buffers.
	head := "<D><Root>" + tag + tag + strings.Repeat("<y/>", 20_000)
	tail := minimal + "</Root></D>"
	var probe heapProbe
	var before, after runtime.MemStats
	alive := liveHeap()
	runtime.ReadMemStats(&before)
	if _, err := mibi.ParseRunXML(io.MultiReader(strings.NewReader(head), &probe, strings.NewReader(tail))); err != nil {
		t.Fatal(err)
	}
	runtime.ReadMemStats(&after)
	if grown := int64(probe.live) - int64(alive); probe.live == 0 || grown > 8<<20 {
		t.Errorf("%d MiB are kept in the middle of parsing", grown>>20)
	}
	if used := after.TotalAlloc - before.TotalAlloc; used > 200<<20 {
		t.Errorf("%d MiB allocated", used>>20)
	}
}

func TestParseRunXMLRealFiles(t *testing.T) {
	t.Parallel()
	dir := os.Getenv("MIBI_TESTDATA")
	if dir == "" {
		t.Skip("MIBI_TESTDATA is not set: no real run XML to read")
	}
	for name, want := range map[string]struct {
		fovs int
		date string
	}{
		"demo.xml":                         {13, "2018-05-11T16:55:24"},
		"191203_CohortSlide1_S1622757.xml": {2, "2019-12-03T14:26:24"},
	} {
		f, err := os.Open(filepath.Join(dir, "runs", name))
		if errors.Is(err, os.ErrNotExist) {
			t.Skipf("no %s under MIBI_TESTDATA", name)
		}
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = f.Close() }()
		run, err := mibi.ParseRunXML(f)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if len(run.FOVs) != want.fovs || run.RunTime.Format("2006-01-02T15:04:05") != want.date {
			t.Errorf("%s: %d FOVs of %v, want %d of %s", name, len(run.FOVs), run.RunTime, want.fovs, want.date)
		}
		for i, f := range run.FOVs {
			if f.Folder != fmt.Sprintf("Point%d/RowNumber0/Depth_Profile0", i+1) || f.Frame != 1024 ||
				f.PointName == nil || f.MassGain == nil || f.Dwell == 0 {
				t.Errorf("%s: FOV %d = %+v", name, i, f)
			}
		}
	}
}

func ExampleParseRunXML() {
	run, err := mibi.ParseRunXML(strings.NewReader(`<DocRoot>
  <Root RunTime="2019-12-03T14:26:24">
    <Point PointName="tonsil">
      <RowNumber0 XAttrib="-2410" YAttrib="-149680" />
      <Depth_Profile AcquisitionTime="2" XSize="1024" YSize="1024" />
    </Point>
  </Root>
</DocRoot>`))
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, fov := range run.FOVs {
		fmt.Println(run.RunTime.Format(time.DateOnly), fov.Folder, *fov.PointName, fov.Frame)
	}
	// Output: 2019-12-03 Point1/RowNumber0/Depth_Profile0 tonsil 1024
}
