package api

import (
	"fmt"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/openmibi/openmibi/internal/model"
)

// awkward are strings and parts of strings that JSON has rules for.
var awkward = []string{
	"", "a", "FOV12", "R5C2", "\"", "\\", "/", "<b>&</b>", "\x00", "\x01", "\b", "\f", "\n", "\r", "\t", "\x1f", "\x7f", "~", " ",
	"µm", "é", "日本", "😀", "\u2028", "\u2029", "\ufffd", "\ufeff", "\u0080", "\xff", "\xc3", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xe2\x80", "\u200b",
}

// anyText is a random string of awkward parts.
func anyText(rnd *rand.Rand) string {
	var s string
	for range rnd.IntN(5) {
		s += awkward[rnd.IntN(len(awkward))]
	}
	return s
}

// anyNumber is a random finite number: of all magnitudes, or a common one.
func anyNumber(rnd *rand.Rand) float64 {
	common := []float64{
		0, math.Copysign(0, -1), 1, -1, 400, 0.1, 1e-6, 9.99e-7, 1e-7, 1.5e-9, 1e-10, 1e15, 999999999999999, 1e15 + 0.5, 1e16, 1e20, 1e21, 1.25e21, 1e22, 1e100, -1e-100,
		math.MaxFloat64, math.SmallestNonzeroFloat64, math.MaxInt64, math.Pi, 0.2062068, 1e6, 1e7, 123456789.25,
	}
	if rnd.IntN(3) == 0 {
		return common[rnd.IntN(len(common))]
	}
	for {
		if v := math.Float64frombits(rnd.Uint64()); !math.IsNaN(v) && !math.IsInf(v, 0) {
			return v
		}
	}
}

// scramble sets all that a value has to something random; what is a pointer
// is nil sometimes.
func scramble(rnd *rand.Rand, v reflect.Value) {
	if v.Type() == reflect.TypeFor[time.Time]() {
		return
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString(anyText(rnd))
	case reflect.Float64:
		v.SetFloat(anyNumber(rnd))
	case reflect.Bool:
		v.SetBool(rnd.IntN(2) == 0)
	case reflect.Int, reflect.Int64:
		v.SetInt(int64(rnd.Uint64()) >> rnd.IntN(64))
	case reflect.Pointer:
		if rnd.IntN(3) > 0 {
			v.Set(reflect.New(v.Type().Elem()))
			scramble(rnd, v.Elem())
		}
	case reflect.Slice:
		if rnd.IntN(4) > 0 {
			v.Set(reflect.MakeSlice(v.Type(), rnd.IntN(4), 4))
		}
		for i := range v.Len() {
			scramble(rnd, v.Index(i))
		}
	case reflect.Struct:
		for i := range v.NumField() {
			scramble(rnd, v.Field(i))
		}
	}
}

func scrambled[T any](rnd *rand.Rand) T {
	var v T
	scramble(rnd, reflect.ValueOf(&v).Elem())
	return v
}

// pool makes some objects with ids, of which rows choose.
func pool[T any](rnd *rand.Rand, setID func(*T, int64)) (choose func() T) {
	list := make([]T, 5)
	for i := range list {
		list[i] = scrambled[T](rnd)
		setID(&list[i], int64(i))
	}
	return func() T { return list[rnd.IntN(len(list))] }
}

// someOrNone is one of a pool, or nil.
func someOrNone[T any](rnd *rand.Rand, choose func() T) *T {
	if rnd.IntN(4) == 0 {
		return nil
	}
	v := choose()
	return &v
}

// relate gives images what they have in common with others: what has the
// same id is the same, as in rows that are read together.
func relate(rnd *rand.Rand, images []model.Image) {
	runs := pool(rnd, func(r *model.Run, id int64) { r.ID = id })
	sections := pool(rnd, func(s *model.Section, id int64) { s.ID = id })
	tissues := pool(rnd, func(s *model.Tissue, id int64) { s.ID = id })
	projects := pool(rnd, func(p *model.Project, id int64) { p.ID = id })
	apertures := pool(rnd, func(a *model.Aperture, id int64) { a.ID = id })
	sets := pool(rnd, func(s *model.ImageSetRef, id int64) { s.ID = id })
	channels := pool(rnd, func(*[]model.Channel, int64) {})
	for n := range images {
		i := &images[n]
		i.Run, i.Project, i.Section = runs(), someOrNone(rnd, projects), someOrNone(rnd, sections)
		i.Tissue, i.Aperture = someOrNone(rnd, tissues), someOrNone(rnd, apertures)
		i.ImageSets = nil
		for range rnd.IntN(3) {
			i.ImageSets = append(i.ImageSets, sets())
		}
		if rnd.IntN(3) > 0 { // or else they are its own
			i.Channels = channels()
		}
		for c := range i.Channels {
			i.Channels[c].Kind = []model.ChannelKind{model.ChannelSIMS, model.ChannelExtra}[c%2]
		}
		if rnd.IntN(3) == 0 && len(i.Channels) > 1 { // a part of a shared list is another list
			i.Channels = i.Channels[:1]
		}
	}
}

// Lists write the bytes of images that encoding/json writes of them.
func TestImageTextIsThatOfItsWireType(t *testing.T) {
	t.Parallel()
	for seed := range uint64(100) {
		rnd := rand.New(rand.NewPCG(seed, 1))
		images := make([]model.Image, 20)
		for n := range images {
			images[n] = scrambled[model.Image](rnd)
		}
		relate(rnd, images)
		encode, plain := newImageTexts(), encoded(imageWire)()
		for n := range images {
			got, err := encode([]byte("before "), &images[n])
			must(t, err)
			want, err := plain([]byte("before "), &images[n])
			must(t, err)
			if string(got) != string(want) {
				t.Fatalf("seed %d, image %d:\ngot  %s\nwant %s", seed, n, got, want)
			}
		}
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// A number that JSON has no text for is an error, wherever it stands.
func TestImageTextRefusesWhatIsNoNumber(t *testing.T) {
	t.Parallel()
	for _, bad := range []float64{math.NaN(), math.Inf(1), math.Inf(-1)} {
		for name, image := range map[string]model.Image{
			"dwell_time": {DwellTime: &bad}, "y_coord": {YCoord: &bad}, "run": {Run: model.Run{FOVSize: &bad}},
			"section": {Section: &model.Section{Panel: &model.Panel{Dilution: &bad}}},
		} {
			if _, err := encoded(imageWire)()(nil, &image); err == nil {
				t.Errorf("%s %v: encoding/json takes it", name, bad)
			}
			if _, err := newImageTexts()(nil, &image); err == nil {
				t.Errorf("%s %v: no error", name, bad)
			}
		}
	}
}

// Every byte, every rune of the basic plane, and every power of ten and of two.
func TestTextIsThatOfJSON(t *testing.T) {
	t.Parallel()
	same := func(write func(*text), v any) {
		t.Helper()
		want, err := marshal(v)
		must(t, err)
		var got text
		write(&got)
		must(t, got.err)
		if string(got.b) != string(want) {
			t.Errorf("%#v: got %s, want %s", v, got.b, want)
		}
	}
	text1 := func(s string) { same(func(t *text) { t.string(s) }, s) }
	for b := range 256 {
		text1(string([]byte{byte(b)}))
		text1(fmt.Sprintf("a%cz", rune(b)))
	}
	for r := range rune(0x10000) {
		text1(string(r))
	}
	var numbers []float64
	for e := -330; e <= 308; e++ {
		v := math.Pow10(e)
		numbers = append(numbers, v, -v, 1.5*v, math.Nextafter(v, 0), math.Nextafter(v, math.MaxFloat64))
	}
	for e := -1074; e <= 1023; e++ {
		numbers = append(numbers, math.Ldexp(1, e), math.Ldexp(1, e)*(1-1.0/1024))
	}
	for _, v := range slices.DeleteFunc(numbers, func(v float64) bool { return math.IsInf(v, 0) }) {
		same(func(t *text) { t.number(v) }, v)
		same(func(t *text) { t.float(v) }, float(v))
	}
	same(func(t *text) { t.number(math.Copysign(0, -1)) }, math.Copysign(0, -1))
	same(func(t *text) { orNull(t, nil, t.string) }, (*string)(nil))
	same(func(t *text) { t.value([]string{"<", "\u2028"}) }, []string{"<", "\u2028"})
}

func BenchmarkImageText(b *testing.B) {
	rnd := rand.New(rand.NewPCG(1, 1))
	name, size := "FOV 12", 400.0
	image := model.Image{
		ID: 1, Run: model.Run{Label: "20200301_1", Name: "run"}, Point: &name, Number: "Point1", Folder: "Point1/RowNumber0",
		FOVSize: &size, XCoord: &size, YCoord: &size, Status: "A", TIFF: &model.TIFF{Size: 1 << 20, SHA256: name},
		Channels: make([]model.Channel, 40), Section: &model.Section{Slide: &model.Slide{}, Panel: &model.Panel{}, Tissue: &model.Tissue{}},
	}
	for i := range image.Channels {
		image.Channels[i] = model.Channel{Kind: model.ChannelSIMS, Name: fmt.Sprintf("CD%d", rnd.IntN(100))}
	}
	for name, encoders := range map[string]func() encoder[model.Image]{"lists": newImageTexts, "encoding-json": encoded(imageWire)} {
		b.Run(name, func(b *testing.B) {
			encode, text := encoders(), []byte(nil)
			for b.Loop() {
				var err error
				if text, err = encode(text[:0], &image); err != nil {
					b.Fatal(err)
				}
			}
			b.SetBytes(int64(len(text)))
		})
	}
}
