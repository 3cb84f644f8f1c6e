package e2e

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/openmibi/openmibi/internal/synth"
	"github.com/openmibi/openmibi/internal/tiff"
	"github.com/openmibi/openmibi/mibitracker"
	"github.com/openmibi/openmibi/transfer"
)

// pushLab is a run of some FOVs on a server, and their files in a folder.
type pushLab struct {
	client *mibitracker.Client
	run    *mibitracker.Run
	dir    string
	files  [][]byte // by the FOV's point, from 0
}

func newPushLab(t *testing.T, s *site, fovs int) *pushLab {
	t.Helper()
	images, err := synth.Run(5, fovs, synth.Small())
	if err != nil {
		t.Fatal(err)
	}
	lab := &pushLab{client: s.client(t, alice), dir: t.TempDir()}
	lab.run = newFOVOf(t, images).createRun(t.Context(), t, lab.client)
	for i, image := range images {
		content, err := image.TIFF()
		if err != nil {
			t.Fatal(err)
		}
		lab.files = append(lab.files, content)
		lab.write(t, i, content)
	}
	return lab
}

func (lab *pushLab) path(i int) string {
	return filepath.Join(lab.dir, fmt.Sprintf("fov-%02d.tiff", i+1))
}

func (lab *pushLab) write(t *testing.T, i int, content []byte) {
	t.Helper()
	if err := os.WriteFile(lab.path(i), content, 0o600); err != nil {
		t.Fatal(err)
	}
}

func (lab *pushLab) plan(t *testing.T, o transfer.PushOptions) *transfer.PushPlan {
	t.Helper()
	p, err := transfer.PlanPush(t.Context(), lab.client, lab.run, []string{lab.dir}, o)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func pushStates(files []transfer.PushFile) string {
	var texts []string
	for i := range files {
		texts = append(texts, string(files[i].State))
	}
	return strings.Join(texts, " ")
}

// damagedStrip is a file with bits of its first page's samples turned over.
func damagedStrip(t *testing.T, content []byte) []byte {
	t.Helper()
	file, err := tiff.Open(bytes.NewReader(content), int64(len(content)), tiff.Options{})
	if err != nil {
		t.Fatal(err)
	}
	offsets, _ := file.Pages[0].Tag(tiff.StripOffsets)
	at, ok := offsets.Uint(0)
	if !ok {
		t.Fatal("the first page has no strip")
	}
	content = bytes.Clone(content)
	for i := range uint64(16) {
		content[at+20+i] ^= 0x55
	}
	return content
}

// A folder pushed twice is there once, byte for byte; what the server cannot
// process comes back with its reason.
func TestPushFolder(t *testing.T) {
	t.Parallel()
	lab := newPushLab(t, newSite(t), 5)
	ctx := t.Context()
	lab.write(t, 1, damagedStrip(t, lab.files[1]))
	p := lab.plan(t, transfer.PushOptions{Wait: true, Jobs: 3})
	r, err := p.Run(ctx)
	if err != nil || pushStates(r.Files) != "available failed available available available" || len(r.Failures) != 1 {
		t.Fatalf("%+v, %v", r, err)
	}
	var processing *mibitracker.ProcessingError
	if f := r.Failures[0]; !errors.As(f.Err, &processing) || f.FOV != "Point2" || !strings.Contains(processing.Reason, "page 0") || f.Path != lab.path(1) {
		t.Errorf("%+v", f)
	}
	for i, f := range r.Files {
		sum := sha256.Sum256(lab.files[i])
		if i == 1 {
			continue
		}
		image, err := lab.client.Images.Get(ctx, f.ImageID)
		if err != nil {
			t.Fatal(err)
		}
		if f.SHA256 != hex.EncodeToString(sum[:]) || image.TIFFSHA256 != f.SHA256 || image.Number != f.FOV || f.Size != int64(len(lab.files[i])) {
			t.Errorf("%+v, %+v", f, image)
		}
	}
	first, err := lab.client.Images.Get(ctx, r.Files[0].ImageID)
	if err != nil {
		t.Fatal(err)
	}
	stream, err := lab.client.Files.Open(ctx, lab.run.Path+"/"+first.Folder+"/summed_image.tiff")
	if err != nil {
		t.Fatal(err)
	}
	if content, err := io.ReadAll(stream); err != nil || !bytes.Equal(content, lab.files[0]) || stream.Close() != nil {
		t.Errorf("%d bytes came back, %v", len(content), err)
	}

	// Once more, with the file made whole: that one alone is sent.
	lab.write(t, 1, lab.files[1])
	p = lab.plan(t, transfer.PushOptions{Wait: true})
	if got := pushStates(p.Files); got != "skipped planned skipped skipped skipped" {
		t.Fatal(got)
	}
	if r, err = p.Run(ctx); err != nil || len(r.Failures) != 0 || r.Files[1].State != transfer.PushAvailable || r.Bytes != r.Files[1].Size {
		t.Errorf("%+v, %v", r, err)
	}
	if got := pushStates(lab.plan(t, transfer.PushOptions{}).Files); got != "skipped skipped skipped skipped skipped" {
		t.Error(got)
	}
}

// A file that does not fit holds all of them back, and a file of another run's
// never arrives.
func TestPushMismatch(t *testing.T) {
	t.Parallel()
	lab := newPushLab(t, newSite(t), 2)
	alien, err := synth.FOV(1, synth.Options{Size: 64, Channels: 2, Run: "another"})
	if err != nil {
		t.Fatal(err)
	}
	content, err := alien.TIFF()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(lab.dir, "alien.tiff"), content, 0o600); err != nil {
		t.Fatal(err)
	}
	var sent atomic.Int64
	o := transfer.PushOptions{Events: func(transfer.Event) { sent.Add(1) }}
	if _, err := lab.plan(t, o).Run(t.Context()); !errors.Is(err, transfer.ErrMismatch) || !strings.Contains(err.Error(), "alien.tiff") || sent.Load() != 0 {
		t.Errorf("%v, %d events", err, sent.Load())
	}
	for image, err := range lab.client.Images.All(t.Context(), mibitracker.ImageFilter{Run: lab.run.ID}) {
		if err != nil || image.Available() || image.Failed() {
			t.Errorf("%+v, %v", image, err)
		}
	}
	o.SkipMismatched, o.Wait = true, true
	r, err := lab.plan(t, o).Run(t.Context())
	if err != nil || pushStates(r.Files) != "available available" || len(r.Failures) != 1 {
		t.Errorf("%+v, %v", r, err)
	}
}

// Who may only look is told so once.
func TestPushNotAllowed(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	lab := newPushLab(t, s, 3)
	project, err := lab.client.Projects.Create(t.Context(), mibitracker.NewProject{Name: "open"})
	if err == nil {
		_, err = lab.client.Projects.Update(t.Context(), project.ID, map[string]any{"is_public": true})
	}
	if err == nil {
		_, err = lab.client.Runs.Update(t.Context(), lab.run.ID, map[string]any{"project": project.ID})
	}
	if err != nil {
		t.Fatal(err)
	}
	lab.client = s.client(t, bob)
	r, err := lab.plan(t, transfer.PushOptions{Jobs: 1}).Run(t.Context())
	if !errors.Is(err, mibitracker.ErrForbidden) || pushStates(r.Files) != "planned planned planned" || len(r.Failures) != 0 {
		t.Errorf("%+v, %v", r, err)
	}
}
