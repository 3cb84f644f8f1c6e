package model

import (
	"fmt"
	"time"
)

// Upload is one MIBItiff on its way in: signed, then received, then queued.
type Upload struct {
	ID         string // the opaque location
	RunID      int64
	AccountID  int64
	Key        string // where the staged bytes lie
	ExpiresAt  time.Time
	ReceivedAt *time.Time // nil until the bytes are whole
	Size       int64
	SHA256     string
	JobID      *int64 // nil until it is queued
	ImageID    *int64
}

// JobState is where a job stands.
type JobState string

// The states of a job.
const (
	JobQueued  JobState = "queued"
	JobRunning JobState = "running"
	JobDone    JobState = "done"
	JobFailed  JobState = "failed"
)

// Job is a row of the queue: work that survives the process.
type Job struct {
	ID        int64
	Kind      string
	ImageID   int64
	UploadID  string
	State     JobState
	Attempts  int // taken, and not given back: the present one, and those that took the process down
	Failures  int // given back after a failure that may pass
	LastError *string
	Lease     string // the token that proves who holds it
}

// JobIngest is the kind of job that turns an upload into a viewable image.
const JobIngest = "ingest"

// DerivedPrefix is where the blobs that a job derives from its TIFF lie. It is
// the job's own: a repeated attempt writes the same keys again, another upload
// of the same image, even of the same bytes, never does.
func (j Job) DerivedPrefix() string { return fmt.Sprintf("images/%d/%d/", j.ImageID, j.ID) }
