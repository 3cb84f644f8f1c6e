package transfer

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf16"
	"unicode/utf8"
)

// hostileNames are names of FOVs that some system takes for something else.
func hostileNames() []string {
	names := []string{
		"Point1", "POINT1", "point1", "Straße", "STRASSE", "İ", "i", "ſ", "s", "é", "é",
		"CON", "con.txt", "Aux ", "nul.tar.gz", "COM1", "com¹", "LPT9.x", "CONIN$", "clock$",
		"C:", "C:x", `C:\x`, `\\server\share`, `\\?\C:\x`, "file::$DATA", "x:stream", "a/b", `a\b`, "..", ".", "...", "../x", "-rf", "~", "$HOME", "%PATH%",
		"trail.", "trail ", "trail. ", " lead", ".hidden", "a?b", "a*b", "a<b>c", `a"b`, "a|b", "a\x00b", "a\nb", "a\x7fb", "\u202eexe.ffit", "\xff\xfe",
		"manifest.json", "MANIFEST.JSON", "x.tiff", "x.TIFF", "x", ".mibi-pull", ".MIBI-PULL", "MIBI-P~1", "mibi-p~1", "MANIFE~1.JSO", "REGION~1", "A~10", "~1", "a~b",
		strings.Repeat("x", 300), strings.Repeat("ü", 200), strings.Repeat("漢", 90),
	}
	return names
}

// Each FOV's file and folder have a name of their own on Windows, on macOS and on
// Linux, that none of them takes for a device, a stream, a path, or another file.
func TestNamesOnAllSystems(t *testing.T) {
	t.Parallel()
	var given []pullImage
	for i, name := range hostileNames() {
		given = append(given, pullImage{id: int64(i + 1), number: name, folder: name + "/x"})
	}
	images := packed(given...)
	taken := map[string]string{}
	for _, other := range []string{manifestName, stateFolder} {
		taken[strings.ToUpper(other)] = other
	}
	for _, image := range images {
		for _, name := range []string{image.file, image.file + tiffExtension} {
			for _, fold := range []func(string) string{strings.ToUpper, strings.ToLower} {
				key := fold(name)
				if other, ok := taken[key]; ok && other != name {
					t.Errorf("%q and %q are one where case does not matter", name, other)
				}
				taken[key] = name
			}
			if reason := refusedByWindows(name); reason != "" {
				t.Errorf("FOV %q is %q here: %s", image.number, name, reason)
			}
			if !utf8.ValidString(name) || len(name) > 255 || strings.HasPrefix(name, ".") {
				t.Errorf("FOV %q is %q here", image.number, name)
			}
		}
		if shortName(image.file) {
			t.Errorf("FOV %q is %q here, which Windows may have given to another file", image.number, image.file)
		}
	}
}

// refusedByWindows says what Windows has against a name, by its rules as they
// are written down ("Naming Files, Paths, and Namespaces").
func refusedByWindows(name string) string {
	base, _, _ := strings.Cut(name, ".")
	base = strings.ToUpper(strings.TrimRight(base, " "))
	devices := []string{"CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$"}
	for _, port := range []string{"COM", "LPT"} {
		for _, n := range []string{"0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "¹", "²", "³"} {
			devices = append(devices, port+n)
		}
	}
	switch {
	case name == "":
		return "it is empty"
	case strings.ContainsAny(name, `<>:"/\|?*`), strings.ContainsFunc(name, func(r rune) bool { return r < ' ' }):
		return "a character that no name may hold"
	case strings.HasSuffix(name, "."), strings.HasSuffix(name, " "):
		return "its end is cut off"
	case slices.Contains(devices, base):
		return "it is a device"
	case len(utf16.Encode([]rune(name))) > 255:
		return "it is too long"
	}
	return ""
}

func TestShortNames(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]bool{
		"MIBI-P~1": true, "a~1": true, "A~12": true, "MANIFE~1.JSO": true, "REGION~2": true,
		"Point1": false, "~": false, "~1": false, "a~": false, "a~b": false, "a~1b": false, "longer than eight~1": false,
	} {
		if shortName(name) != want {
			t.Errorf("%q: %v", name, !want)
		}
	}
	if got := fitFolder("MIBI-P~1"); got != "MIBI-P%7E1" {
		t.Errorf("it is written %q", got)
	}
}
