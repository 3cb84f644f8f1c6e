package blobtest

import (
	"bytes"
	"errors"
	"io"
	"slices"
	"testing"

	"github.com/openmibi/openmibi/internal/blob"
)

func deleteOne(t *testing.T, s blob.Store) {
	put(t, s, "a/b/c", []byte("x"))
	put(t, s, "a/b/d", []byte("y"))
	for range 2 { // the second time it is absent, which is no error
		if err := s.Delete(t.Context(), "a/b/c"); err != nil {
			t.Fatal(err)
		}
	}
	_, err := s.Stat(t.Context(), "a/b/c")
	wantError(t, "Stat", err, blob.ErrNotFound)
	if got := get(t, s, "a/b/d"); string(got) != "y" {
		t.Errorf("the neighbour is %q", got)
	}
	put(t, s, "a/b/c", []byte("again"))
	if got := get(t, s, "a/b/c"); string(got) != "again" {
		t.Errorf("put again after Delete: %q", got)
	}
}

func deletePrefix(t *testing.T, s blob.Store) {
	for _, key := range []string{"a/1", "a/b/2", "a/b/c/3", "a-b/4", "a.b", "ab/5"} {
		put(t, s, key, []byte(key))
	}
	for range 2 {
		if err := s.DeletePrefix(t.Context(), "a"); err != nil {
			t.Fatal(err)
		}
	}
	if got, want := keys(t, s, ""), []string{"a-b/4", "a.b", "ab/5"}; !slices.Equal(got, want) {
		t.Errorf("left %q, want %q", got, want)
	}
	if err := s.DeletePrefix(t.Context(), "a.b"); err != nil {
		t.Fatal(err)
	}
	if got := get(t, s, "a.b"); string(got) != "a.b" {
		t.Errorf("a.b is no folder, and is now %q", got)
	}
}

// The contract leaves it open whether "a" may be stored beside "a/b", not
// whether either may suffer.
func keyAndFolder(t *testing.T, s blob.Store) {
	for _, pair := range [][2]string{{"x/a", "x/a/b/c"}, {"y/a/b/c", "y/a"}, {"z/a", "z/a/b"}} {
		first, second := pair[0], pair[1]
		put(t, s, first, []byte(first))
		_, err := s.Put(t.Context(), second, bytes.NewReader([]byte(second)), blob.PutOptions{Size: -1})
		if err != nil && !errors.Is(err, blob.ErrKey) {
			t.Errorf("Put(%q) beside %q: %v, want ErrKey or success", second, first, err)
		}
		if err == nil && string(get(t, s, second)) != second {
			t.Errorf("%q did not come back", second)
		}
		if got := get(t, s, first); string(got) != first {
			t.Errorf("%q became %q", first, got)
		}
	}
}

func sweepSpares(t *testing.T, s blob.Store) {
	put(t, s, "a/kept", []byte("kept"))
	step := 0
	body := readerFunc(func(p []byte) (int, error) {
		step++
		switch step {
		case 1:
			return copy(p, "first "), nil
		case 2: // something is written, the Put is under way
			if n, err := s.Sweep(t.Context(), 0); n != 0 || err != nil {
				t.Errorf("Sweep = %d, %v beside a Put under way", n, err)
			}
			if got := keys(t, s, ""); !slices.Equal(got, []string{"a/kept"}) {
				t.Errorf("an unfinished Put shows in List: %q", got)
			}
			_, err := s.Stat(t.Context(), "a/new")
			wantError(t, "Stat of an unfinished Put", err, blob.ErrNotFound)
			return copy(p, "second"), nil
		}
		return 0, io.EOF
	})
	if _, err := s.Put(t.Context(), "a/new", body, blob.PutOptions{Size: blob.UnknownSize}); err != nil {
		t.Fatal(err)
	}
	if got := get(t, s, "a/new"); string(got) != "first second" {
		t.Errorf("a/new is %q", got)
	}
	if got := get(t, s, "a/kept"); string(got) != "kept" {
		t.Errorf("a/kept is %q", got)
	}
}
