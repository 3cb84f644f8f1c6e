package transfer

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestMatch(t *testing.T) {
	t.Parallel()
	b := newPushBackend(t, 12)
	b.images = append(b.images,
		map[string]any{"id": 13, "number": "P1", "folder": "P1/E", "status": []string{"A"}, "extra_pngs": []string{"cells"}},
		map[string]any{"id": 14, "folder": "twice", "status": []string{"U"}}, map[string]any{"id": 15, "folder": "twice", "status": []string{"U"}},
		map[string]any{"id": 16, "folder": "alien", "run": map[string]any{"id": 8}},
	)
	targets, err := listTargets(t.Context(), b.client(t), b.run())
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		run, folder, channel string
		id                   int64
		fov, text            string
	}{
		{"name", "P3/D", "", 3, "P3", ""},
		{"label", "P12/D", "", 12, "P12", ""},
		{"label", "P1/D", "", 1, "P1/D", ""}, // another image has its number
		{"label", "P1/E", "CD45", 13, "P1/E", ""},
		{"label", "P1/E", "cells", 0, "", `a channel "cells", and so has image 13`},
		{"", "P3/D", "", 0, "", "names no run"},
		{"Label", "P3/D", "", 0, "", `of run "Label"`},
		{"label", "P13/D", "", 0, "", `"P13/D", which the run does not have; nearest: "P12/D"`},
		{"label", "P3", "", 0, "", `nearest: "P3/D"`},
		{"label", "P3/D/", "", 0, "", `nearest: "P3/D"`},
		{"label", "alien", "", 0, "", "does not have"},
		{"label", "", "", 0, "", "does not have"},
		{"label", "twice", "", 0, "", "2 images of its folder"},
	} {
		got, err := targets.match(&localTIFF{run: c.run, folder: c.folder, channels: []string{"dsDNA", c.channel}})
		switch {
		case c.text != "" && (!errors.Is(err, ErrMismatch) || !strings.Contains(err.Error(), c.text)):
			t.Errorf("%q, %q: %v", c.run, c.folder, err)
		case c.text == "" && (err != nil || got.id != c.id || got.fov != c.fov):
			t.Errorf("%q, %q: %+v, %v", c.run, c.folder, got, err)
		}
	}
}

// Nothing moves where one file does not fit, and of two files of one FOV
// neither does. The same file under two names is one.
func TestPushMismatches(t *testing.T) {
	t.Parallel()
	b := newPushBackend(t, 3)
	dir := pushFolder(t, 3)
	writePush(t, pushTIFF(t, "name", "P1/D", 77), dir, "again", "P1.tiff")
	writePush(t, pushTIFF(t, "other", "P2/D", 1), dir, "other.tiff")
	writePush(t, []byte("II*\x00 cut off"), dir, "cut.tiff")
	if err := os.Link(filepath.Join(dir, "P2.tiff"), filepath.Join(dir, "hard.tiff")); err != nil {
		t.Skip("no hard links here: ", err)
	}
	p := planPush(t, b, PushOptions{}, dir)
	r, err := p.Run(t.Context())
	var refused *MismatchError
	if !errors.As(err, &refused) || !errors.Is(err, ErrMismatch) || len(refused.Files) != 4 || r != nil || b.count("GET upload_mibitiff") != 0 {
		t.Fatalf("%+v, %v", r, err)
	}
	if text := err.Error(); strings.Count(text, "\n") != 4 || !strings.Contains(text, "4 files do not fit run label") || !strings.Contains(text, `of run "other"`) {
		t.Error(text)
	}
	p = planPush(t, b, PushOptions{SkipMismatched: true, Wait: true}, dir)
	r, err = p.Run(t.Context())
	if err != nil || states(r.Files) != "available available" || r.Files[0].FOV != "P2" || r.Files[1].FOV != "P3" || len(r.Failures) != 4 {
		t.Errorf("%+v, %v", r, err)
	}
	if _, err := PlanPush(t.Context(), b.client(t), b.run(), nil, PushOptions{}); err == nil {
		t.Error("a push of nothing was planned")
	}
	var pattern *PatternError
	if _, err := PlanPush(t.Context(), b.client(t), b.run(), []string{dir}, PushOptions{Exclude: []string{"{a"}}); !errors.As(err, &pattern) {
		t.Error(err)
	}
}
