package preview

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"io"
	"math/rand/v2"
	"strings"
	"testing"
)

// stairs goes from black to white, over a row of black and white.
var stairs = Picture{Width: 4, Height: 3, Shades: []uint8{0, 24, 128, 255, 0, 24, 0, 255, 255, 0, 24, 24}}

func TestHalfBlocks(t *testing.T) {
	t.Parallel()
	for colours, want := range map[Colours]string{
		TrueColour: "\x1b[48;2;0;0;0m \x1b[48;2;24;24;24m \x1b[48;2;0;0;0m\x1b[38;2;128;128;128m▀\x1b[48;2;255;255;255m \x1b[0m\n" +
			"\x1b[48;2;0;0;0m\x1b[38;2;255;255;255m▀ \x1b[38;2;24;24;24m▀▀\x1b[0m\n",
		Palette: "\x1b[48;5;16m \x1b[48;5;234m \x1b[48;5;16m\x1b[38;5;244m▀\x1b[48;5;231m \x1b[0m\n" +
			"\x1b[48;5;16m\x1b[38;5;231m▀ \x1b[38;5;234m▀▀\x1b[0m\n",
	} {
		var out bytes.Buffer
		if err := stairs.HalfBlocks(&out, colours); err != nil || out.String() != want {
			t.Errorf("%d colours, %v\ngot  %q\nwant %q", colours, err, out.String(), want)
		}
	}
}

func TestCharacters(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	if err := stairs.Characters(&out); err != nil || out.String() != " .+@\n . @\n@ ..\n" {
		t.Errorf("%v\n%s", err, out.String())
	}
}

func TestNothingToDraw(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	if err := errors.Join(Picture{}.HalfBlocks(&out, Palette), Picture{}.Characters(&out), Picture{}.Kitty(&out, 1, 1)); err != nil || out.Len() > 0 {
		t.Errorf("%q, %v", out.String(), err)
	}
}

// What a terminal makes of the bytes is the picture again.
func TestKitty(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 2))
	for _, p := range []Picture{stairs, {Width: 120, Height: 90, Shades: make([]uint8, 120*90)}} {
		if p.Width > 4 {
			for i := range p.Shades {
				p.Shades[i] = uint8(random.Uint32())
			}
		}
		var out bytes.Buffer
		if err := p.Kitty(&out, 40, 15); err != nil {
			t.Fatal(err)
		}
		commands, ok := strings.CutSuffix(out.String(), "\n")
		if !ok {
			t.Fatal("no line ends")
		}
		var text strings.Builder
		pieces := strings.Split(strings.TrimSuffix(commands, "\x1b\\"), "\x1b\\")
		for i, piece := range pieces {
			keys, data, _ := strings.Cut(piece, ";")
			want := "\x1b_G"
			if i == 0 {
				want += "a=T,f=100,c=40,r=15,"
			}
			last := 0
			if i < len(pieces)-1 {
				last = 1
			}
			if want += fmt.Sprintf("q=2,m=%d", last); keys != want || len(data) > 4096 || last == 1 && len(data)%4 != 0 {
				t.Errorf("piece %d: %q with %d characters, want %q", i, keys, len(data), want)
			}
			text.WriteString(data)
		}
		img, err := png.Decode(base64.NewDecoder(base64.StdEncoding, strings.NewReader(text.String())))
		if err != nil || img.Bounds() != image.Rect(0, 0, p.Width, p.Height) {
			t.Fatal(err)
		}
		for i, shade := range p.Shades {
			if img.At(i%p.Width, i/p.Width) != (color.Gray{Y: shade}) {
				t.Fatalf("pixel %d is %v, want %d", i, img.At(i%p.Width, i/p.Width), shade)
			}
		}
	}
}

func TestAnswered(t *testing.T) {
	t.Parallel()
	for said, want := range map[string][2]bool{
		"":                                      {},
		"\x1b_Gi=31;OK\x1b\\":                   {},
		"\x1b_Gi=31;OK\x1b\\\x1b[?62":           {},
		"\x1b_Gi=31;OK\x1b\\\x1b[?62;c":         {true, true},
		"\x1b_Gi=31;OK\x1b\\\x1b[?1u\x1b[?62;c": {true, true},
		"x\x1b[?64;1;2c":                        {true, false},
		"\x1b_Gi=31;EINVAL:no\x1b\\\x1b[?6c":    {true, false},
		"\x1b[?":                                {},
		"\x1b[?\x1b[?\x1b[c":                    {},
	} {
		if all, shows := Answered([]byte(said)); [2]bool{all, shows} != want {
			t.Errorf("%q: %t, %t", said, all, shows)
		}
	}
}

func FuzzAnswered(f *testing.F) {
	f.Add([]byte("\x1b_Gi=31;OK\x1b\\\x1b[?62;c"))
	f.Fuzz(func(t *testing.T, said []byte) {
		if all, shows := Answered(said); shows && !all {
			t.Error("shows images before all is said")
		}
	})
}

func TestWriteErrors(t *testing.T) {
	t.Parallel()
	for _, draw := range []func(io.Writer) error{
		func(w io.Writer) error { return stairs.HalfBlocks(w, Palette) },
		stairs.Characters,
		func(w io.Writer) error { return stairs.Kitty(w, 4, 2) },
	} {
		r, w := io.Pipe()
		_ = r.CloseWithError(io.ErrClosedPipe)
		if err := draw(w); !errors.Is(err, io.ErrClosedPipe) {
			t.Errorf("got %v", err)
		}
	}
}
