package blobtest

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"math"
	"sync"
	"testing"
	"testing/iotest"
	"time"

	"github.com/openmibi/openmibi/internal/blob"
)

func roundTrip(t *testing.T, s blob.Store) {
	data := pattern(70_001, 1)
	// A reader of odd pieces, as from a network, and a size that is not known.
	before := time.Now().Add(-time.Minute)
	info, err := s.Put(t.Context(), "runs/a-1/summed_image.tiff", iotest.HalfReader(bytes.NewReader(data)),
		blob.PutOptions{Size: blob.UnknownSize})
	if err != nil {
		t.Fatal(err)
	}
	if info.Key != "runs/a-1/summed_image.tiff" || info.Size != int64(len(data)) || info.SHA256 != sha256.Sum256(data) {
		t.Errorf("Put returned %+v", info)
	}
	if info.ModTime.Before(before) || info.ModTime.After(time.Now().Add(time.Minute)) {
		t.Errorf("ModTime %v is not about now", info.ModTime)
	}
	if got := get(t, s, info.Key); !bytes.Equal(got, data) {
		t.Errorf("read back %d bytes that differ from the %d written", len(got), len(data))
	}
	stat, err := s.Stat(t.Context(), info.Key)
	if err != nil || stat.Size != info.Size || !stat.ModTime.Equal(info.ModTime) || stat.Key != info.Key {
		t.Errorf("Stat = %+v, %v; Put said %+v", stat, err, info)
	}
}

func emptyAndLarge(t *testing.T, s blob.Store) {
	for _, size := range []int{0, 1, 32 << 10, 3<<20 + 7} {
		key := fmt.Sprintf("size/%d", size)
		data := pattern(size, uint32(size))
		put(t, s, key, data)
		if !bytes.Equal(get(t, s, key), data) {
			t.Errorf("%d bytes did not come back as written", size)
		}
	}
}

func replace(t *testing.T, s blob.Store) {
	put(t, s, "k/v", []byte("the old and longer one"))
	put(t, s, "k/v", []byte("new"))
	if got := get(t, s, "k/v"); string(got) != "new" {
		t.Errorf("after a second Put: %q", got)
	}
	if got := keys(t, s, ""); len(got) != 1 {
		t.Errorf("keys %q, want one", got)
	}
}

func sizeAnnounced(t *testing.T, s blob.Store) {
	for _, announced := range []int64{0, 4, 6, math.MaxInt64} {
		_, err := s.Put(t.Context(), "k/v", bytes.NewReader([]byte("12345")), blob.PutOptions{Size: announced})
		wantError(t, fmt.Sprintf("5 bytes announced as %d", announced), err, blob.ErrSize)
	}
	wantNothing(t, s)
	put(t, s, "k/v", []byte("old"))
	_, err := s.Put(t.Context(), "k/v", bytes.NewReader([]byte("12345")), blob.PutOptions{Size: 6})
	wantError(t, "short body over an object", err, blob.ErrSize)
	if got := get(t, s, "k/v"); string(got) != "old" {
		t.Errorf("a refused Put left %q, want the old object", got)
	}
}

func maxSize(t *testing.T, s blob.Store) {
	body := []byte("12345")
	for _, opts := range []blob.PutOptions{{Size: -1, MaxSize: 4}, {Size: 5, MaxSize: 4}} {
		_, err := s.Put(t.Context(), "k/v", bytes.NewReader(body), opts)
		wantError(t, fmt.Sprintf("%+v", opts), err, blob.ErrTooLarge)
	}
	wantNothing(t, s)

	// A body without end must be cut off at the limit, not read for ever.
	var read int64
	endless := readerFunc(func(p []byte) (int, error) { read += int64(len(p)); return len(p), nil })
	_, err := s.Put(t.Context(), "k/v", endless, blob.PutOptions{Size: blob.UnknownSize, MaxSize: 1 << 20})
	wantError(t, "endless body", err, blob.ErrTooLarge)
	if read > 16<<20 {
		t.Errorf("read %d bytes of a body limited to 1 MiB", read)
	}
	for _, opts := range []blob.PutOptions{{Size: 5, MaxSize: 5}, {Size: -1, MaxSize: 5}, {Size: -1, MaxSize: math.MaxInt64}} {
		if _, err := s.Put(t.Context(), "k/v", bytes.NewReader(body), opts); err != nil {
			t.Errorf("%+v: %v", opts, err)
		}
	}
}

func readerFails(t *testing.T, s blob.Store) {
	broken := errors.New("connection reset")
	body := func() io.Reader {
		return io.MultiReader(bytes.NewReader(pattern(100_000, 2)), iotest.ErrReader(broken))
	}
	_, err := s.Put(t.Context(), "a/b/c", body(), blob.PutOptions{Size: blob.UnknownSize})
	wantError(t, "Put", err, broken)
	wantNothing(t, s)
	put(t, s, "a/b/c", []byte("old"))
	_, err = s.Put(t.Context(), "a/b/c", body(), blob.PutOptions{Size: 200_000})
	wantError(t, "Put over an object", err, broken)
	if got := get(t, s, "a/b/c"); string(got) != "old" {
		t.Errorf("a failed Put left %q, want the old object", got)
	}
}

func readerPanics(t *testing.T, s blob.Store) {
	func() {
		defer func() {
			if recover() == nil {
				t.Error("the reader's panic was swallowed")
			}
		}()
		panics := readerFunc(func([]byte) (int, error) { panic("broken reader") })
		_, _ = s.Put(t.Context(), "a/b", panics, blob.PutOptions{Size: blob.UnknownSize})
	}()
	wantNothing(t, s)
	put(t, s, "a/b", []byte("still works"))
}

func cancelled(t *testing.T, s blob.Store) {
	put(t, s, "a/b", []byte("here"))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := s.Put(ctx, "a/c", bytes.NewReader(nil), blob.PutOptions{})
	wantError(t, "Put", err, context.Canceled)
	_, err = s.Stat(ctx, "a/b")
	wantError(t, "Stat", err, context.Canceled)
	_, err = s.Open(ctx, "a/b")
	wantError(t, "Open", err, context.Canceled)
	wantError(t, "Delete", s.Delete(ctx, "a/b"), context.Canceled)
	wantError(t, "DeletePrefix", s.DeletePrefix(ctx, "a"), context.Canceled)
	_, err = s.Sweep(ctx, 0)
	wantError(t, "Sweep", err, context.Canceled)
	for _, err := range s.List(ctx, "") {
		wantError(t, "List", err, context.Canceled)
	}
	if got := keys(t, s, ""); len(got) != 1 || got[0] != "a/b" {
		t.Errorf("keys %q, want only a/b", got)
	}
}

func cancelledMidway(t *testing.T, s blob.Store) {
	put(t, s, "a/b", []byte("old"))
	for _, key := range []string{"a/b", "new/one"} {
		ctx, cancel := context.WithCancel(t.Context())
		_, err := s.Put(ctx, key, cancelAfter(pattern(200_000, 3), cancel), blob.PutOptions{Size: blob.UnknownSize})
		wantError(t, "Put "+key, err, context.Canceled)
	}
	if got := keys(t, s, ""); len(got) != 1 {
		t.Errorf("keys %q, want only a/b", got)
	}
	if got := get(t, s, "a/b"); string(got) != "old" {
		t.Errorf("a cancelled Put left %q, want the old object", got)
	}
}

// Writers of one key race; whoever reads meanwhile sees one of their bodies, whole.
func concurrentPuts(t *testing.T, s blob.Store) {
	const writers, rounds, size = 4, 5, 50_000
	bodies := make([][]byte, writers)
	for i := range bodies {
		bodies[i] = pattern(size+i, uint32(i))
	}
	whole := func(data []byte) bool {
		for _, b := range bodies {
			if bytes.Equal(b, data) {
				return true
			}
		}
		return false
	}
	put(t, s, "k/v", bodies[0])
	var wg sync.WaitGroup
	for _, body := range bodies {
		wg.Go(func() {
			for range rounds {
				_, err := s.Put(t.Context(), "k/v", bytes.NewReader(body), blob.PutOptions{Size: int64(len(body))})
				if err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Go(func() {
		for range rounds * writers {
			o, err := s.Open(t.Context(), "k/v")
			if err != nil {
				t.Error(err)
				return
			}
			data, err := io.ReadAll(o)
			if err = errors.Join(err, o.Close()); err != nil || !whole(data) {
				t.Errorf("read %d bytes that nobody wrote as a whole (%v)", len(data), err)
			}
		}
	})
	wg.Wait()
	if got := keys(t, s, ""); len(got) != 1 {
		t.Errorf("keys %q, want one", got)
	}
}

// The folder of one key comes and goes while others are put into it.
func putsBesideDeletes(t *testing.T, s blob.Store) {
	const rounds = 50
	var wg sync.WaitGroup
	for _, key := range []string{"d/e/one", "d/e/two", "d/three"} {
		wg.Go(func() {
			for range rounds {
				if _, err := s.Put(t.Context(), key, bytes.NewReader([]byte(key)), blob.PutOptions{Size: -1}); err != nil {
					t.Error(err)
					return
				}
				if err := s.Delete(t.Context(), key); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	wg.Wait()
	wantNothing(t, s)
}
