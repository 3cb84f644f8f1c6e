package mibi_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/openmibi/openmibi/mibi"
)

func TestFileNames(t *testing.T) {
	t.Parallel()
	tests := []struct{ channels, want []string }{
		{[]string{"CD45", "HLA class 1", "Na-K-ATPase", "β-tubulin", "CD8, CD11c (v2)", "_a+b=c_", "é"}, nil},
		{[]string{"HLA-A/B"}, []string{"HLA-A-B%-s"}},
		{[]string{"a/b-c", `a\b/c`, "a-b-c", "a-b/c"}, []string{"a-b-c%s", "a-b-c%rs", "a-b-c", "a-b-c%-s"}},
		{[]string{"CON", "nul.x", "COM¹", "lpt9 .a", "CONIN$", "COM10", "CONE"}, []string{"%43ON", "%6Eul.x", "%43OM¹", "%6Cpt9 .a", "%43ONIN$", "COM10", "CONE"}},
		{[]string{`a:b*c?"<>|`, "50%", "x.", "y ", ".z", " w", "..", "."}, []string{"a%3Ab%2Ac%3F%22%3C%3E%7C", "50%25", "x%2E", "y%20", "%2Ez", "%20w", "%2E%2E", "%2E"}},
		{[]string{"", "a\x00\n\x7f", "\u202ea", "e\u0301", "\xff", "\ufffd"}, []string{"%", "a%00%0A%7F", "%E2%80%AEa", "e%CC%81", "%FF", "\ufffd"}},
		{[]string{"cd4", "CD4", "Cd4"}, []string{"%63%644", "CD4", "%43%644"}},
		{[]string{"µ", "μ", "K", "\u212a", "ı", "I"}, []string{"µ", "%CE%BC", "K", "%E2%84%AA", "%C4%B1", "I"}},
		{[]string{"a/B", "a-b", "A/b"}, []string{"%61-%42%s", "a-b", "A-b%s"}},
		{[]string{"../etc/passwd"}, []string{"%2E.-etc-passwd%ss"}},
		{[]string{"a", "a"}, []string{"a", "a"}},
	}
	for _, tt := range tests {
		want := tt.want
		if want == nil {
			want = tt.channels
		}
		if got := mibi.FileNames(tt.channels); !slices.Equal(got, want) {
			t.Errorf("FileNames(%q) =\n%q, want\n%q", tt.channels, got, want)
		}
		checkFileNames(t, tt.channels)
	}
}

func TestFileNamesTooLong(t *testing.T) {
	t.Parallel()
	stem := strings.Repeat("é", mibi.MaxFileName/2)
	channels := []string{stem, stem + "1", stem + "2", strings.Repeat("a/", 100), strings.Repeat("x", 1<<16), "y" + strings.Repeat("%", 99), strings.ToUpper(stem)}
	files := mibi.FileNames(channels)
	checkFileNames(t, channels)
	for i, file := range files {
		_, err := mibi.ChannelName(file)
		if short := errors.Is(err, mibi.ErrShortFileName); short != (i != 6) {
			t.Errorf("%.20q... is %q: %v", channels[i], file, err)
		}
	}
	if plain := mibi.FileNames([]string{stem}); plain[0] != stem {
		t.Errorf("a name of exactly %d bytes became %q", mibi.MaxFileName, plain[0])
	}
	if !strings.HasPrefix(files[1], stem[:200]) {
		t.Errorf("%q does not begin as its channel", files[1])
	}
}

func TestChannelNameRefuses(t *testing.T) {
	t.Parallel()
	for _, file := range []string{"", "a/b", "50%", "%4", "%zz", "a%41", "%3a", "a-b%-", "a%s", "a-b%ss", "a-b%s-", "a:b", "x.", "CON", "a%hzz", strings.Repeat("a", mibi.MaxFileName+1), "a\xff"} {
		channel, err := mibi.ChannelName(file)
		var e *mibi.FileNameError
		if !errors.Is(err, mibi.ErrFileName) || !errors.As(err, &e) || e.Name != file || channel != "" {
			t.Errorf("ChannelName(%q) = %q, %v", file, channel, err)
		}
	}
}

// The rule rests on this: of two characters that a file system may take for
// one, both are written as bytes in the names that give way.
func TestEveryCaseIsToldApart(t *testing.T) {
	t.Parallel()
	for r := range rune(unicode.MaxRune) {
		if !utf8.ValidRune(r) {
			continue
		}
		for _, other := range []rune{unicode.SimpleFold(r), unicode.ToUpper(r), unicode.ToLower(r), unicode.ToTitle(r)} {
			if other == r {
				continue
			}
			pair := []string{"x" + string(r) + "x", "x" + string(other) + "x"}
			files := mibi.FileNames(pair)
			for _, fold := range []func(string) string{strings.ToUpper, strings.ToLower, simpleFold} {
				if a, b := fold(files[0]), fold(files[1]); a == b {
					t.Fatalf("%U and %U: files %q fall together", r, other, files)
				}
			}
		}
	}
}

// simpleFold is the folding of strings.EqualFold, written as a text.
func simpleFold(s string) string {
	return strings.Map(func(r rune) rune {
		for unicode.SimpleFold(r) > r {
			r = unicode.SimpleFold(r)
		}
		return r
	}, s)
}

// randomNames makes lists of names that collide often: from few letters, and
// from what needs care.
func randomNames(rng *rand.Rand) []string {
	alphabets := [][]rune{
		[]rune("aAbB/-\\"), []rune("cCoOnN.1 "), []rune("kK\u212aµμΜßẞıİiI"), []rune("%shrE2F/\\-0"),
		[]rune("\x00\x1f\x7f:*?\"<>|. \u0301\u202e\u200d\U0001f9ec\ufffd"),
	}
	names := make([]string, 1+rng.IntN(12))
	for i := range names {
		alphabet := alphabets[rng.IntN(len(alphabets))]
		length := rng.IntN(6)
		if rng.IntN(20) == 0 {
			length = rng.IntN(400)
		}
		var b strings.Builder
		for range length {
			switch rng.IntN(20) {
			case 0:
				b.WriteRune(rng.Int32N(unicode.MaxRune))
			case 1:
				b.WriteByte(byte(rng.IntN(256)))
			default:
				b.WriteRune(alphabet[rng.IntN(len(alphabet))])
			}
		}
		names[i] = b.String()
	}
	return names
}

func TestFileNamesOfRandomNames(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(1, 2))
	for range 5_000 {
		checkFileNames(t, randomNames(rng))
		if t.Failed() {
			return
		}
	}
}

// checkFileNames holds the rule's promises against any list of names.
func checkFileNames(t *testing.T, channels []string) {
	t.Helper()
	files := mibi.FileNames(channels)
	owner := make(map[string]string)
	for i, file := range files {
		if strings.ContainsAny(file, "/\\:*?\"<>|\x00") || len(file) > mibi.MaxFileName || !utf8.ValidString(file) ||
			strings.Trim(file, " ") != file || strings.HasPrefix(file, ".") || strings.HasSuffix(file, ".") || file == "" ||
			strings.ContainsFunc(file, unicode.IsControl) {
			t.Errorf("channel %q: file %q is not fit", channels[i], file)
		}
		base, _, _ := strings.Cut(file, ".")
		if slices.Contains([]string{"CON", "NUL", "COM1", "AUX", "PRN", "LPT1"}, strings.ToUpper(strings.TrimRight(base, " "))) {
			t.Errorf("channel %q: file %q is a device", channels[i], file)
		}
		for _, key := range []string{"lower " + strings.ToLower(file), "upper " + strings.ToUpper(file), "folded " + simpleFold(file)} {
			if other, taken := owner[key]; taken && other != channels[i] {
				t.Errorf("channels %q and %q: files fall together as %q", other, channels[i], key)
			}
			owner[key] = channels[i]
		}
		back, err := mibi.ChannelName(file)
		if errors.Is(err, mibi.ErrShortFileName) {
			// Every byte may take three, and each "-" a letter.
			if len(channels[i]) <= mibi.MaxFileName/4 {
				t.Errorf("channel %q: file %q was shortened", channels[i], file)
			}
		} else if err != nil || back != channels[i] {
			t.Errorf("channel %q: file %q: back as %q, %v", channels[i], file, back, err)
		}
	}
	reversed := slices.Clone(channels)
	slices.Reverse(reversed)
	again := mibi.FileNames(reversed)
	slices.Reverse(again)
	if !slices.Equal(files, again) {
		t.Errorf("channels %q: files depend on the order: %q, %q", channels, files, again)
	}
}

func FuzzFileNames(f *testing.F) {
	f.Add("a/b", "a-b", "A-b")
	f.Fuzz(func(t *testing.T, a, b, c string) {
		checkFileNames(t, []string{a, b, c})
		// Read as a file name, a text means one channel or none.
		if channel, err := mibi.ChannelName(a); err == nil {
			checkFileNames(t, []string{channel, strings.ToUpper(channel), strings.ToLower(channel)})
		} else if !errors.Is(err, mibi.ErrFileName) && !errors.Is(err, mibi.ErrShortFileName) {
			t.Errorf("untyped error %v", err)
		}
	})
}

func ExampleFileNames() {
	for _, file := range mibi.FileNames([]string{"CD45", "HLA-A/B", "HLA-A-B", "cd45"}) {
		fmt.Println(file + ".tiff")
	}
	// Output:
	// CD45.tiff
	// HLA-A-B%-s.tiff
	// HLA-A-B.tiff
	// %63%6445.tiff
}

func ExampleChannelName() {
	channel, err := mibi.ChannelName(strings.TrimSuffix("HLA-A-B%-s.tiff", ".tiff"))
	fmt.Println(channel, err)
	_, err = mibi.ChannelName("what?")
	fmt.Println(err)
	// Output:
	// HLA-A/B <nil>
	// file "what?": not the file name of a channel
}
