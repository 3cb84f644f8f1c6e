package mibitracker_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/openmibi/openmibi/mibitracker"
)

const stored = "run-uuid/Point1/RowNumber0/Depth_Profile0/summed_image.tiff"

// whole checks a download's result, and that nothing lies beside it.
func whole(t *testing.T, got *mibitracker.Downloaded, err error, path string, content []byte) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	on, err := os.ReadFile(path)
	if err != nil || !bytes.Equal(on, content) {
		t.Fatalf("%d bytes of %d, %v", len(on), len(content), err)
	}
	if got.Path != path || got.Size != int64(len(content)) || got.SHA256 != fmt.Sprintf("%x", sha256.Sum256(content)) {
		t.Errorf("%+v", got)
	}
	if names := list(t, filepath.Dir(path)); len(names) != 1 {
		t.Errorf("the folder holds %q", names)
	}
}

func list(t *testing.T, folder string) []string {
	t.Helper()
	entries, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

func TestDownload(t *testing.T) {
	t.Parallel()
	for name, content := range map[string][]byte{"empty": {}, "small": []byte("x"), "large": noise(1_000_000)} {
		for _, dest := range []string{"folder", "file", "over another"} {
			t.Run(name+" to a "+dest, func(t *testing.T) {
				t.Parallel()
				s := newWeather(t, content, reset(len(content)/3))
				folder := t.TempDir()
				at, to := filepath.Join(folder, "summed_image.tiff"), folder
				if dest != "folder" {
					at = filepath.Join(folder, "a.tiff")
					to = at
				}
				if dest == "over another" {
					if err := os.WriteFile(at, []byte("what was there before"), 0o600); err != nil {
						t.Fatal(err)
					}
				}
				var done, total int64 = -1, -1
				got, err := newClient(t, s.URL).Files.Download(t.Context(), stored, to, mibitracker.WithProgress(func(d, of int64) {
					if d < done {
						t.Errorf("progress goes from %d to %d", done, d)
					}
					done, total = d, of
				}))
				whole(t, got, err, at, content)
				if done != int64(len(content)) || total != done || got.ETag != shaTag(content) || got.Resumed != 0 {
					t.Errorf("progress ends at %d of %d; %+v", done, total, got)
				}
			})
		}
	}
}

// interrupted downloads a part and gives up.
func interrupted(t *testing.T, s *weather, dest string, at int64) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	s.mu.Lock()
	s.faults = append([]fault{stalled(int(at))}, s.faults...)
	s.mu.Unlock()
	_, err := newClient(t, s.URL).Files.Download(ctx, stored, dest, mibitracker.WithProgress(func(done, _ int64) {
		if done >= at {
			cancel()
		}
	}))
	if !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	if at > 0 && !strings.Contains(err.Error(), fmt.Sprintf("%d bytes are kept", at)) {
		t.Errorf("nothing is said of what is kept: %v", err)
	}
	if _, err := os.Stat(dest); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("half a file under %s", dest)
	}
}

func TestDownloadResumes(t *testing.T) {
	t.Parallel()
	content := noise(300_000)
	old := time.Now().Add(-time.Hour)
	other := append([]byte("y"), noise(299_999)...)
	part := func(t *testing.T, folder, ext string) string {
		t.Helper()
		found, err := filepath.Glob(filepath.Join(folder, ".a.tiff.*"+ext))
		if err != nil || len(found) != 1 {
			t.Fatalf("%q, %v", found, err)
		}
		return found[0]
	}
	write := func(t *testing.T, name string, b []byte) {
		t.Helper()
		if err := os.WriteFile(name, b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for name, test := range map[string]struct {
		setup   func(*weather)
		change  func(t *testing.T, s *weather, folder string)
		opts    []mibitracker.DownloadOption
		content []byte
		resumed int64
		ranges  string // of the second download
	}{
		"same":        {content: content, resumed: 100_000, ranges: "100000-"},
		"only a date": {setup: func(s *weather) { s.tag, s.modified = nil, old }, content: content, resumed: 100_000, ranges: "100000-"},
		"Google's hash": {setup: func(s *weather) {
			s.tag = func(b []byte) string { return `"1"` }
			s.header.Set("X-Goog-Hash", googleCRC(content))
		}, content: content, resumed: 100_000, ranges: "100000-"},
		"breaks again":     {change: func(_ *testing.T, s *weather, _ string) { s.faults = []fault{reset(0), truncated(50_000)} }, content: content, resumed: 100_000},
		"replaced":         {change: func(_ *testing.T, s *weather, _ string) { s.content = other }, content: other, ranges: "100000-"},
		"replaced by less": {change: func(_ *testing.T, s *weather, _ string) { s.content = other[:50] }, content: other[:50]},
		"replaced, only a date": {setup: func(s *weather) { s.tag, s.modified = nil, old }, content: other, ranges: "100000-",
			change: func(_ *testing.T, s *weather, _ string) { s.content, s.modified = other, old.Add(time.Minute) }},
		"no ranges any more": {change: func(_ *testing.T, s *weather, _ string) { s.noRanges = true }, content: content, ranges: "100000-"},
		"part of another file": {content: content, setup: func(s *weather) { s.tag = func([]byte) string { return `"1"` } },
			change: func(t *testing.T, _ *weather, folder string) { write(t, part(t, folder, ".part"), other) }},
		"part cut": {content: content, change: func(t *testing.T, _ *weather, folder string) {
			write(t, part(t, folder, ".part"), content[:99_999])
		}},
		"part longer than noted": {content: content, resumed: 100_000, ranges: "100000-", change: func(t *testing.T, _ *weather, folder string) {
			write(t, part(t, folder, ".part"), append(content[:100_000:100_000], "never accounted for"...))
		}},
		"note torn": {content: content, change: func(t *testing.T, _ *weather, folder string) {
			write(t, part(t, folder, ".json"), []byte(`{"version": {"e`))
		}},
		"note absurd": {content: content, change: func(t *testing.T, _ *weather, folder string) {
			write(t, part(t, folder, ".json"), []byte(`{"version": {"validator": "\"1\"", "size": 5}, "length": -7}`))
		}},
		"note gone": {content: content, change: func(t *testing.T, _ *weather, folder string) { _ = os.Remove(part(t, folder, ".json")) }},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newWeather(t, content)
			if test.setup != nil {
				test.setup(s)
			}
			folder := t.TempDir()
			dest := filepath.Join(folder, "a.tiff")
			interrupted(t, s, dest, 100_000)
			if test.change != nil {
				test.change(t, s, folder)
			}
			s.mu.Lock()
			s.asked = nil
			s.mu.Unlock()
			got, err := newClient(t, s.URL).Files.Download(t.Context(), stored, dest, test.opts...)
			whole(t, got, err, dest, test.content)
			if got.Resumed != test.resumed {
				t.Errorf("%d bytes were used again, want %d", got.Resumed, test.resumed)
			}
			if test.ranges != "" && s.ranges() != test.ranges {
				t.Errorf("asked for %q, want %q", s.ranges(), test.ranges)
			}
		})
	}
}

// What a process leaves that is killed while bytes come is of use, too.
func TestDownloadAfterAKill(t *testing.T) {
	t.Parallel()
	content := noise(12 << 20)
	s := newWeather(t, content)
	c := newClient(t, s.URL)
	first, second := t.TempDir(), t.TempDir()
	left := 0
	_, err := c.Files.Download(t.Context(), stored, first, mibitracker.WithProgress(func(done, _ int64) {
		if done < 10<<20 || left > 0 {
			return
		}
		for _, name := range list(t, first) { // as a kill at this moment would leave it
			left++
			b, err := os.ReadFile(filepath.Join(first, name))
			if err == nil {
				err = os.WriteFile(filepath.Join(second, name), b, 0o600)
			}
			if err != nil {
				t.Error(err)
			}
		}
	}))
	if err != nil || left != 2 {
		t.Fatalf("%v; %d files at 10 MiB, want a part and its note", err, left)
	}
	got, err := c.Files.Download(t.Context(), stored, second)
	whole(t, got, err, filepath.Join(second, "summed_image.tiff"), content)
	if got.Resumed < 8<<20 || s.ranges() != fmt.Sprintf(" %d-", got.Resumed) {
		t.Errorf("%d bytes were used again; asked for %q", got.Resumed, s.ranges())
	}
}

// Every byte may be the last that came.
func TestDownloadResumesAnywhere(t *testing.T) {
	t.Parallel()
	content := noise(12)
	for at := range 12 {
		s := newWeather(t, content)
		dest := filepath.Join(t.TempDir(), "b.tiff")
		interrupted(t, s, dest, int64(at))
		got, err := newClient(t, s.URL).Files.Download(t.Context(), stored, dest)
		whole(t, got, err, dest, content)
		if got.Resumed != int64(at) {
			t.Errorf("%d bytes were used again, want %d", got.Resumed, at)
		}
	}
}

// What is there as a whole, but could not be given its name, is not asked for
// again.
func TestDownloadWholePart(t *testing.T) {
	t.Parallel()
	for _, size := range []int{1, 2, 100_000} {
		content := noise(size)
		s := newWeather(t, content)
		folder := t.TempDir()
		dest := filepath.Join(folder, "a.tiff")
		c := newClient(t, s.URL)
		// A folder that appears under the name while the file comes.
		_, err := c.Files.Download(t.Context(), stored, dest, mibitracker.WithProgress(func(int64, int64) {
			_ = os.MkdirAll(filepath.Join(dest, "sub"), 0o700)
		}))
		if err == nil || !strings.Contains(err.Error(), fmt.Sprintf("%d bytes are kept", size)) {
			t.Fatal(err)
		}
		if err := os.RemoveAll(dest); err != nil {
			t.Fatal(err)
		}
		got, err := c.Files.Download(t.Context(), stored, dest)
		whole(t, got, err, dest, content)
		if want := fmt.Sprintf(" %d-", size-1); size > 1 && (s.ranges() != want || got.Resumed != int64(size)) {
			t.Errorf("asked for %q, want %q; %+v", s.ranges(), want, got)
		}
	}
}

// The only byte there is has to be asked for, to see that it is the same.
func TestDownloadWholePartReplaced(t *testing.T) {
	t.Parallel()
	s := newWeather(t, []byte("a"))
	s.tag = func(b []byte) string { return fmt.Sprintf("%q", b) }
	dest := filepath.Join(t.TempDir(), "a.tiff")
	c := newClient(t, s.URL)
	_, err := c.Files.Download(t.Context(), stored, dest, mibitracker.WithProgress(func(int64, int64) {
		_ = os.MkdirAll(filepath.Join(dest, "sub"), 0o700)
	}))
	if err == nil || !strings.Contains(err.Error(), "1 bytes are kept") {
		t.Fatal(err)
	}
	if err := os.RemoveAll(dest); err != nil {
		t.Fatal(err)
	}
	replaceBy([]byte("b"))(s)
	got, err := c.Files.Download(t.Context(), stored, dest)
	whole(t, got, err, dest, []byte("b"))
}

func TestDownloadStartsOver(t *testing.T) {
	t.Parallel()
	content, other := noise(100_000), append([]byte("z"), noise(120_000)...)
	large := noise(9 << 20) // so that there are notes to be removed
	changing := func(s *weather) { s.content = append([]byte{s.content[0] + 1}, s.content[1:]...) }
	for name, test := range map[string]struct {
		faults  []fault
		setup   func(*weather)
		content []byte
		want    error
	}{
		"replaced on the way":    {faults: []fault{and(replaceBy(other), truncated(50_000))}, content: other},
		"replaced all the time":  {faults: slices.Repeat([]fault{and(changing, truncated(50_000)), nil}, 9), want: mibitracker.ErrChanged},
		"cut by a lying length":  {faults: []fault{announcing(1000, 1000)}, content: content},
		"cut, and cut again":     {faults: []fault{announcing(1000, 1000), announcing(1000, 1000)}, want: mibitracker.ErrCorrupt},
		"no ranges":              {setup: func(s *weather) { s.noRanges = true }, faults: []fault{truncated(50_000), nil, truncated(70_000)}, content: content},
		"nothing names versions": {setup: func(s *weather) { s.tag = nil }, faults: []fault{truncated(50_000), truncated(70_000), truncated(9)}, content: content},
		"no ranges, never whole": {setup: func(s *weather) { s.noRanges = true }, faults: slices.Repeat([]fault{truncated(50_000)}, 20), want: mibitracker.ErrNoRanges},
		"corrupt in the storage": {setup: func(s *weather) { s.tag, s.content = func([]byte) string { return shaTag(content) }, large }, want: mibitracker.ErrCorrupt},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newWeather(t, content, test.faults...)
			if test.setup != nil {
				test.setup(s)
			}
			folder := t.TempDir()
			dest := filepath.Join(folder, "a.tiff")
			got, err := newClient(t, s.URL).Files.Download(t.Context(), stored, dest)
			if test.want == nil {
				whole(t, got, err, dest, test.content)
				return
			}
			if !errors.Is(err, test.want) {
				t.Error(err)
			}
			if _, err := os.Stat(dest); err == nil || !errors.Is(test.want, mibitracker.ErrChanged) && len(list(t, folder)) > 0 {
				t.Errorf("left: %q", list(t, folder))
			}
		})
	}
}

func TestDownloadWithoutResume(t *testing.T) {
	t.Parallel()
	content := noise(50_000)
	s := newWeather(t, content)
	folder := t.TempDir()
	dest := filepath.Join(folder, "a.tiff")
	s.faults = slices.Repeat([]fault{truncated(0)}, 9)
	_, err := newClient(t, s.URL).Files.Download(t.Context(), stored, dest, mibitracker.WithoutResume())
	if err == nil || len(list(t, folder)) != 0 {
		t.Errorf("%v, left: %q", err, list(t, folder))
	}
	s.mu.Lock()
	s.faults = nil
	s.mu.Unlock()
	interrupted(t, s, dest, 20_000)
	s.faults = nil
	got, err := newClient(t, s.URL).Files.Download(t.Context(), stored, dest, mibitracker.WithoutResume())
	if err != nil || got.Resumed != 0 {
		t.Errorf("%+v, %v", got, err)
	}
}

// Downloads of one file to one place at a time do not spoil one another.
func TestDownloadTogether(t *testing.T) {
	t.Parallel()
	content := noise(400_000)
	s := newWeather(t, content, append(slices.Repeat([]fault{truncated(150_000), truncated(10_000), nil}, 6), status(502), status(503), status(503))...)
	dest := filepath.Join(t.TempDir(), "a.tiff")
	interrupted(t, s, dest, 30_000)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			got, err := newClient(t, s.URL).Files.Download(t.Context(), stored, dest)
			if err != nil {
				t.Error(err)
				return
			}
			if on, err := os.ReadFile(got.Path); err != nil || !bytes.Equal(on, content) {
				t.Errorf("%d bytes, %v", len(on), err)
			}
		})
	}
	wg.Wait()
	if names := list(t, filepath.Dir(dest)); len(names) != 1 {
		t.Errorf("left: %q", names)
	}
}

func TestDownloadRefused(t *testing.T) {
	t.Parallel()
	s := newWeather(t, noise(1000))
	c := newClient(t, s.URL)
	folder := t.TempDir()
	file := filepath.Join(folder, "file")
	if err := os.WriteFile(file, []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	locked := filepath.Join(folder, "locked")
	if err := os.Mkdir(locked, 0o500); err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		path, dest string
		want       error
	}{
		"a folder that is not there": {stored, filepath.Join(folder, "no", "a.tiff"), fs.ErrNotExist},
		"a slash after nothing":      {stored, filepath.Join(folder, "no") + string(filepath.Separator), fs.ErrNotExist},
		"a file for a folder":        {stored, filepath.Join(file, "a.tiff"), nil},
		"a folder for a file":        {"a/locked", folder, nil},
		"a name that is too long":    {stored, filepath.Join(folder, strings.Repeat("x", 300)), nil},
		"a read-only folder":         {stored, filepath.Join(locked, "a.tiff"), fs.ErrPermission},
	} {
		if name == "a read-only folder" && os.Geteuid() <= 0 {
			continue // root, and Windows, write where they want
		}
		_, err := c.Files.Download(t.Context(), test.path, test.dest)
		if err == nil || test.want != nil && !errors.Is(err, test.want) || !strings.Contains(err.Error(), filepath.Base(folder)) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, path := range []string{"", "a/", "a/..", "..", "a/.", "a/b\x00c", "a/b\nc", "a/\xff", "a/" + strings.Repeat("x", 256)} {
		var name *mibitracker.NameError
		if _, err := c.Files.Download(t.Context(), path, folder); !errors.As(err, &name) || !strings.Contains(err.Error(), "give the name of a file") {
			t.Errorf("%q: %v", path, err)
		}
	}
	if len(s.asked) != 0 {
		t.Error("a file was asked for that has no place")
	}
	s.faults = []fault{status(404)}
	if _, err := c.Files.Download(t.Context(), stored, folder); !errors.Is(err, mibitracker.ErrNotFound) {
		t.Error(err)
	}
	if names := list(t, folder); len(names) != 2 {
		t.Errorf("left: %q", names)
	}
	long := filepath.Join(folder, strings.Repeat("ü", 125))
	if _, err := c.Files.Download(t.Context(), stored, long); err != nil {
		t.Errorf("a long name: %v", err)
	}
}

// A temporary name that somebody else made a link of is not written through.
func TestDownloadFollowsNoLink(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("links need a privilege here")
	}
	content := noise(100_000)
	s := newWeather(t, content)
	folder := t.TempDir()
	dest := filepath.Join(folder, "a.tiff")
	interrupted(t, s, dest, 50_000)
	parts, err := filepath.Glob(filepath.Join(folder, ".a.tiff.*.part"))
	if err != nil || len(parts) != 1 {
		t.Fatalf("%q, %v", parts, err)
	}
	victim := filepath.Join(t.TempDir(), "victim")
	if err := os.WriteFile(victim, []byte("mine"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(os.Remove(parts[0]), os.Symlink(victim, parts[0])); err != nil {
		t.Fatal(err)
	}
	if _, err := newClient(t, s.URL).Files.Download(t.Context(), stored, dest); err != nil {
		t.Fatal(err)
	}
	if b, err := os.ReadFile(victim); err != nil || string(b) != "mine" {
		t.Errorf("%q, %v", b, err)
	}
	if b, err := os.ReadFile(dest); err != nil || !bytes.Equal(b, content) {
		t.Errorf("%d bytes, %v", len(b), err)
	}
}
