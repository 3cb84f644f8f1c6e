package model

import (
	"encoding/json"
	"time"
)

// AuditRecord is one thing that was done to one object. It never changes.
type AuditRecord struct {
	ID        int64
	At        time.Time
	Action    string // "create", "change", "delete", ...
	Kind      string // "run", "image", ...
	ObjectID  int64
	AccountID *int64 // nil: nobody who has an account
	Actor     string // the account's address at that time, or "server", "command line"
	KeyID     *int64 // the API key that was used
	RequestID string // the request's number in the log
	// The fields that changed, with their values; nil where there are none, or
	// where they are not for the reader.
	Before, After map[string]json.RawMessage
}
