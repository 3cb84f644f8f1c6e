package store

import (
	"context"
	"slices"

	"github.com/openmibi/openmibi/internal/model"
)

// What happens to objects beside the columns of their rows.

// idList is a set of ids for a note; none are an empty list.
func idList(ids []int64) []int64 {
	out := append([]int64{}, ids...)
	slices.Sort(out)
	return slices.Compact(out)
}

// noteMember records what an account is in a project, by the account's address.
func (t *Tx) noteMember(project int64, email string, old []string, role model.Role) {
	before, after := map[string]any{email: nil}, map[string]any{email: nil}
	if len(old) > 0 {
		before[email] = old[0]
	}
	if role != model.RoleNone {
		after[email] = string(role)
	}
	t.note(KindProject, project, "members", before, after)
}

// noteChannel records an extra channel: old is what it replaces, if anything.
func (t *Tx) noteChannel(old, c model.Channel) {
	var before any
	if old.Key != "" {
		before = map[string]any{c.Name: old.SHA256}
	}
	t.note(KindImage, c.ImageID, "extra_channels", before, map[string]any{c.Name: c.SHA256})
}

// uploader is who uploaded what a job works on.
func (t *Tx) uploader(ctx context.Context, upload string) (*Actor, error) {
	a, err := one(ctx, t.Queries, "SELECT a.id, a.email FROM uploads u JOIN accounts a ON a.id = u.account_id WHERE u.id = $1", []any{upload},
		func(r scanner) (a Actor, err error) { return a, r.Scan(&a.AccountID, &a.Name) })
	return &a, wrap(err, "account of upload %s", upload)
}

// noteJob reads what a job is about to change of its image, and returns what
// records it as done by who uploaded the file.
func (t *Tx) noteJob(ctx context.Context, job model.Job, action string, after map[string]any) (done func(), err error) {
	cols := []string{"status", "processing_error", "tiff_sha256"}
	before, err := t.row(ctx, "images", job.ImageID, cols)
	if err != nil {
		return nil, err
	}
	who, err := t.uploader(ctx, job.UploadID)
	if err != nil {
		return nil, err
	}
	return func() {
		e := t.noteAction(KindImage, job.ImageID, action)
		e.actor = who
		for i, col := range cols {
			if v, ok := after[col]; ok {
				e.set(col, before[i], v)
			}
		}
	}, nil
}

// noteUpload records that a file was queued for an image, which ends an error
// that the image shows.
func (t *Tx) noteUpload(ctx context.Context, upload string, image int64) error {
	u, err := t.Upload(ctx, upload)
	if err != nil {
		return wrap(err, "upload of image %d", image)
	}
	old, err := t.row(ctx, "images", image, []string{"status", "processing_error", "tiff_key"})
	if err != nil {
		return err
	}
	e := t.noteAction(KindImage, image, ActionUpload)
	e.set("upload", nil, map[string]any{"sha256": u.SHA256, "size": u.Size})
	if old[0] == string(model.StatusError) {
		now := model.StatusUnavailable
		if old[2] != "" {
			now = model.StatusAvailable
		}
		e.set("status", old[0], string(now))
		e.set("processing_error", old[1], nil)
	}
	return nil
}
