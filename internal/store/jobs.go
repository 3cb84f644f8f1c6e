package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/openmibi/openmibi/internal/model"
)

const jobColumns = "id, kind, image_id, upload_id, state, attempts, failures, last_error, lease"

func scanJob(r scanner) (j model.Job, err error) {
	return j, r.Scan(&j.ID, &j.Kind, &j.ImageID, &j.UploadID, &j.State, &j.Attempts, &j.Failures, &j.LastError, &j.Lease)
}

// Job returns a job.
func (q *Queries) Job(ctx context.Context, id int64) (model.Job, error) {
	return one(ctx, q, "SELECT "+jobColumns+" FROM jobs WHERE id = $1", []any{id}, scanJob)
}

// TakeJob leases the oldest job that is due: a queued one, or one whose holder
// has let its lease run out. A job that was taken maxAttempts times already
// fails for good instead, and its image says so: whatever takes the process
// down with it must not do so for ever. No job is [ErrNotFound].
func (s *Store) TakeJob(ctx context.Context, lease time.Duration, maxAttempts int) (model.Job, error) {
	for {
		var job model.Job
		exhausted := false
		err := s.Write(ctx, func(t *Tx) (err error) {
			job, err = one(ctx, t.Queries, `UPDATE jobs SET state = 'running', attempts = attempts + 1, lease = $1,
				lease_until = `+sqlNow+` + $2 WHERE id = (SELECT id FROM jobs
				WHERE (state = 'queued' AND run_at <= `+sqlNow+`) OR (state = 'running' AND lease_until < `+sqlNow+`)
				ORDER BY run_at, id LIMIT 1) RETURNING `+jobColumns, []any{uuid.NewString(), lease.Seconds()}, scanJob)
			if err != nil {
				return err
			}
			if exhausted = job.Attempts > maxAttempts; exhausted {
				return t.failJob(ctx, job, fmt.Sprintf("processing was interrupted %d times; the server's log may say why, under job %d", maxAttempts, job.ID))
			}
			return nil
		})
		if err != nil || !exhausted {
			return job, wrap(err, "take job")
		}
	}
}

// ReclaimJobs ends the leases of processes that are gone, so that their jobs
// need not wait. Only who knows that no other process works on the queue may
// call it: the one that has the data folder to itself, before it takes a job.
func (s *Store) ReclaimJobs(ctx context.Context) (jobs int64, err error) {
	err = s.Write(ctx, func(t *Tx) error {
		jobs, err = t.exec(ctx, "UPDATE jobs SET lease_until = 0 WHERE state = 'running'")
		return err
	})
	return jobs, wrap(err, "reclaim jobs")
}

// ExtendLease keeps a job. [ErrLeaseLost] means that somebody else has it.
func (s *Store) ExtendLease(ctx context.Context, job model.Job, lease time.Duration) error {
	return s.Write(ctx, func(t *Tx) error {
		n, err := t.exec(ctx, "UPDATE jobs SET lease_until = "+sqlNow+" + $1 WHERE id = $2 AND lease = $3 AND state = 'running'",
			lease.Seconds(), job.ID, job.Lease)
		return leased(n, err)
	})
}

// RetryJob gives a job back after a failure, to be taken again after a delay.
// It counts as a failure, no longer as an attempt: those are for what takes
// the process down.
func (s *Store) RetryJob(ctx context.Context, job model.Job, reason string, after time.Duration) error {
	return s.Write(ctx, func(t *Tx) error {
		n, err := t.exec(ctx, "UPDATE jobs SET state = 'queued', lease = '', attempts = attempts - 1, failures = failures + 1, last_error = $1, run_at = "+sqlNow+
			" + $2 WHERE id = $3 AND lease = $4 AND state = 'running'", reason, after.Seconds(), job.ID, job.Lease)
		return leased(n, err)
	})
}

// ReleaseJob gives a job back untouched: a clean stop does not count as an attempt.
func (s *Store) ReleaseJob(ctx context.Context, job model.Job) error {
	return s.Write(ctx, func(t *Tx) error {
		n, err := t.exec(ctx, `UPDATE jobs SET state = 'queued', lease = '', attempts = attempts - 1
			WHERE id = $1 AND lease = $2 AND state = 'running'`, job.ID, job.Lease)
		return leased(n, err)
	})
}

// FailJob ends a job for good: its image shows the reason, and what it shows
// already it goes on showing.
func (s *Store) FailJob(ctx context.Context, job model.Job, reason string) error {
	return s.Write(ctx, func(t *Tx) error { return t.failJob(ctx, job, reason) })
}

func (t *Tx) failJob(ctx context.Context, job model.Job, reason string) error {
	if err := t.endJob(ctx, job, model.JobFailed, &reason); err != nil {
		return err
	}
	u, err := t.Upload(ctx, job.UploadID)
	if err != nil {
		return err
	}
	if err := t.discard(ctx, u.Key, job.DerivedPrefix()); err != nil {
		return err
	}
	note, err := t.noteJob(ctx, job, ActionFail, map[string]any{"status": string(model.StatusError), "processing_error": reason})
	if err != nil {
		return err
	}
	n, err := t.exec(ctx, `UPDATE images SET status = 'E', processing_error = $1, settled_job = $2 WHERE id = $3 AND settled_job < $2`,
		reason, job.ID, job.ImageID)
	if err == nil && n > 0 {
		note()
	}
	return wrap(err, "fail job %d", job.ID)
}

// endJob is the fence: only who holds the lease ends the job.
func (t *Tx) endJob(ctx context.Context, job model.Job, state model.JobState, reason *string) error {
	n, err := t.exec(ctx, `UPDATE jobs SET state = $1, lease = '', last_error = $2, ended_at = $3
		WHERE id = $4 AND lease = $5 AND state = 'running'`, state, reason, formatTime(t.now()), job.ID, job.Lease)
	return leased(n, err)
}

func leased(n int64, err error) error {
	if err != nil {
		return fmt.Errorf("job: %w", err)
	}
	if n == 0 {
		return ErrLeaseLost
	}
	return nil
}

// Publication is all that an image gains from a TIFF.
type Publication struct {
	TIFF     model.TIFF
	Index    model.TIFFIndex
	Channels []model.Channel
}

// Publish ends a job and makes its result the image's, in one transaction:
// the TIFF, its channels, the status. What the image had before becomes
// garbage. A job that was overtaken by a later upload of the same image ends
// without a trace, and reports false.
func (s *Store) Publish(ctx context.Context, job model.Job, p Publication, beforeCommit func() error) (published bool, err error) {
	err = s.Write(ctx, func(t *Tx) error {
		published, err = t.publish(ctx, job, p)
		if err != nil || beforeCommit == nil {
			return err
		}
		return beforeCommit()
	})
	return published && err == nil, err
}

func (t *Tx) publish(ctx context.Context, job model.Job, p Publication) (bool, error) {
	if err := t.endJob(ctx, job, model.JobDone, nil); err != nil {
		return false, err
	}
	keys := []string{p.TIFF.Key}
	for _, c := range p.Channels {
		keys = append(keys, c.Key)
	}
	old, err := all(ctx, t.Queries, "SELECT tiff_key FROM images WHERE id = $1", []any{job.ImageID}, scanString)
	if err != nil {
		return false, wrap(err, "publish job %d", job.ID)
	}
	before, err := t.simsChannels(ctx, job.ImageID)
	if err != nil {
		return false, err
	}
	for _, c := range before {
		old = append(old, c.Key)
	}
	note, err := t.noteJob(ctx, job, ActionPublish,
		map[string]any{"status": string(model.StatusAvailable), "processing_error": nil, "tiff_sha256": p.TIFF.SHA256})
	if err != nil {
		return false, err
	}
	n, err := t.exec(ctx, `UPDATE images SET status = 'A', processing_error = NULL, settled_job = $1, tiff_key = $2, tiff_size = $3,
		tiff_sha256 = $4, tiff_width = $5, tiff_height = $6, tiff_updated_at = $7 WHERE id = $8 AND settled_job < $1`,
		job.ID, p.TIFF.Key, p.TIFF.Size, p.TIFF.SHA256, p.TIFF.Width, p.TIFF.Height, formatTime(t.now()), job.ImageID)
	if err != nil {
		return false, wrap(err, "publish job %d", job.ID)
	}
	if n == 0 {
		return false, t.discard(ctx, keys...)
	}
	note()
	if err := t.putTIFFIndex(ctx, job.ImageID, p.TIFF.Key, p.Index); err != nil {
		return false, err
	}
	if err := t.putChannels(ctx, job.ImageID, p.Channels); err != nil {
		return false, err
	}
	return true, t.discard(ctx, old...)
}

// Settled tells whether an error of the store is final for a job: trying
// again would meet it again.
func Settled(err error) bool { return errors.Is(err, ErrConflict) }
