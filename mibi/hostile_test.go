package mibi_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"

	"github.com/openmibi/openmibi/mibi"
)

// allocated is what f takes from the heap in all, in bytes. Tests that use it
// do not run in parallel: it counts the whole process.
func allocated(f func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

// TestHostileDescriptions reads texts that are made to hurt: each gives the
// right value or a *SyntaxError, for memory in proportion to its length.
func TestHostileDescriptions(t *testing.T) {
	const million = 1_000_000
	describe := func(members string) string { return `{` + members + `, "image.type": "SIMS", "channel.mass": 92}` }
	get := func(d mibi.Description, key string) string {
		v, _ := d.Metadata.Get(key)
		return v.JSON()
	}
	var keys strings.Builder
	for i := range 1_000_000 {
		fmt.Fprintf(&keys, `"%x":%d,`, i, i%7)
	}
	digits := strings.Repeat("7", million)
	tests := []struct {
		name, text string
		// check looks at what was read; nil where the text is refused.
		check func(d mibi.Description) bool
		// times is how much memory the text may take, in its own length.
		times uint64
	}{
		{"100 MB of text", describe(`"x": "` + strings.Repeat("y", 100<<20) + `"`), func(d mibi.Description) bool { return len(get(d, "x")) == 100<<20+2 }, 8},
		{"16 MB of escapes", describe(`"x": "` + strings.Repeat(`\u00b5`, 16<<20/6) + `"`), func(d mibi.Description) bool { return len(get(d, "x")) == 16<<20/6*6+2 }, 8},
		{"16 MB of spaces", describe(strings.Repeat(" ", 16<<20) + `"x": 1`), func(d mibi.Description) bool { return get(d, "x") == "1" }, 1},
		{"lists a million deep", describe(`"x": ` + strings.Repeat("[", million) + strings.Repeat("]", million)), nil, 1},
		{"objects a million deep", strings.Repeat(`{"a":`, million) + "1" + strings.Repeat("}", million), nil, 1},
		{"a million keys", describe(keys.String() + `"x": 1`), nil, 8},
		{"one key a million times", describe(strings.Repeat(`"x":1,`, million) + `"x": 2`), func(d mibi.Description) bool { return get(d, "x") == "2" && len(d.Metadata.User) == 1 }, 8},
		{"one specified key a million times", describe(strings.Repeat(`"mibi.run":1,`, million) + `"mibi.run": 2`), func(d mibi.Description) bool { return d.Metadata.Run == mibi.Int(2) }, 8},
		{"a million digits", describe(`"x": ` + digits + `, "mibi.size": ` + digits), func(d mibi.Description) bool {
			_, isFloat := d.Metadata.Size.Float()
			_, isInt := d.Metadata.Size.Int()
			return get(d, "x") == digits && !isFloat && !isInt
		}, 20},
		{"a million digits after the point", describe(`"x": 1.` + digits), func(d mibi.Description) bool { return get(d, "x") == "1.7777777777777777" }, 8},
		{"an exponent of a million digits", describe(`"x": 1e` + digits + `, "y": -1e-` + digits), func(d mibi.Description) bool { return get(d, "x") == "Infinity" && get(d, "y") == "-0.0" }, 8},
		{"1e999999", describe(`"mibi.size": 1e999999, "mibi.coordinates": [1e999999, -1e999999]`), func(d mibi.Description) bool {
			_, ok := d.Metadata.Size.Float()
			_, _, isPair := d.Metadata.Coordinates.Pair()
			return d.Metadata.Size.JSON() == "Infinity" && !ok && !isPair
		}, 100},
		{"a mass beyond any", `{"channel.mass": 1` + digits + `}`, func(d mibi.Description) bool { _, ok := d.Channel(); return !ok }, 20},
		{"a shape of a million", describe(`"shape": [1` + strings.Repeat(",1", million) + "]"), func(d mibi.Description) bool { return d.Shape == nil }, 30},
		{"a pair of a million", describe(`"mibi.coordinates": "[1` + strings.Repeat(",1", million) + `]"`), func(d mibi.Description) bool { _, _, ok := d.Metadata.Coordinates.Pair(); return !ok }, 30},
		{"a pair a million deep", describe(`"mibi.coordinates": "` + strings.Repeat("[", million) + `"`), func(d mibi.Description) bool { _, _, ok := d.Metadata.Coordinates.Pair(); return !ok }, 30},
		{"NaN and infinities", describe(`"mibi.size": NaN, "x": [Infinity, -Infinity]`), func(d mibi.Description) bool {
			_, ok := d.Metadata.Size.Float()
			return !ok && d.Metadata.Size.JSON() == "NaN" && get(d, "x") == "[Infinity, -Infinity]"
		}, 100},
		{"bad UTF-8", describe("\"x\xff\": \"\xc3\x28\xed\xa0\x80\xf8\""), func(d mibi.Description) bool { return get(d, "xÿ") == `"\u00c3(\u00ed\u00a0\u20ac\u00f8"` }, 100},
		{"lone surrogates", describe(`"x": "\ud800", "\udfff": "\udc00\ud800"`), func(d mibi.Description) bool {
			return get(d, "x") == `"\ud800"` && get(d, "\ufffd") == `"\udc00\ud800"`
		}, 100},
		{"a million letters of a word", describe(`"x": ` + strings.Repeat("n", million)), nil, 1},
		{"a million minus signs", describe(`"x": ` + strings.Repeat("-", million)), nil, 1},
		{"an open text", `{"x": "` + strings.Repeat("y", million), nil, 8},
		{"an escape at the end", `{"x": "\u00`, nil, 400},
		{"NULs", "{\"x\"\x00: 1}", nil, 400},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var d mibi.Description
			var err error
			text := []byte(tt.text)
			used := allocated(func() { d, err = mibi.ParseDescription(text) })
			if limit := tt.times*uint64(len(text)) + 64<<10; used > limit {
				t.Errorf("%d bytes took %d of memory, at most %d are right", len(text), used, limit)
			}
			if tt.check == nil {
				var syntax *mibi.SyntaxError
				if !errors.As(err, &syntax) || len(err.Error()) > 200 || syntax.Offset < 0 || syntax.Offset > len(text) {
					t.Errorf("error %v", err)
				}
				return
			}
			if err != nil || !tt.check(d) {
				t.Errorf("%v; read wrong", err)
			}
		})
	}
}

// endless is a text that goes on for ever after its beginning, and counts what
// is read of it.
type endless struct {
	head  io.Reader
	again string
	read  int
}

func (e *endless) Read(p []byte) (int, error) {
	n, _ := e.head.Read(p)
	for n < len(p) {
		n += copy(p[n:], e.again)
	}
	e.read += n
	return n, nil
}

// TestEndlessInputs are refused when they are too large, not when they end.
func TestEndlessInputs(t *testing.T) {
	const point = `<Point><RowNumber0 XAttrib="1" YAttrib="2"/>`
	for _, tt := range []struct {
		name, head, again string
		parse             func(r io.Reader) error
		kind              error
		read              int // bytes, at most
		memory            uint64
	}{
		{"an XML attribute", `<D><Root RunTime="`, "x", parseXML, mibi.ErrRunXML, 2 << 20, 16 << 20},
		{"an XML tag of attributes", `<D `, "a='' ", parseXML, mibi.ErrRunXML, 2 << 20, 128 << 20},
		{"an XML name", `<`, "x", parseXML, mibi.ErrRunXML, 2 << 20, 16 << 20},
		{"an XML end tag", `<D></`, "x", parseXML, mibi.ErrRunXML, 2 << 20, 16 << 20},
		{"an XML comment", `<D><!--`, "x", parseXML, mibi.ErrRunXML, 2 << 20, 16 << 20},
		{"XML text", `<D>`, "x", parseXML, mibi.ErrRunXML, 2 << 20, 16 << 20},
		{"XML CDATA", `<D><![CDATA[`, "x", parseXML, mibi.ErrRunXML, 2 << 20, 16 << 20},
		{"XML entities", `<D>`, "&amp;", parseXML, mibi.ErrRunXML, 8 << 20, 64 << 20},
		{"an XML instruction", `<?x `, "x", parseXML, mibi.ErrRunXML, 2 << 20, 16 << 20},
		{"an XML directive", `<!DOCTYPE D [`, "<!ENTITY a 'b'>", parseXML, mibi.ErrRunXML, 2 << 20, 16 << 20},
		{"XML depth", "", "<D>", parseXML, mibi.ErrRunXML, 1 << 20, 1 << 20},
		{"XML FOVs", "<D><Root>" + point, "<Depth_Profile/>", parseXML, mibi.ErrRunXML, 4 << 20, 512 << 20},
		{"XML spaces", "", " ", parseXML, mibi.ErrRunXML, 2 << 20, 16 << 20},
		{"a UTF-16 attribute", "\xff\xfe<\x00D\x00 \x00a\x00=\x00'\x00", "x\x00", parseXML, mibi.ErrRunXML, 2 << 20, 16 << 20},
		{"a JSON text", `{"fovs": [{"name": "`, "x", parseRunJSON, mibi.ErrRunJSON, 17 << 20, 128 << 20},
		{"JSON FOVs", `{"fovs": [{}`, ",{}", parseRunJSON, mibi.ErrRunJSON, 17 << 20, 128 << 20},
		{"JSON spaces", "", " ", parseRunJSON, mibi.ErrRunJSON, 17 << 20, 128 << 20},
		{"a panel's line", "Mass,Target,", "x", readPanelOf, mibi.ErrPanel, 2 << 20, 8 << 20},
		{"a panel's quoted field", "Mass,Target\n1,\"", "x\n", readPanelOf, mibi.ErrPanel, 2 << 20, 8 << 20},
		{"a panel's columns", "Mass,Target", ",", readPanelOf, mibi.ErrPanel, 2 << 20, 8 << 20},
		{"a panel's rows", "Mass,Target\n", "1,a\n", readPanelOf, mibi.ErrPanel, 2 << 20, 8 << 20},
		{"NULs of a panel", "", "\x00", readPanelOf, mibi.ErrPanel, 2 << 20, 8 << 20},
	} {
		t.Run(tt.name, func(t *testing.T) {
			in := &endless{head: strings.NewReader(tt.head), again: tt.again}
			var err error
			used := allocated(func() { err = tt.parse(in) })
			if !errors.Is(err, tt.kind) || len(err.Error()) > 400 {
				t.Errorf("error %.400v", err)
			}
			if in.read > tt.read || used > tt.memory {
				t.Errorf("%d bytes read, %d allocated; at most %d and %d are right", in.read, used, tt.read, tt.memory)
			}
		})
	}
}

func parseXML(r io.Reader) error {
	_, err := mibi.ParseRunXML(r, mibi.RunXMLMaxBytes(8<<20))
	return err
}

func parseRunJSON(r io.Reader) error { _, err := mibi.ParseRunJSON(r); return err }

func readPanelOf(r io.Reader) error { _, err := mibi.ReadPanel(r); return err }

// TestHostileRunXML has documents of finite length: bombs, and runs so long
// that nobody made them with an instrument.
func TestHostileRunXML(t *testing.T) {
	bomb := `<!DOCTYPE lolz [<!ENTITY lol "lol">`
	for i := range 9 {
		bomb += fmt.Sprintf(`<!ENTITY lol%d "%s">`, i+1, strings.Repeat(fmt.Sprintf("&lol%d;", i), 10))
	}
	bomb += "]>" + document("<Root>"+minimal+"&lol9;</Root>")
	for _, tt := range []struct {
		name, text string
		says       string // of the refusal; empty where it is read
		times      uint64
	}{
		{"entity bomb", bomb, "declarations are not accepted", 64},
		{"external entity", `<?xml version="1.0"?><!DOCTYPE D [<!ENTITY x SYSTEM "file:///etc/passwd">]>` + document(`<Root><Point PointName="&x;"/></Root>`), "declarations are not accepted", 400},
		{"external document type", `<!DOCTYPE D SYSTEM "http://localhost/x.dtd">` + document("<Root>"+minimal+"</Root>"), "declarations are not accepted", 400},
		{"entity without a declaration", document(`<Root><Point PointName="&x;"/></Root>`), "entity", 400},
		{"a million points", document("<Root>" + strings.Repeat("<Point/>", 1_000_000) + "</Root>"), "", 200},
		{"a million points with FOVs", document("<Root>" + strings.Repeat(minimal, 1_000_000) + "</Root>"), "more than 100000 FOVs", 64},
		{"a million Roots", document(strings.Repeat("<Root/>", 1_000_000)), "no Point", 200},
		{"a million elements deep", strings.Repeat("<D>", 1_000_000) + strings.Repeat("</D>", 1_000_000), "deeper than 64", 1},
		{"long names that do not match", "<" + strings.Repeat("x", 1<<19) + "></" + strings.Repeat("y", 1<<19) + ">", "broken XML", 40},
		{"a terminal's escapes", document("<Root>\x1b[2J" + minimal + "</Root>"), "broken XML", 400},
		{"a terminal's escapes in an entity", document("&\u009b2J\u202e;"), "broken XML", 400},
		{"a number of a million digits", document(`<Root><Point><RowNumber0 XAttrib="` + strings.Repeat("1", 1_000_000) + `" YAttrib="0"/></Point></Root>`), "not a number", 16},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var err error
			var run *mibi.RunXML
			used := allocated(func() { run, err = mibi.ParseRunXML(strings.NewReader(tt.text), mibi.RunXMLMaxBytes(128<<20)) })
			if limit := tt.times*uint64(len(tt.text)) + 128<<10; used > limit {
				t.Errorf("%d bytes took %d of memory, at most %d are right", len(tt.text), used, limit)
			}
			if tt.says == "" {
				if err != nil || len(run.FOVs) != 0 {
					t.Errorf("%v, %v", run, err)
				}
				return
			}
			checkRefusal(t, err, mibi.ErrRunXML, tt.says)
		})
	}
}

// checkRefusal wants a short message that no terminal obeys.
func checkRefusal(t *testing.T, err, kind error, says string) {
	t.Helper()
	if !errors.Is(err, kind) || !strings.Contains(err.Error(), says) {
		t.Fatalf("error %.400v, want one that says %q", err, says)
	}
	if text := err.Error(); len(text) > 400 || strings.ContainsAny(text, "\x1b\u009b\u202e\r\n\x00") {
		t.Errorf("the message is %d bytes: %.400q", len(text), text)
	}
}

func TestHostileRunJSON(t *testing.T) {
	digits := strings.Repeat("7", 1_000_000)
	for _, tt := range []struct{ name, text, says string }{
		{"a million digits", `{"fovs": [{"runOrder": ` + digits + `}]}`, "runOrder"},
		{"a million digits of µm", `{"fovs": [{"fovSizeMicrons": ` + digits + `}]}`, "fovSizeMicrons"},
		{"1e999999", `{"fovs": [{"centerPointMicrons": {"x": 1e999999, "y": 0}}]}`, "centerPointMicrons"},
		{"NaN", `{"fovs": [{"fovSizeMicrons": NaN}]}`, "broken JSON"},
		{"a million deep", `{"fovs": [{"x": ` + strings.Repeat("[", 1_000_000) + strings.Repeat("]", 1_000_000) + `}]}`, "depth"},
		{"a key of a megabyte", `{"` + strings.Repeat("k", 1<<20) + `": nope}`, "broken JSON"},
		{"a terminal's escapes", `{"\u001b[2J\u202e\n": nope}`, "broken JSON"},
		{"a terminal's escapes in a word", "{\"x\": \x1b[2J}", "broken JSON"},
		{"bad UTF-8", "{\"fovs\": [{\"name\": \"\xff\"}]}", "not UTF-8"},
		{"a million keys", "{" + strings.Repeat(`"k":1,`, 1_000_000) + `"fovs": []}`, "no FOVs"},
		{"UTF-16", "\xff\xfe{\x00}\x00", "not UTF-8"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var err error
			used := allocated(func() { _, err = mibi.ParseRunJSON(strings.NewReader(tt.text)) })
			if limit := 64*uint64(len(tt.text)) + 128<<10; used > limit {
				t.Errorf("%d bytes took %d of memory, at most %d are right", len(tt.text), used, limit)
			}
			checkRefusal(t, err, mibi.ErrRunJSON, tt.says)
		})
	}
	run, err := mibi.ParseRunJSON(strings.NewReader(`{"fovs": [{"name": "\ud800", "name": "../\u001b[2J"}], "fovs": [{}]}`))
	if err != nil || len(run.FOVs) != 2 || run.FOVs[0].Name != "../\x1b[2J" {
		t.Errorf("%+v, %v", run, err)
	}
}

func TestHostilePanels(t *testing.T) {
	for _, tt := range []struct{ name, text, says string }{
		{"NUL", "Mass,Target\n1,a\x00b\n", "NUL"},
		{"NULs of UTF-16", "M\x00a\x00s\x00s\x00", "NUL"},
		{"a terminal's escapes for a mass", "Mass,Target\n\x1b[2J\u202e,a\n", "not a whole mass"},
		{"a long text for a mass", "Mass,Target\n" + strings.Repeat("9", mibi.MaxPanelField) + ",a\n", "not a whole mass"},
		{"only quotes", strings.Repeat(`"`, 1<<20-1), "quotes"},
		{"an open quote before 10000 lines", "Mass,Target\n1,\"a\n" + strings.Repeat("2,b\n", 10_000), "begins at line 2"},
		{"a million lines", strings.Repeat("\n", 1<<20), "no line names"},
		{"a million CRs", strings.Repeat("\r", 1<<20), "no line names"},
		{"many headers", strings.Repeat("Mass,Target\n", mibi.MaxPanelRows+1), "more than"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var err error
			used := allocated(func() { _, err = mibi.ReadPanel(strings.NewReader(tt.text)) })
			if limit := 64*uint64(len(tt.text)) + 64<<10; used > limit {
				t.Errorf("%d bytes took %d of memory, at most %d are right", len(tt.text), used, limit)
			}
			checkRefusal(t, err, mibi.ErrPanel, tt.says)
		})
	}
	p := readPanel(t, "Mass,Target\n1,../../etc/passwd\n2,\x1b[2J\n")
	if got := mibi.FileNames([]string{p.Channels()[0].Label(), p.Channels()[1].Label()}); strings.ContainsAny(got[0]+got[1], "/\x1b") {
		t.Errorf("files %q", got)
	}
}

// TestHostileNames lets names of channels reach messages and folders.
func TestHostileNames(t *testing.T) {
	long := strings.Repeat("x", 1<<20) + "\x1b[2J"
	_, err := mibi.ParseAperture(long)
	checkRefusal(t, err, mibi.ErrUnknownAperture, "aperture")
	_, err = mibi.ParseAperture("\x1b[2J\u009b\u202e")
	checkRefusal(t, err, mibi.ErrUnknownAperture, "aperture")
	err = mibi.CheckUnique([]mibi.Channel{{Mass: 1, Target: long}, {Mass: 1, Target: "\x1b[2J\u009b\u202e"}})
	checkRefusal(t, err, mibi.ErrDuplicateChannel, "one mass")
	_, err = mibi.ChannelName(long)
	checkRefusal(t, err, mibi.ErrFileName, "file")
	names := []string{"../../x", `..\..\x`, "/etc/passwd", "C:\\x", "a\x00b", "\x1b[2J", "\u202etxt.exe", long, ".", "..", "~", "-rf"}
	for i, file := range mibi.FileNames(names) {
		if strings.ContainsAny(file, "/\\\x00\x1b\u202e") || strings.HasPrefix(file, ".") || len(file) > mibi.MaxFileName {
			t.Errorf("channel %.40q has the file %q", names[i], file)
		}
	}
	if used := allocated(func() { mibi.FileNames([]string{long, long + "1"}) }); used > 16<<20 {
		t.Errorf("two long names took %d bytes", used)
	}
	if order, scan, ok := mibi.ParseRawFileName("fov-" + strings.Repeat("0", 1<<20) + "1-scan-2.bin"); !ok || order != 1 || scan != 2 {
		t.Errorf("a million zeros are %d, %d, %t", order, scan, ok)
	}
	if !bytes.Equal(mibi.Description{ImageType: "SED"}.AppendJSON(nil), []byte(`{"image.type": "SED"}`)) {
		t.Error("a description of nothing else")
	}
}
