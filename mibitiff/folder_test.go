package mibitiff_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/openmibi/openmibi/mibi"
	"github.com/openmibi/openmibi/mibitiff"
)

// entries returns the names in a folder.
func entries(t *testing.T, dir string) []string {
	t.Helper()
	list, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range list {
		names = append(names, e.Name())
	}
	return names
}

func TestFolderOfChannels(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "a", "b")
	channels := []mibi.Channel{{Mass: 89, Target: "dsDNA"}, {Mass: 147, Target: "CD8"}, {Mass: 3, Target: "HLA-A/B"},
		{Mass: 4, Target: "cd8"}, {Mass: 5, Target: "../up"}, {Mass: 6, Target: "A\u00b5"}, {Mass: 7}}
	_, planes := madeImage[uint16](t, len(channels), 9)
	// Once into a folder that is made, once over what is there.
	for range 2 {
		if err := mibitiff.WriteFolder(t.Context(), dir, madeMetadata(), channels, mibitiff.Planes(planes)); err != nil {
			t.Fatal(err)
		}
		want := []string{"%2E.-up%s.tiff", "%63%648.tiff", "7.tiff", "A\u00b5.tiff", "CD8.tiff", "HLA-A-B%-s.tiff", "dsDNA.tiff"}
		if got := entries(t, dir); !slices.Equal(got, want) {
			t.Errorf("%q, want %q", got, want)
		}
	}
	for i, name := range []string{"dsDNA", "CD8", "HLA-A-B%-s", "%63%648", "%2E.-up%s", "A\u00b5", "7"} {
		f, err := mibitiff.OpenFile(filepath.Join(dir, name+mibitiff.FolderExtension))
		if err != nil {
			t.Fatal(err)
		}
		if pages := f.Pages(); len(pages) != 1 || pages[0].Channel.Mass != channels[i].Mass || pages[0].Channel.Label() != channels[i].Label() {
			t.Errorf("%s: %+v", name, pages)
		}
		comparePlane(t, f, 0, planes[i])
		if got := f.Metadata(); got.Run != madeMetadata().Run || !got.Date.Equal(madeMetadata().Date) {
			t.Errorf("%s: %+v", name, got)
		}
		if err := f.Close(); err != nil {
			t.Error(err)
		}
	}
}

// TestFolderStaysAsItWas lets folders fail: no file is replaced, and none is
// left behind.
func TestFolderStaysAsItWas(t *testing.T) {
	t.Parallel()
	channels, planes := madeImage[uint16](t, 9, 9)
	first := mibi.FileNames([]string{channels[0].Label()})[0] + mibitiff.FolderExtension
	broken := errors.New("a broken file")
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	for name, c := range map[string]struct {
		channels []mibi.Channel
		source   mibitiff.Source
		opts     []mibitiff.WriterOption
		is       error
		text     string
	}{
		"a broken source": {channels, func(_ context.Context, i int) (mibitiff.Plane, error) {
			if i == 7 {
				return mibitiff.Plane{}, broken
			}
			return planes[i], nil
		}, nil, broken, channels[7].String()},
		"the context": {channels, func(_ context.Context, i int) (mibitiff.Plane, error) {
			if i == 6 {
				cancel()
			}
			return planes[i], nil
		}, nil, context.Canceled, ""},
		"two sizes": {channels, func(_ context.Context, i int) (mibitiff.Plane, error) {
			return planeOf(t, 1+i/8, 1, make([]uint16, 1+i/8)...), nil
		}, nil, nil, "2×1 pixels"},
		"two names":    {append(slices.Clone(channels), channels[0]), nil, nil, mibi.ErrDuplicateChannel, ""},
		"no channels":  {nil, nil, nil, nil, "at least one"},
		"a SED":        {channels, nil, []mibitiff.WriterOption{mibitiff.WithSED(planes[0])}, nil, "no place"},
		"other ranges": {channels, nil, []mibitiff.WriterOption{mibitiff.WithRanges(map[mibi.Channel]mibitiff.Range{{}: {}})}, mibitiff.ErrNoChannel, ""},
	} {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, first), []byte("older"), 0o600); err != nil {
			t.Fatal(err)
		}
		use := t.Context()
		if name == "the context" {
			use = ctx
		}
		err := mibitiff.WriteFolder(use, dir, madeMetadata(), c.channels, c.source, c.opts...)
		if err == nil || c.is != nil && !errors.Is(err, c.is) || !strings.Contains(err.Error(), c.text) {
			t.Errorf("%s: %v", name, err)
		}
		if got := entries(t, dir); len(got) != 1 {
			t.Errorf("%s leaves %q", name, got)
		}
		if old, err := os.ReadFile(filepath.Join(dir, first)); err != nil || string(old) != "older" {
			t.Errorf("%s replaced a file: %q, %v", name, old, err)
		}
	}
}

func TestFolderThatCannotBe(t *testing.T) {
	t.Parallel()
	channels, planes := madeImage[uint16](t, 3, 9)
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := mibitiff.WriteFolder(t.Context(), file, madeMetadata(), channels, mibitiff.Planes(planes)); err == nil {
		t.Error("channels were written into a file")
	}
	// A folder stands where the second channel's file goes.
	dir := t.TempDir()
	name := mibi.FileNames([]string{channels[1].Label()})[0] + mibitiff.FolderExtension
	if err := os.Mkdir(filepath.Join(dir, name), 0o700); err != nil {
		t.Fatal(err)
	}
	err := mibitiff.WriteFolder(t.Context(), dir, madeMetadata(), channels, mibitiff.Planes(planes))
	if err == nil || !strings.Contains(err.Error(), channels[1].String()) {
		t.Errorf("%v", err)
	}
	for _, e := range entries(t, dir) {
		if strings.HasPrefix(e, ".") {
			t.Errorf("%s is left", e)
		}
	}
}
