package store_test

import (
	"fmt"
	"testing"

	"github.com/openmibi/openmibi/internal/model"
	"github.com/openmibi/openmibi/internal/store"
	"github.com/openmibi/openmibi/internal/store/storetest"
)

// BenchmarkAddRun makes runs of 200 FOVs: the largest write that people make
// every day.
func BenchmarkAddRun(b *testing.B) {
	s, err := store.Open(b.Context(), b.TempDir()+"/bench.db")
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	lab := storetest.NewLab(b.Context(), b, s)
	n := 0
	for b.Loop() {
		n++
		run := storetest.NewRun(fmt.Sprintf("bench-%d", n), lab.Ann.ID, &lab.Project, 0)
		for i := range 200 {
			number := fmt.Sprintf("Point%d", i+1)
			run.Images = append(run.Images, model.NewImage{Number: number, Folder: number + "/RowNumber0/Depth_Profile0"})
		}
		if err := s.Write(b.Context(), func(tx *store.Tx) error { _, err := tx.AddRun(b.Context(), run); return err }); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkUpdateImage changes one field of one image.
func BenchmarkUpdateImage(b *testing.B) {
	s, err := store.Open(b.Context(), b.TempDir()+"/bench.db")
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	lab := storetest.NewLab(b.Context(), b, s)
	image := lab.Images(b.Context(), b, lab.AnnRun)[0]
	n := 0
	for b.Loop() {
		n++
		if err := s.Write(b.Context(), func(tx *store.Tx) error {
			return tx.UpdateImage(b.Context(), image, []store.Change{{Column: "description", Value: fmt.Sprint(n)}})
		}); err != nil {
			b.Fatal(err)
		}
	}
}
