package mibitiff_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/openmibi/openmibi/mibi"
	"github.com/openmibi/openmibi/mibitiff"
)

// What a Writer takes without an error, a reader reads.
func TestWritersRefuseWhatNobodyReads(t *testing.T) {
	t.Parallel()
	channels, planes := madeImage[uint16](t, 1, 4)
	nested := parsedValue(t, strings.Repeat("[", 201)+strings.Repeat("]", 201))
	var keys []mibi.UserValue
	for i := range mibi.MaxDescriptionKeys + 2 {
		keys = append(keys, mibi.UserValue{Key: fmt.Sprint(i), Value: mibi.Int(1)})
	}
	for name, c := range map[string]struct {
		change  func(*mibi.Metadata)
		channel mibi.Channel
	}{
		"year 10000":  {change: func(m *mibi.Metadata) { m.Date = time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC) }},
		"year -1":     {change: func(m *mibi.Metadata) { m.Date = time.Date(-1, 1, 1, 0, 0, 0, 0, time.UTC) }},
		"long note":   {change: func(m *mibi.Metadata) { m.Description = mibi.Text(strings.Repeat("x", 5<<20)) }},
		"long target": {channel: mibi.Channel{Mass: 1, Target: strings.Repeat("x", 5<<20)}},
		"deep":        {change: func(m *mibi.Metadata) { m.User = []mibi.UserValue{{Key: "a", Value: nested}} }},
		"many keys":   {change: func(m *mibi.Metadata) { m.User = keys }},
	} {
		meta := madeMetadata()
		if c.change != nil {
			c.change(&meta)
		}
		channel := channels[0]
		if c.channel.Mass != 0 {
			channel = c.channel
		}
		var file bytes.Buffer
		err := mibitiff.Write(&file, meta, []mibi.Channel{channel}, planes)
		if err == nil {
			f, openErr := mibitiff.Open(bytes.NewReader(file.Bytes()), int64(file.Len()))
			if openErr == nil && !f.Metadata().Date.Equal(meta.Date) {
				openErr = fmt.Errorf("the date became %v", f.Metadata().Date)
			}
			t.Errorf("%s is written, and read: %v", name, openErr)
		} else if len(err.Error()) > 1000 {
			t.Errorf("%s: an error of %d bytes", name, len(err.Error()))
		}
	}
	for _, write := range []func() error{
		func() error {
			return mibitiff.WritePicture(io.Discard, planes[0], mibitiff.WithDate(time.Date(12345, 1, 1, 0, 0, 0, 0, time.UTC)))
		},
		func() error {
			meta := madeMetadata()
			meta.Date = time.Time{}
			return mibitiff.Write(io.Discard, meta, channels, planes, mibitiff.WithDate(time.Date(12345, 1, 1, 0, 0, 0, 0, time.UTC)))
		},
	} {
		if err := write(); err == nil {
			t.Error("the year 12345 is written into four digits")
		}
	}
}

// A folder that is ended or cannot be completed has no half file and no part of
// one, wherever that comes.
func TestFolderThatIsNotCompleted(t *testing.T) {
	t.Parallel()
	channels, planes := madeImage[uint16](t, 9, 64)
	for n := range 3 * len(channels) {
		dir, at, channels := t.TempDir(), n, channels
		if at >= len(channels) { // when all work is done, but for the names
			at, channels = 0, channels[:1]
		}
		ctx, cancel := context.WithCancel(t.Context())
		err := mibitiff.WriteFolder(ctx, dir, madeMetadata(), channels, func(_ context.Context, i int) (mibitiff.Plane, error) {
			if i == at {
				cancel()
			}
			return planes[i], nil
		})
		cancel()
		if left := entries(t, dir); err == nil || len(left) > 0 {
			t.Errorf("ended at %d: %v, %q are left", at, err, left)
		}
	}
	// A folder stands where a file belongs.
	dir := t.TempDir()
	if err := os.MkdirAll(filepath.Join(dir, mibi.FileNames([]string{channels[4].Label()})[0]+mibitiff.FolderExtension, "x"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := mibitiff.WriteFolder(t.Context(), dir, madeMetadata(), channels, mibitiff.Planes(planes)); err == nil {
		t.Error("a folder was replaced")
	}
	for _, name := range entries(t, dir) {
		if strings.HasPrefix(name, ".") {
			t.Errorf("%s is left", name)
		}
	}
}

// Each channel is compared with those before it in no more time than it takes
// to write it: if not, this takes minutes.
func TestWriterOfManyChannels(t *testing.T) {
	t.Parallel()
	const most = 15_000
	w, err := mibitiff.NewWriter(io.Discard, madeMetadata(), mibitiff.WithLevel(1))
	if err != nil {
		t.Fatal(err)
	}
	plane := newPlane(t, 1, 1, []uint16{1})
	for i := range most {
		if err := w.WriteChannel(mibi.Channel{Mass: i + 1, Target: fmt.Sprintf("t%05d", i)}, plane); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []mibi.Channel{{Mass: 1, Target: "z"}, {Mass: most + 1, Target: "t00000"}} {
		if err := w.WriteChannel(c, plane); !errors.Is(err, mibi.ErrDuplicateChannel) {
			t.Errorf("%v: %v", c, err)
		}
	}
}
