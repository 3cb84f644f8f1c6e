package e2e

import (
	"errors"
	"testing"

	"github.com/openmibi/openmibi/internal/server"
	"github.com/openmibi/openmibi/mibitracker"
)

// A pipeline logs in with a key that somebody with the data folder made, does
// what its scope says, and no more; until the key is revoked, or its owner is
// disabled: then it is out at the next request.
func TestClientWithAPIKey(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	ctx := t.Context()
	keyed := func(scope string) (server.Key, *mibitracker.Client) {
		key, text, err := server.CreateKey(ctx, s.data, server.NewKey{Name: scope, Email: alice, Scope: scope})
		if err != nil {
			t.Fatal(err)
		}
		return key, s.client(t, alice, mibitracker.WithToken(text))
	}
	uploadKey, instrument := keyed("upload")
	_, notebook := keyed("read")
	_, editor := keyed("write")

	run, image := newFOV(t).shared(ctx, t, instrument)
	if me, err := instrument.Users.Me(ctx); err != nil || me.Email != alice {
		t.Errorf("the key is of %+v, %v", me, err)
	}
	if err := instrument.Runs.Delete(ctx, run.ID); !errors.Is(err, mibitracker.ErrForbidden) {
		t.Errorf("a key to upload deletes: %v", err)
	}
	if got, err := notebook.Images.Get(ctx, image.ID); err != nil || got.Run.ID != run.ID {
		t.Errorf("a key to read reads %+v, %v", got, err)
	}
	if _, err := notebook.Uploads.MIBItiff(ctx, run.ID, newFOV(t).source()); !errors.Is(err, mibitracker.ErrForbidden) {
		t.Errorf("a key to read uploads: %v", err)
	}
	if err := editor.JSON(ctx, mibitracker.Request{Route: "/audit/"}, nil); !errors.Is(err, mibitracker.ErrForbidden) {
		t.Errorf("a key to write reads the audit record: %v", err)
	}

	if _, changed, err := server.RevokeKey(ctx, s.data, uploadKey.ID); err != nil || !changed {
		t.Fatalf("revoke: %v, %v", changed, err)
	}
	if _, err := instrument.Runs.Get(ctx, run.ID); !errors.Is(err, mibitracker.ErrUnauthorized) {
		t.Errorf("a revoked key: %v", err)
	}
	if err := editor.Runs.Delete(ctx, run.ID); err != nil {
		t.Errorf("a key to write: %v", err)
	}

	// Disabling ends keys and logins for good; the other accounts go on.
	person := s.client(t, alice)
	if err := person.Login(ctx); err != nil {
		t.Fatal(err)
	}
	for _, active := range []bool{false, true} {
		if _, changed, err := server.SetActive(ctx, s.data, alice, active); err != nil || !changed {
			t.Fatalf("active %v: %v, %v", active, changed, err)
		}
		token := s.client(t, alice, mibitracker.WithToken(person.Token()))
		for name, c := range map[string]*mibitracker.Client{"key": editor, "token": token} {
			if _, err := c.Users.Me(ctx); !errors.Is(err, mibitracker.ErrUnauthorized) {
				t.Errorf("active %v: a %s from before: %v", active, name, err)
			}
		}
		if err := s.client(t, alice).Login(ctx); (err == nil) != active {
			t.Errorf("active %v: the password: %v", active, err)
		}
	}
	if _, err := s.client(t, bob).Users.Me(ctx); err != nil {
		t.Errorf("another account: %v", err)
	}
}
