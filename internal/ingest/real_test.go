package ingest

import (
	"context"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"github.com/openmibi/openmibi/internal/model"
	"github.com/openmibi/openmibi/internal/store"
	"github.com/openmibi/openmibi/internal/store/storetest"
	"github.com/openmibi/openmibi/mibi"
	"github.com/openmibi/openmibi/mibitiff"
)

// A real file, as an instrument's software wrote it, becomes an image whose
// channels equal the file's planes.
func TestRealFile(t *testing.T) {
	t.Parallel()
	dir := os.Getenv("MIBI_TESTDATA")
	if dir == "" {
		t.Skip("MIBI_TESTDATA names no folder of real files")
	}
	path := filepath.Join(dir, "mibitiff", "cohort-point1-raw.tiff")
	data, err := os.ReadFile(path)
	if err != nil {
		t.Skipf("no real file: %v", err)
	}
	file, err := mibitiff.OpenFile(path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := file.Close(); err != nil {
			t.Error(err)
		}
	}()
	l := newLab(t)
	meta := file.Metadata()
	err = l.Store.Write(t.Context(), func(tx *store.Tx) (err error) {
		run := storetest.NewRun("real", l.Ann.ID, nil, 1)
		run.Name = meta.Run.String()
		run.Images[0].Folder = meta.Folder.String()
		l.AnnRun, err = tx.AddRun(t.Context(), run)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	l.image = l.Images(t.Context(), t, l.AnnRun)[0]
	l.upload("real", data)
	l.work(l.ingest(nil))
	image := l.see()
	if image.Status != model.StatusAvailable || len(image.Channels) != len(file.Channels()) {
		t.Fatalf("status %s, %v, %d channels", image.Status, image.ProcessingError, len(image.Channels))
	}
	for _, c := range image.Channels {
		want, err := file.ReadPlane(t.Context(), c.Page)
		if err != nil {
			t.Fatal(err)
		}
		l.compare(c, want)
	}
}

// BenchmarkDerive makes the files of an FOV of 40 channels of 1024×1024 sparse
// ion counts.
func BenchmarkDerive(b *testing.B) {
	random := rand.New(rand.NewPCG(1, 2))
	samples := make([]uint16, 1024*1024)
	for i := range samples {
		if random.Float64() < 0.07 {
			samples[i] = uint16(1 + random.ExpFloat64()*3)
		}
	}
	plane, err := mibitiff.NewPlane(1024, 1024, samples)
	if err != nil {
		b.Fatal(err)
	}
	f := fov{run: "ann-1", folder: "Point1/RowNumber0/Depth_Profile0"}
	for mass := range 40 {
		f.channels = append(f.channels, mibi.Channel{Mass: 100 + mass})
		f.planes = append(f.planes, plane)
	}
	file := f.bytes(b)
	for b.Loop() {
		l := newLab(b)
		l.upload("u1", file)
		if found, err := l.ingest(nil).next(context.Background()); err != nil || !found {
			b.Fatal(found, err)
		}
		if image := l.see(); image.Status != model.StatusAvailable {
			b.Fatal(image.Status)
		}
	}
}
