// Package blobtest is the suite that every backend of package blob passes. It
// turns the comments of [blob.Store] into tests.
package blobtest

import (
	"bytes"
	"context"
	"errors"
	"io"
	"testing"

	"github.com/openmibi/openmibi/internal/blob"
)

// Run runs the whole suite. open gives an empty store to each test and sees
// to its end with t.Cleanup.
func Run(t *testing.T, open func(t *testing.T) blob.Store) {
	t.Helper()
	tests := []struct {
		name string
		run  func(*testing.T, blob.Store)
	}{
		{"RoundTrip", roundTrip},
		{"EmptyAndLarge", emptyAndLarge},
		{"Replace", replace},
		{"OpenObjectNeverMixesVersions", neverMixes},
		{"ConcurrentReaderAt", concurrentReaderAt},
		{"Absent", absent},
		{"BadKeys", badKeys},
		{"SizeAnnounced", sizeAnnounced},
		{"MaxSize", maxSize},
		{"ReaderFails", readerFails},
		{"ReaderPanics", readerPanics},
		{"Cancelled", cancelled},
		{"CancelledMidway", cancelledMidway},
		{"ConcurrentPuts", concurrentPuts},
		{"PutsBesideDeletes", putsBesideDeletes},
		{"ListOrderAndFolders", listOrder},
		{"ListStopsEarly", listStops},
		{"Delete", deleteOne},
		{"DeletePrefix", deletePrefix},
		{"KeyAndFolderOfOneName", keyAndFolder},
		{"SweepSparesWritesUnderWay", sweepSpares},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			test.run(t, open(t))
		})
	}
}

// put stores data under key with its exact size.
func put(t *testing.T, s blob.Store, key string, data []byte) blob.Info {
	t.Helper()
	info, err := s.Put(t.Context(), key, bytes.NewReader(data), blob.PutOptions{Size: int64(len(data))})
	if err != nil {
		t.Fatalf("Put(%q): %v", key, err)
	}
	return info
}

// get reads the whole object.
func get(t *testing.T, s blob.Store, key string) []byte {
	t.Helper()
	o, err := s.Open(t.Context(), key)
	if err != nil {
		t.Fatalf("Open(%q): %v", key, err)
	}
	data, err := io.ReadAll(o)
	if err = errors.Join(err, o.Close()); err != nil {
		t.Fatalf("read %q: %v", key, err)
	}
	return data
}

// keys lists the keys below prefix.
func keys(t *testing.T, s blob.Store, prefix string) []string {
	t.Helper()
	list := []string{}
	for info, err := range s.List(t.Context(), prefix) {
		if err != nil {
			t.Fatalf("List(%q): %v", prefix, err)
		}
		list = append(list, info.Key)
	}
	return list
}

// wantNothing fails the test if the store has any object.
func wantNothing(t *testing.T, s blob.Store) {
	t.Helper()
	if got := keys(t, s, ""); len(got) != 0 {
		t.Errorf("the store has %q, want nothing", got)
	}
}

// wantError fails the test if err does not wrap want.
func wantError(t *testing.T, what string, err, want error) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Errorf("%s: error %v, want %v", what, err, want)
	}
}

// pattern is n bytes that differ from place to place and from seed to seed.
func pattern(n int, seed uint32) []byte {
	data := make([]byte, n)
	x := seed*2654435761 + 1
	for i := range data {
		x = x*1664525 + 1013904223
		data[i] = byte(x >> 24)
	}
	return data
}

// readerFunc is an io.Reader made of a function.
type readerFunc func(p []byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }

// cancelAfter yields data and cancels once it has given it all; it never ends by itself.
func cancelAfter(data []byte, cancel context.CancelFunc) io.Reader {
	rest := bytes.NewReader(data)
	return readerFunc(func(p []byte) (int, error) {
		if rest.Len() == 0 {
			cancel()
			return copy(p, "more"), nil
		}
		return rest.Read(p)
	})
}
