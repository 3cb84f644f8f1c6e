package store_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/openmibi/openmibi/internal/model"
	"github.com/openmibi/openmibi/internal/store"
	"github.com/openmibi/openmibi/internal/store/storetest"
)

// Lists load images as they are loaded alone, but for what lists do not show:
// with every column set, and with all null; in no, one, and several image sets.
func TestListedImagesAreWhatImagesAre(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	s := openIn(ctx, t, t.TempDir())
	lab := storetest.NewLab(ctx, t, s)
	ids := lab.Images(ctx, t, lab.AnnRun)
	var sets []int64
	err := s.Write(ctx, func(tx *store.Tx) error {
		err := tx.UpdateImage(ctx, ids[0], []store.Change{
			{Column: "description", Value: "d"}, {Column: "point", Value: "p"}, {Column: "dwell_time", Value: 1.5}, {Column: "depths", Value: 3},
			{Column: "frame", Value: 1024}, {Column: "mass_gain", Value: 2}, {Column: "mass_offset", Value: 0.25}, {Column: "time_bin", Value: 500},
			{Column: "x_coord", Value: -7}, {Column: "y_coord", Value: 1e300}, {Column: "sed", Value: "sed.png"}, {Column: "aperture_id", Value: 1},
			{Column: "imaging_preset", Value: "fine"}, {Column: "lens1_voltage", Value: 12}, {Column: "status", Value: "AM"},
			{Column: "processing_error", Value: "none"}, {Column: "tiff_key", Value: "key"}, {Column: "tiff_size", Value: 99},
			{Column: "tiff_sha256", Value: "abc"}, {Column: "tiff_width", Value: 7}, {Column: "project_id", Value: lab.Project},
		})
		if err != nil {
			return err
		}
		for n := range 3 {
			id, err := tx.AddImageSet(ctx, lab.Ann.ID, []store.Change{{Column: "name", Value: fmt.Sprint("set ", n)}, {Column: "project_id", Value: lab.Project}})
			if err != nil {
				return err
			}
			sets = append(sets, id)
		}
		if err := tx.SetImageSetImages(ctx, sets[0], ids[:2]); err != nil {
			return err
		}
		if err := tx.SetImageSetImages(ctx, sets[2], ids[:1]); err != nil {
			return err
		}
		first, err := tx.Image(ctx, lab.Admin, ids[2])
		if err != nil {
			return err
		}
		own := first.Run.ImageSet.ID // the last image leaves the set of its run
		return tx.SetImageSetImages(ctx, own, ids[:2])
	})
	if err != nil {
		t.Fatal(err)
	}
	backwards := slices.Clone(ids)
	slices.Reverse(backwards)
	listed, err := store.ImageListing().Load(ctx, s.Queries, lab.Ann, backwards)
	if err != nil || len(listed) != len(ids) {
		t.Fatalf("%d images, %v", len(listed), err)
	}
	want := map[int64][]string{ids[0]: {"ann-1", "set 0", "set 2"}, ids[1]: {"ann-1", "set 0"}, ids[2]: nil}
	for n, got := range listed {
		alone, err := s.Image(ctx, lab.Ann, backwards[n])
		if err != nil {
			t.Fatal(err)
		}
		var names []string
		for _, set := range got.ImageSets {
			names = append(names, set.Name)
		}
		if !slices.Equal(names, want[got.ID]) {
			t.Errorf("image %d is in %q, want %q", got.ID, names, want[got.ID])
		}
		if got.CreatorID != 0 || !got.CreatedAt.IsZero() || got.TIFF != nil && got.TIFF.Key != "" {
			t.Errorf("image %d has what lists do not show: %+v", got.ID, got)
		}
		alone.SEDKey, alone.SEDSHA256, alone.SEDSize, alone.CreatorID, alone.CreatedAt = "", "", 0, 0, got.CreatedAt
		if alone.TIFF != nil {
			alone.TIFF = &model.TIFF{Size: alone.TIFF.Size, SHA256: alone.TIFF.SHA256}
		}
		if diff := cmp.Diff(*alone, got); diff != "" {
			t.Errorf("image %d (- alone, + in a list):\n%s", got.ID, diff)
		}
	}
	if got := listed[2]; got.Depths == nil || *got.Depths != 3 || got.XCoord == nil || *got.XCoord != -7 || got.TIFF == nil || got.TIFF.Size != 99 {
		t.Errorf("image %d: %+v", got.ID, got)
	}
}
