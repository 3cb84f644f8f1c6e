package store_test

import (
	"path/filepath"
	"slices"
	"testing"

	"github.com/openmibi/openmibi/internal/model"
	"github.com/openmibi/openmibi/internal/store"
)

// oldLab is a small lab as the first versions of the program wrote it.
var oldLab = []string{
	`INSERT INTO accounts (email, password_hash, created_at) VALUES ('ann@example.org', '', '2026-01-02T03:04:05.000000Z')`,
	`INSERT INTO projects (name, is_public, created_by, edited_at) VALUES ('TONIC', TRUE, 1, '2026-01-02T03:04:05.000000Z')`,
	`INSERT INTO project_members (project_id, account_id, role) VALUES (1, 1, 'manager')`,
	`INSERT INTO apertures (code, name) VALUES ('F', '50 µm')`,
	`INSERT INTO tissues (organ, diagnosis, created_by) VALUES ('Tonsil', 'Unremarkable', 1)`,
	`INSERT INTO slides (name, slide_type, project_id, created_by) VALUES ('S1', 'coated', 1, 1)`,
	`INSERT INTO sections (position, tissue_id, slide_id, cut_date, project_id, created_by) VALUES ('top', 1, 1, '2022-01-22', 1, 1)`,
	`INSERT INTO runs (label, name, xml_name, xml_key, xml_sha256, xml_size, path, filename, aperture_id, project_id, instrument_id, created_by, created_at)
		VALUES ('r', 'r', 'r.xml', 'k', 's', 1, 'r-1', 'r.xml', 6, 1, 1, 1, '2026-01-02T03:04:05.000000Z')`,
	`INSERT INTO run_slides (run_id, slide_id) VALUES (1, 1)`,
	`INSERT INTO images (run_id, number, folder, aperture_id, tissue_id, section_id, created_by, created_at)
		VALUES (1, 'Point1', 'Point1/x', 6, 1, 1, 1, '2026-01-02T03:04:05.000000Z')`,
	`INSERT INTO imagesets (name, run_id, created_by, created_at) VALUES ('r', 1, 1, '2026-01-02T03:04:05.000000Z')`,
	`INSERT INTO imageset_images (imageset_id, image_id) VALUES (1, 1)`,
}

// The catalog of a data folder from before apertures could be deleted is all
// there, can be changed, and can go back to the version before.
func TestOldCatalog(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	dir := t.TempDir()
	path := filepath.Join(dir, "test.db")
	schema(t, path, 3, oldLab...)
	s := openIn(ctx, t, dir)
	ann := store.Viewer{ID: 1}
	apertures, err := s.Apertures(ctx)
	if err != nil || len(apertures) != 6 || slices.ContainsFunc(apertures, func(a model.Aperture) bool { return !a.Active }) {
		t.Errorf("apertures: %+v, %v", apertures, err)
	}
	image, err := s.Image(ctx, ann, 1)
	if err != nil {
		t.Fatal(err)
	}
	if image.Aperture.Code != "F" || image.Tissue.Name() != "Tonsil  [Unremarkable]" || image.Section.Slide.Name != "S1" ||
		image.Project.Name != "TONIC" || !slices.Equal(image.Section.Slide.RunIDs, []int64{1}) || image.ImageSets[0].Name != "r" {
		t.Errorf("the image: %+v", image)
	}
	members, err := s.Members(ctx, 1)
	if err != nil || len(members) != 1 || members[0].Role != model.RoleManager || !members[0].Active {
		t.Errorf("members: %+v, %v", members, err)
	}
	err = s.Write(ctx, func(tx *store.Tx) error {
		if err := tx.UpdateAperture(ctx, 6, []store.Change{{Column: "active", Value: false}}); err != nil {
			return err
		}
		return tx.UpdateSection(ctx, 1, []store.Change{{Column: "block", Value: "B1"}})
	})
	if err != nil {
		t.Fatal(err)
	}
	deleted := store.Query{Inactive: true}
	if ids, err := store.ApertureListing().IDs(ctx, s.Queries, ann, deleted); err != nil || !slices.Equal(ids, []int64{6}) {
		t.Errorf("deleted apertures: %v, %v", ids, err)
	}
}

func TestCatalogDown(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, "test.db")
	schema(t, path, 3, oldLab...)
	schema(t, path, 6, `UPDATE apertures SET active = FALSE WHERE id = 6`)
	schema(t, path, 5, `INSERT INTO apertures (code, name) VALUES ('G', '60 µm')`)
	s := openIn(t.Context(), t, dir)
	if all, err := s.Apertures(t.Context()); err != nil || len(all) != 7 || !all[5].Active || all[6].Code != "G" {
		t.Errorf("there and back: %+v, %v", all, err)
	}
}
