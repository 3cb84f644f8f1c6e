package store

import (
	"context"
	"encoding/json"
	"fmt"
)

// Actor is who makes a transaction, for the audit record.
type Actor struct {
	AccountID int64  // 0: nobody who has an account
	Name      string // the account's e-mail address, or one of the names below
	KeyID     int64  // the API key that was used; 0: none
	RequestID string // the request's number in the log; empty without one
}

// Actors that have no account.
const (
	ActorServer      = "server"       // the program by itself
	ActorCommandLine = "command line" // who has the data folder at hand
)

// The actions of the audit record.
const (
	ActionCreate  = "create"
	ActionChange  = "change"
	ActionDelete  = "delete"  // active became false
	ActionRestore = "restore" // active became true again
	ActionUpload  = "upload"  // a MIBItiff of an image was queued
	ActionPublish = "publish" // it became the image's
	ActionFail    = "fail"    // it could not be processed
)

// Write runs f in a transaction that the server makes by itself: committed if
// f returns nil, else undone. What a person changes goes through [Store.WriteAs].
func (s *Store) Write(ctx context.Context, f func(*Tx) error) error {
	return s.WriteAs(ctx, Actor{Name: ActorServer}, f)
}

// WriteAs runs f in a transaction: committed if f returns nil, else undone. In
// the same transaction it records what f has changed, as done by who.
func (s *Store) WriteAs(ctx context.Context, who Actor, f func(*Tx) error) error {
	tx, err := s.write.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("begin: %w", err)
	}
	defer func() { _ = tx.Rollback() }() // after a commit it does nothing
	t := &Tx{Queries: &Queries{x: tx}, tx: tx, now: s.now, trail: trail{actor: who}}
	if err := f(t); err != nil {
		return err
	}
	if err := t.record(ctx); err != nil {
		return fmt.Errorf("audit: %w", err)
	}
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("commit: %w", err)
	}
	if t.enqueued {
		select {
		case s.changed <- struct{}{}:
		default: // a wake-up is already pending
		}
	}
	return nil
}

// record writes what the transaction has done, one row an object.
func (t *Tx) record(ctx context.Context) error {
	for _, e := range t.trail.entries {
		before, after := e.changed()
		if e.action == ActionChange {
			switch after["active"] {
			case false:
				e.action = ActionDelete
			case true:
				e.action = ActionRestore
			}
			if len(after) == 0 {
				continue
			}
		}
		project := e.project
		if !e.scoped || t.trail.moved() {
			var err error
			if project, err = t.projectOf(ctx, e.kind, e.id); err != nil {
				return err
			}
		}
		if !e.scoped {
			e.project = project
		}
		who := t.trail.actor
		if e.actor != nil {
			who = *e.actor
		}
		old, err := auditText(before)
		if err != nil {
			return err
		}
		made, err := auditText(after)
		if err != nil {
			return err
		}
		_, err = t.exec(ctx, `INSERT INTO audit (at, action, kind, object_id, account_id, actor, key_id, request_id,
			project_before, project_after, before, after) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`,
			formatTime(t.now()), e.action, e.kind, e.id, unlessZero(who.AccountID), who.Name, unlessZero(who.KeyID), who.RequestID,
			e.project, project, old, made)
		if err != nil {
			return err
		}
	}
	return nil
}

func unlessZero(id int64) *int64 {
	if id == 0 {
		return nil
	}
	return &id
}

// Bounds of one record: a description may be long, and a panel large.
const (
	maxAuditText = 1000     // characters of a text
	maxAuditList = 200      // entries of a list
	maxAuditSide = 64 << 10 // bytes of "before", and of "after"
)

// auditText makes JSON of one side of a record; nil for none. What is too long
// is cut, and says so.
func auditText(side map[string]any) (*string, error) {
	if len(side) == 0 {
		return nil, nil
	}
	for limit := maxAuditList; ; limit /= 2 {
		text, err := json.Marshal(cutFields(side, limit))
		if err != nil {
			return nil, err
		}
		if len(text) <= maxAuditSide || limit == 0 {
			s := string(text)
			return &s, nil
		}
	}
}

// cutFields bounds the texts and lists of a side. A list that is cut has its
// whole length beside it, under its name and "_count".
func cutFields(side map[string]any, limit int) map[string]any {
	out := make(map[string]any, len(side))
	for name, v := range side {
		switch v := v.(type) {
		case string:
			out[name] = cutText(v)
		case []int64:
			out[name] = v[:min(len(v), limit)]
			if len(v) > limit {
				out[name+"_count"] = len(v)
			}
		case []map[string]any:
			rows := make([]map[string]any, min(len(v), limit))
			for i := range rows {
				rows[i] = cutFields(v[i], limit)
			}
			out[name] = rows
			if len(v) > limit {
				out[name+"_count"] = len(v)
			}
		default:
			out[name] = v
		}
	}
	return out
}

func cutText(s string) string {
	runes := 0
	for i := range s {
		if runes == maxAuditText {
			return s[:i] + fmt.Sprintf("... (cut; %d bytes in all)", len(s))
		}
		runes++
	}
	return s
}
