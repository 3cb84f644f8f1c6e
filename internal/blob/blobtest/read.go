package blobtest

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/iotest"

	"github.com/openmibi/openmibi/internal/blob"
)

func concurrentReaderAt(t *testing.T, s blob.Store) {
	data := pattern(300_000, 4)
	put(t, s, "k/v", data)
	o, err := s.Open(t.Context(), "k/v")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = o.Close() }()
	if info := o.Info(); info.Key != "k/v" || info.Size != int64(len(data)) || info.ModTime.IsZero() {
		t.Errorf("Info() = %+v", info)
	}
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			at, buf := i*30_000, make([]byte, 30_000)
			if n, err := o.ReadAt(buf, int64(at)); err != nil || !bytes.Equal(buf, data[at:at+n]) {
				t.Errorf("ReadAt(%d) = %d, %v", at, n, err)
			}
		})
	}
	wg.Wait()
	if n, err := o.ReadAt(make([]byte, 10), int64(len(data))-3); n != 3 || !errors.Is(err, io.EOF) {
		t.Errorf("ReadAt over the end = %d, %v, want 3, EOF", n, err)
	}
	// Checks Read, Seek and ReadAt against each other.
	if err := iotest.TestReader(o, data); err != nil {
		t.Error(err)
	}
}

func neverMixes(t *testing.T, s blob.Store) {
	old := bytes.Repeat([]byte("o"), 100_000)
	for i, change := range []func(){
		func() { put(t, s, "k/v", bytes.Repeat([]byte("n"), 100_000)) },
		func() { _ = s.Delete(t.Context(), "k/v") },
	} {
		put(t, s, "k/v", old)
		o, err := s.Open(t.Context(), "k/v")
		if err != nil {
			t.Fatal(err)
		}
		change()
		buf := make([]byte, 50_000)
		if n, err := o.ReadAt(buf, 40_000); err == nil && !bytes.Equal(buf[:n], old[:n]) {
			t.Errorf("change %d: the open object reads bytes of another version", i)
		}
		if err := o.Close(); err != nil {
			t.Error(err)
		}
	}
}

func absent(t *testing.T, s blob.Store) {
	put(t, s, "a/b/c", []byte("x"))
	// Also a folder, a key below an object, and a key that only begins like one.
	for _, key := range []string{"none", "a", "a/b", "a/b/c/d", "a/b/cc"} {
		_, err := s.Stat(t.Context(), key)
		wantError(t, "Stat "+key, err, blob.ErrNotFound)
		_, err = s.Open(t.Context(), key)
		wantError(t, "Open "+key, err, blob.ErrNotFound)
		if err == nil || !strings.Contains(err.Error(), key) {
			t.Errorf("the error %v does not name %s", err, key)
		}
		if err := s.Delete(t.Context(), key); err != nil {
			t.Errorf("Delete(%q) = %v, want nil for an absent object", key, err)
		}
		if err := s.DeletePrefix(t.Context(), "none/"+key); err != nil {
			t.Errorf("DeletePrefix of nothing = %v", err)
		}
	}
	if got := get(t, s, "a/b/c"); string(got) != "x" {
		t.Errorf("a/b/c is %q", got)
	}
}

func badKeys(t *testing.T, s blob.Store) {
	ctx := t.Context()
	for _, key := range []string{"", "..", "../x", "a/../../x", "/x", "x/", "a//b", "A", "nul", "a\\b", ".x", "a\x00b"} {
		_, err := s.Put(ctx, key, bytes.NewReader(nil), blob.PutOptions{})
		wantError(t, fmt.Sprintf("Put %q", key), err, blob.ErrKey)
		_, err = s.Open(ctx, key)
		wantError(t, fmt.Sprintf("Open %q", key), err, blob.ErrKey)
		_, err = s.Stat(ctx, key)
		wantError(t, fmt.Sprintf("Stat %q", key), err, blob.ErrKey)
		wantError(t, fmt.Sprintf("Delete %q", key), s.Delete(ctx, key), blob.ErrKey)
		wantError(t, fmt.Sprintf("DeletePrefix %q", key), s.DeletePrefix(ctx, key), blob.ErrKey)
		if key == "" {
			continue // means all
		}
		n := 0
		for _, err := range s.List(ctx, key) {
			n++
			wantError(t, fmt.Sprintf("List %q", key), err, blob.ErrKey)
		}
		if n != 1 {
			t.Errorf("List(%q) yielded %d times, want one error", key, n)
		}
	}
	wantNothing(t, s)
}

func listOrder(t *testing.T, s blob.Store) {
	// In byte order: '-' and '.' come before '/', '0' and '_' after it.
	want := []string{"a-b", "a.b", "a/0", "a/b-c", "a/b/c", "a/b/d/e", "a/b0", "a/c", "a0/x", "a_", "b"}
	for _, key := range slices.Backward(want) {
		put(t, s, key, []byte(key))
	}
	if got := keys(t, s, ""); !slices.Equal(got, want) {
		t.Errorf("List all\n got %q\nwant %q", got, want)
	}
	for prefix, want := range map[string][]string{
		"a":     {"a/0", "a/b-c", "a/b/c", "a/b/d/e", "a/b0", "a/c"},
		"a/b":   {"a/b/c", "a/b/d/e"},
		"a/b/d": {"a/b/d/e"},
		"b":     {},
		"none":  {},
		"a0/x":  {},
	} {
		if got := keys(t, s, prefix); !slices.Equal(got, want) {
			t.Errorf("List(%q) = %q, want %q", prefix, got, want)
		}
	}
	for info, err := range s.List(t.Context(), "") {
		if err != nil || info.Size != int64(len(info.Key)) || info.ModTime.IsZero() {
			t.Errorf("List yields %+v, %v", info, err)
		}
	}
}

func listStops(t *testing.T, s blob.Store) {
	for _, key := range []string{"a/1", "a/2", "b/1"} {
		put(t, s, key, nil)
	}
	seen := 0
	for _, err := range s.List(t.Context(), "") {
		if err != nil {
			t.Error(err)
		}
		seen++
		break
	}
	if seen != 1 {
		t.Errorf("%d yields after break", seen)
	}
}
