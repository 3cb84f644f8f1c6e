package api

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"time"

	"github.com/openmibi/openmibi/internal/model"
	"github.com/openmibi/openmibi/internal/policy"
	"github.com/openmibi/openmibi/internal/store"
)

// wireAudit is one line of the audit record. Before and After have the fields
// that changed. In an object's own record, what its reader may not see is null.
type wireAudit struct {
	ID        int64                       `json:"id"`
	At        time.Time                   `json:"at"`
	Action    string                      `json:"action"`
	Kind      string                      `json:"kind"`
	Object    int64                       `json:"object"`
	Actor     *string                     `json:"actor"`
	Account   *wireActor                  `json:"account"`
	Key       *int64                      `json:"key"`
	RequestID *string                     `json:"request_id"`
	Before    *map[string]json.RawMessage `json:"before"`
	After     *map[string]json.RawMessage `json:"after"`
}

// wireActor is an account by its address at that time.
type wireActor struct {
	ID    int64  `json:"id"`
	Email string `json:"email"`
}

func auditWire(r model.AuditRecord) wireAudit {
	w := wireAudit{
		ID: r.ID, At: r.At, Action: r.Action, Kind: r.Kind, Object: r.ObjectID, Key: r.KeyID,
	}
	if r.Before != nil {
		w.Before = &r.Before
	}
	if r.After != nil {
		w.After = &r.After
	}
	if r.Actor != "" {
		w.Actor = &r.Actor
	}
	if r.AccountID != nil {
		w.Account = &wireActor{*r.AccountID, r.Actor}
	}
	if r.RequestID != "" {
		w.RequestID = &r.RequestID
	}
	return w
}

// listAudit is GET /audit/: who did what to which object, for administrators.
func (a *API) listAudit(c *Call, _ http.ResponseWriter, _ *http.Request) error {
	return list(c, store.AuditListing{}, nil, auditWire)
}

// auditOf makes GET /{objects}/{id}/audit/: the record of one object, for who
// sees the object. Who acted, only who may change it is told: an object of a
// public project is seen by everybody.
func (a *API) auditOf(kind string) func(*Call, http.ResponseWriter, *http.Request) error {
	return func(c *Call, _ http.ResponseWriter, r *http.Request) error {
		id, err := c.ID("id")
		if err != nil {
			return err
		}
		owned, err := a.Store.OwnerOf(r.Context(), c.Viewer(), kind, id)
		if err != nil {
			return err
		}
		o := store.ObjectAudit{Kind: kind, ID: id, Owned: owned}
		if o.Actors, o.Members, err = c.mayKnow(r.Context(), kind, owned); err != nil {
			return err
		}
		return list(c, o, nil, auditWire)
	}
}

// mayKnow tells whether the caller may know who has changed an object that it
// sees, and who is in its project.
func (c *Call) mayKnow(ctx context.Context, kind string, owned store.Owned) (actors, members bool, err error) {
	if store.ForEverybody(kind) {
		return c.mayEditWord(owned.Creator) == nil, false, nil
	}
	var project *model.Project
	if owned.Project != nil {
		project, err = c.api.Store.Project(ctx, c.Viewer(), *owned.Project)
		if errors.Is(err, store.ErrNotFound) {
			return false, false, nil // taken away from the caller meanwhile
		}
		if err != nil {
			return false, false, err
		}
	}
	members = c.may(policy.KnowMembers, project, owned.Creator) == nil
	return c.mayEdit(project, owned.Creator) == nil, members, nil
}
