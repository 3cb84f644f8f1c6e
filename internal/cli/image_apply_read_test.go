package cli

import (
	"bytes"
	"encoding/binary"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/openmibi/openmibi/mibitracker"
)

func inUTF16(text string, order binary.AppendByteOrder) string {
	var out []byte
	for _, unit := range utf16.Encode([]rune(byteOrderMark + text)) {
		out = order.AppendUint16(out, unit)
	}
	return string(out)
}

// The same table, in all the forms that programs give it.
func TestSheetForms(t *testing.T) {
	t.Parallel()
	const plain = "id,run,description,fov_size\n1,r,µ m,400.5\n2,r,\"two\nlines\",\n"
	for name, text := range map[string]string{
		"plain":            plain,
		"marked":           byteOrderMark + plain,
		"CRLF":             strings.ReplaceAll(plain, "\n", "\r\n"),
		"CR":               strings.ReplaceAll(plain, "\n", "\r"),
		"semicolons":       strings.ReplaceAll(plain, ",", ";"),
		"tabs":             strings.ReplaceAll(plain, ",", "\t"),
		"UTF-16LE":         inUTF16(plain, binary.LittleEndian),
		"UTF-16BE tabs":    inUTF16(strings.ReplaceAll(plain, ",", "\t"), binary.BigEndian),
		"quoted":           "\"id\",\"run\",\"description\",\"fov_size\"\n\"1\",\"r\",\"µ m\",\"400.5\"\n\"2\",\"r\",\"two\nlines\",\"\"\n",
		"no last line end": strings.TrimSuffix(plain, "\n"),
		"blank lines":      "\n\n" + strings.Replace(plain, "1,r", ",,,\n\n1,r", 1) + ",,,\n  ,,,\n",
		"empty columns":    "id,run,description,fov_size,, \n1,r,µ m,400.5,,\n2,r,\"two\nlines\",,,\n,,,,,\n",
		"heads":            " ID ,Run,description,FOV_size\n1,r,µ m,400.5\n2,r,\"two\nlines\",\n",
		"another order":    "fov_size,description,id,run\n400.5,µ m, 1 ,r\n,\"two\nlines\",2,r\n",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sheet, err := readSheet(strings.NewReader(text))
			if err != nil {
				t.Fatal(err)
			}
			if len(sheet.rows) != 2 || len(sheet.columns) != 4 {
				t.Fatalf("%d rows, %d columns", len(sheet.rows), len(sheet.columns))
			}
			for i, want := range []string{"1|r|µ m|400.5", "2|r|two\nlines|"} {
				row := &sheet.rows[i]
				got := strings.Join([]string{strings.TrimSpace(sheet.text(row, "id")), sheet.text(row, "run"), oneLineEnd(sheet.text(row, "description")), sheet.text(row, "fov_size")}, "|")
				if got != want || row.id != int64(i+1) {
					t.Errorf("row %d is %q with the id %d, want %q", i, got, row.id, want)
				}
			}
		})
	}
}

func TestSheetsThatAreRefused(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ text, want string }{
		"nothing":        {"", "it is empty"},
		"no id":          {"run,fov_size\nr,1\n", "names no column id"},
		"another column": {"id,fovsize\n1,1\n", `no column "fovsize"; nearest: fov_size`},
		"twice a column": {"id,frame,frame\n1,1,1\n", "frame stands there twice"},
		"twice a row":    {"id,frame\n1,1\n\n1,1\n", "line 4: image 1 stands in line 2 already"},
		"id of a text":   {"id,frame\nPoint1,1\n", `line 2: the id "Point1"`},
		"id of a float":  {"id,frame\n1.0,1\n", `line 2: the id "1.0"`},
		"no id in a row": {"frame,id\n5\n", "line 2 ends before its id"},
		"surplus":        {"id,frame\n1,1,oops\n", `line 2: "oops" stands in a column without a name`},
		"Windows-1252":   {"id,description\n1,5 \xb5m\n", "line 2 is not UTF-8"},
		"a picture":      {"\x89PNG\r\n\x1a\n\x00\x00", "not UTF-8"},
		"NUL":            {"id,description\n1,a\x00b\n", "line 2 is not UTF-8"},
		"open quote":     {"id,description\n1,\"abc\n2,def\n", "the quote of line 2 may not have an end"},
		"bare quote":     {"id,description\n1,a \"b\" c\n", "line 2, byte 5: a quote"},
		"many mistakes":  {"id,frame\n" + strings.Repeat("x,1\n", 1000), "and 980 more"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if _, err := readSheet(strings.NewReader(c.text)); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%v, want %q", err, c.want)
			}
		})
	}
	if _, err := readSheet(endless('x')); err == nil || !strings.Contains(err.Error(), "larger than 32 MiB") {
		t.Errorf("an endless table: %v", err)
	}
}

// endless reads as a letter for ever.
type endless byte

func (e endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = byte(e)
	}
	return len(p), nil
}

// hostileTexts are what a table has to carry without a change.
func hostileTexts() []string {
	return []string{
		"=1+1", "'=1+1", "''=1+1", "+1", "-1", "@x", "\t=1", "'", "''", "'a", "\n", " ", " a ", "a,b", "a;b", "a\tb", "\"", "\"\"", "a\"b,\"\n",
		"two\nlines", "\\.", "#", "id", "ü µ 漢 🔬", "\u202eabc", byteOrderMark + "a", "＝1", "1e5", "007", "400,5", "null", "NULL", "TRUE", "(id 3)", "x (id 3)",
	}
}

// An image's table, read again, says what the image is: exactly, but for how
// lines end within a text.
func tableCarries(t *testing.T, image *mibitracker.Image) {
	t.Helper()
	columns := imageColumns()
	var file bytes.Buffer
	if err := writeImageCSV(&file, columns, [][]cell{cellsOf(columns, image)}); err != nil {
		t.Fatal(err)
	}
	sheet, err := readSheet(&file)
	if err != nil {
		t.Fatalf("%+v: %v", image, err)
	}
	if len(sheet.rows) != 1 || len(sheet.columns) != len(columns) {
		t.Fatalf("%d rows, %d columns", len(sheet.rows), len(sheet.columns))
	}
	row := &sheet.rows[0]
	if reason := sheet.disagrees(row, image); reason != "" {
		t.Error(reason)
	}
	for i, column := range columns {
		if !column.kind.written() {
			continue
		}
		value, err := newValue(t.Context(), &relations{}, column, row.cells[i], image)
		if err != nil || !sameCell(value, column.get(image)) {
			t.Errorf("%s: %#v came back as %#v, %v", column.name, column.get(image), value, err)
		}
	}
}

func TestTableCarriesTexts(t *testing.T) {
	t.Parallel()
	for _, text := range hostileTexts() {
		image := &mibitracker.Image{
			ID: 7, Run: &mibitracker.Run{Label: text}, Number: text, Folder: text, Description: text, Point: text, ImagingPreset: &text,
			Tissue: &mibitracker.Tissue{ID: 3, Name: text}, Section: &mibitracker.Section{ID: 4, Position: text, Slide: &mibitracker.Slide{Name: text}},
			Project: &mibitracker.Project{ID: 5, Name: text}, Aperture: &mibitracker.Aperture{ID: 6, Code: text},
		}
		tableCarries(t, image)
		if got := unguarded(guarded(text)); got != text {
			t.Errorf("%q came back as %q", text, got)
		}
		if first := strings.TrimLeft(guarded(text), " "); first != "" && strings.ContainsAny(first[:1], "=+-@") {
			t.Errorf("%q is written as %q, which a spreadsheet runs", text, guarded(text))
		}
	}
}

func FuzzTableCarries(f *testing.F) {
	for i, text := range hostileTexts() {
		f.Add(text, float64(i)*-0.37, int64(i))
	}
	f.Add("a\r\nb\rc", 1e300, int64(-1))
	f.Add("", 5e-324, int64(1)<<53)
	f.Fuzz(func(t *testing.T, text string, number float64, whole int64) {
		text = strings.ToValidUTF8(strings.ReplaceAll(text, "\x00", ""), "")
		if number-number != 0 || whole > 1<<53 || whole < -1<<53 {
			t.Skip("JSON has no such number")
		}
		tableCarries(t, &mibitracker.Image{
			ID: 1, Folder: text, Description: text, Point: text, ImagingPreset: &text, MassGain: &number, XCoord: &number, Depths: &whole,
			Tissue: &mibitracker.Tissue{ID: 2, Name: text}, Aperture: &mibitracker.Aperture{Code: text},
		})
	})
}

// Whatever is given, reading it ends, with rows that have all cells.
func FuzzSheet(f *testing.F) {
	f.Add([]byte("id,run,folder,tissue\n1,r,f,Tonsil (id 1)\n"))
	f.Add([]byte(byteOrderMark + "id;frame;;\r\n1;\"a\"\"b\"\r\n;;\r\n"))
	f.Add([]byte(inUTF16("id\tframe\r\n1\t2\r\n", binary.LittleEndian)))
	f.Add([]byte("\xff\xfe\x00"))
	f.Add([]byte("id,id\n\"\n"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		sheet, err := readSheet(bytes.NewReader(raw))
		if err != nil {
			return
		}
		if !sheet.has("id") {
			t.Fatal("a sheet without ids")
		}
		var seen []int64
		for _, row := range sheet.rows {
			if row.id < 1 || row.line < 2 || len(row.cells) != len(sheet.columns) || slices.Contains(seen, row.id) {
				t.Fatalf("a row %+v", row)
			}
			seen = append(seen, row.id)
		}
	})
}
