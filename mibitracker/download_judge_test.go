package mibitracker_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/openmibi/openmibi/mibitracker"
)

func hashOf(b []byte) string { return fmt.Sprintf("%x", sha256.Sum256(b)) }

// killed leaves in another folder what a process would that is killed when so
// many bytes of a file have come.
func killed(t *testing.T, s *weather, at int, opts ...mibitracker.DownloadOption) (dest string) {
	t.Helper()
	first, second := t.TempDir(), t.TempDir()
	left := false
	opts = append(opts, mibitracker.WithProgress(func(done, _ int64) {
		if done < int64(at) || left {
			return
		}
		left = true
		for _, name := range list(t, first) {
			b, err := os.ReadFile(filepath.Join(first, name))
			if err == nil {
				err = os.WriteFile(filepath.Join(second, name), b, 0o600)
			}
			if err != nil {
				t.Error(err)
			}
		}
	}))
	if _, err := newClient(t, s.URL).Files.Download(t.Context(), stored, filepath.Join(first, "a.tiff"), opts...); err != nil || !left {
		t.Fatal(err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked = nil
	return filepath.Join(second, "a.tiff")
}

// sound looks at nothing, and counts.
func sound(looks *int) mibitracker.DownloadOption {
	return mibitracker.WithVerify(func(context.Context, io.ReaderAt, int64) error { *looks++; return nil })
}

// What a killed process left is gone on with to the last byte, where the end is
// judged.
func TestDownloadGoesOnWithoutNotes(t *testing.T) {
	t.Parallel()
	content := noise(1 << 20)
	other := append([]byte("z"), noise(1<<20-1)...)
	looks := 0
	for name, c := range map[string]struct {
		setup   func(*weather)
		opts    []mibitracker.DownloadOption
		change  func(*testing.T, *weather, string)
		content []byte
		fresh   bool // nothing is gone on with
		asked   string
	}{
		"hash":                    {opts: []mibitracker.DownloadOption{mibitracker.WithSHA256(hashOf(content))}},
		"hash in large letters":   {opts: []mibitracker.DownloadOption{mibitracker.WithSHA256(strings.ToUpper(hashOf(content)))}},
		"hash, no versions":       {opts: []mibitracker.DownloadOption{mibitracker.WithSHA256(hashOf(content))}, setup: func(s *weather) { s.tag = nil }},
		"hash, only a date":       {opts: []mibitracker.DownloadOption{mibitracker.WithSHA256(hashOf(content))}, setup: func(s *weather) { s.tag, s.modified = nil, time.Now().Add(-time.Hour) }},
		"look":                    {opts: []mibitracker.DownloadOption{sound(&looks)}},
		"look, only a date":       {opts: []mibitracker.DownloadOption{sound(&looks)}, setup: func(s *weather) { s.tag, s.modified = nil, time.Now().Add(-time.Hour) }},
		"look, no versions":       {opts: []mibitracker.DownloadOption{sound(&looks)}, setup: func(s *weather) { s.tag = nil }, fresh: true},
		"look, replaced":          {opts: []mibitracker.DownloadOption{sound(&looks)}, change: func(_ *testing.T, s *weather, _ string) { s.content = other }, content: other, fresh: true},
		"hash, ranges are gone":   {opts: []mibitracker.DownloadOption{mibitracker.WithSHA256(hashOf(content))}, change: func(_ *testing.T, s *weather, _ string) { s.noRanges = true }, fresh: true},
		"hash, the part is wrong": {opts: []mibitracker.DownloadOption{mibitracker.WithSHA256(hashOf(content))}, change: spoil, fresh: true, asked: "%d- "},
		"hash, the part is whole": {opts: []mibitracker.DownloadOption{mibitracker.WithSHA256(hashOf(content))}, asked: "",
			change: func(t *testing.T, _ *weather, part string) { write(t, part, content) }},
		"hash, the part is longer": {opts: []mibitracker.DownloadOption{mibitracker.WithSHA256(hashOf(content))}, fresh: true, asked: "1048580- ",
			change: func(t *testing.T, _ *weather, part string) { write(t, part, append(noise(1<<20), "more"...)) }},
	} {
		t.Run(name, func(t *testing.T) {
			s := newWeather(t, content)
			if c.setup != nil {
				c.setup(s)
			}
			dest := killed(t, s, 400_000, c.opts...)
			parts, err := filepath.Glob(filepath.Join(filepath.Dir(dest), ".a.tiff.*.part"))
			if err != nil || len(parts) != 1 {
				t.Fatalf("%q, %v", parts, err)
			}
			if c.change != nil {
				c.change(t, s, parts[0])
			}
			info, err := os.Stat(parts[0])
			if err != nil {
				t.Fatal(err)
			}
			if c.content == nil {
				c.content = content
			}
			got, err := newClient(t, s.URL).Files.Download(t.Context(), stored, dest, c.opts...)
			whole(t, got, err, dest, c.content)
			if want := info.Size(); c.fresh && got.Resumed != 0 || !c.fresh && got.Resumed != want {
				t.Errorf("%d bytes were used again of %d", got.Resumed, want)
			}
			want := fmt.Sprintf("%d-", info.Size())
			if strings.HasPrefix(name, "hash, the part") {
				want = c.asked
				if strings.Contains(want, "%") {
					want = fmt.Sprintf(want, info.Size())
				}
			}
			if name == "look, no versions" {
				want = ""
			}
			if asked := s.ranges(); asked != want {
				t.Errorf("asked for %q, want %q", asked, want)
			}
		})
	}
	if looks != 8 {
		t.Errorf("looked %d times", looks)
	}
}

// spoil changes a byte of a part.
func spoil(t *testing.T, _ *weather, part string) {
	t.Helper()
	b, err := os.ReadFile(part)
	if err != nil {
		t.Fatal(err)
	}
	b[len(b)-1] ^= 1
	write(t, part, b)
}

func write(t *testing.T, name string, b []byte) {
	t.Helper()
	if err := os.WriteFile(name, b, 0o600); err != nil {
		t.Fatal(err)
	}
}

// A file that is refused never gets its name, and nothing of it stays.
func TestDownloadIsRefused(t *testing.T) {
	t.Parallel()
	content := noise(300_000)
	rotten := errors.New("page 3 is rotten")
	refuse := mibitracker.WithVerify(func(_ context.Context, r io.ReaderAt, size int64) error {
		b := make([]byte, size)
		if _, err := r.ReadAt(b, 0); err != nil || !bytes.Equal(b, content) {
			return fmt.Errorf("it was shown %d bytes, %w", size, err)
		}
		return rotten
	})
	for name, c := range map[string]struct {
		setup func(*weather)
		opt   mibitracker.DownloadOption
		says  string
		err   error
		asked int
	}{
		"another hash, and the storage says so": {nil, mibitracker.WithSHA256(hashOf(nil)), "should be " + hashOf(nil), nil, 1},
		"another hash":                          {func(s *weather) { s.tag = func([]byte) string { return `"1"` } }, mibitracker.WithSHA256(hashOf(nil)), "should be " + hashOf(nil), nil, 2},
		"a look, after a hash":                  {nil, refuse, "rotten", rotten, 1},
		"a look":                                {func(s *weather) { s.tag = func([]byte) string { return `"1"` } }, refuse, "rotten", rotten, 2},
	} {
		s := newWeather(t, content)
		if c.setup != nil {
			c.setup(s)
		}
		folder := t.TempDir()
		dest := filepath.Join(folder, "a.tiff")
		write(t, dest, []byte("before"))
		_, err := newClient(t, s.URL).Files.Download(t.Context(), stored, dest, c.opt)
		if !errors.Is(err, mibitracker.ErrCorrupt) || !strings.Contains(err.Error(), c.says) || c.err != nil && !errors.Is(err, c.err) {
			t.Errorf("%s: %v", name, err)
		}
		if b, err := os.ReadFile(dest); err != nil || string(b) != "before" || len(list(t, folder)) != 1 {
			t.Errorf("%s: %q, %v; left %q", name, b, err, list(t, folder))
		}
		if len(s.asked) != c.asked {
			t.Errorf("%s: asked %d times, want %d", name, len(s.asked), c.asked)
		}
	}
	for _, bad := range []string{"", "abc", strings.Repeat("g", 64)} {
		s := newWeather(t, content)
		if _, err := newClient(t, s.URL).Files.Download(t.Context(), stored, t.TempDir(), mibitracker.WithSHA256(bad)); err == nil || len(s.asked) > 0 {
			t.Errorf("%q passed for a hash: %v", bad, err)
		}
	}
}

// A look that the context ends refuses nothing: the file is there for the next
// time.
func TestDownloadEndsWhileItIsLookedAt(t *testing.T) {
	t.Parallel()
	content := noise(300_000)
	s := newWeather(t, content)
	dest := filepath.Join(t.TempDir(), "a.tiff")
	ctx, cancel := context.WithCancel(t.Context())
	_, err := newClient(t, s.URL).Files.Download(ctx, stored, dest, mibitracker.WithVerify(func(ctx context.Context, _ io.ReaderAt, _ int64) error {
		cancel()
		return ctx.Err()
	}))
	if !errors.Is(err, context.Canceled) || errors.Is(err, mibitracker.ErrCorrupt) || !strings.Contains(err.Error(), "300000 bytes are kept") {
		t.Error(err)
	}
	looks := 0
	got, err := newClient(t, s.URL).Files.Download(t.Context(), stored, dest, sound(&looks))
	whole(t, got, err, dest, content)
	if got.Resumed != int64(len(content)) || looks != 1 {
		t.Errorf("%d bytes were used again, %d looks", got.Resumed, looks)
	}
}

// A storage cannot fill the disk with more than there should be, whether it says
// how much there is or not.
func TestDownloadMaxSize(t *testing.T) {
	t.Parallel()
	content := noise(1 << 20)
	endless := func(_ *weather, w http.ResponseWriter, _ *http.Request) bool {
		for { // until nobody reads
			if _, err := w.Write(content); err != nil {
				return true
			}
		}
	}
	for name, faults := range map[string][]fault{"size is said": nil, "no end": {endless}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dest := filepath.Join(t.TempDir(), "a.tiff")
			s := newWeather(t, content, faults...)
			_, err := newClient(t, s.URL).Files.Download(t.Context(), stored, dest, mibitracker.WithMaxSize(1<<20-1))
			if !errors.Is(err, mibitracker.ErrCorrupt) || !strings.Contains(err.Error(), "more than 1048575 bytes") {
				t.Errorf("%v", err)
			}
			if left := list(t, filepath.Dir(dest)); len(left) > 0 {
				t.Errorf("it left %q", left)
			}
		})
	}
	dest := filepath.Join(t.TempDir(), "a.tiff")
	got, err := newClient(t, newWeather(t, content).URL).Files.Download(t.Context(), stored, dest, mibitracker.WithMaxSize(1<<20))
	whole(t, got, err, dest, content)
}
