package mibitracker_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/openmibi/openmibi/mibitracker"
)

// Who waits for another's login waits no longer than its own context.
func TestWaitingForALoginEndsWithTheContext(t *testing.T) {
	t.Parallel()
	began, release := make(chan struct{}), make(chan struct{})
	srv := newRecorder(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/api-token-auth/" {
			close(began)
			<-release
			reply(w, 200, map[string]string{"token": "late"})
		}
	})
	c := newClient(t, srv.URL, mibitracker.WithPassword("a@example.org", "slow"))
	first := make(chan error)
	go func() { first <- c.Login(t.Context()) }()
	<-began
	tired := errors.New("tired")
	ctx, cancel := context.WithCancelCause(t.Context())
	second := make(chan error)
	go func() { second <- c.JSON(ctx, mibitracker.Request{Route: "/x/"}, nil) }()
	cancel(tired)
	if err := <-second; !errors.Is(err, tired) {
		t.Error(err)
	}
	close(release)
	if err := <-first; err != nil || c.Token() != "late" {
		t.Errorf("%v, token %q", err, c.Token())
	}
}

// A 401 in the middle of a form with a file costs no more than one of JSON:
// the file is sent again from its beginning.
func TestUnauthorizedFormsAreSentAgain(t *testing.T) {
	t.Parallel()
	var n atomic.Int64
	srv := newRecorder(t, func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.URL.Path == "/api-token-refresh/":
			reply(w, 200, map[string]string{"token": "new"})
		case n.Add(1)%2 == 1:
			reply(w, 401, map[string]string{"detail": "Signature has expired."})
		default:
			reply(w, 200, map[string]int{"id": 7})
		}
	})
	c := newClient(t, srv.URL)
	file := mibitracker.FromBytes("CD45.tiff", noise(70_000))
	for route, call := range map[string]func() error{
		"/runs/": func() error {
			_, err := c.Runs.Create(t.Context(), mibitracker.NewRun{XML: file, Label: "l", Instrument: 1})
			return err
		},
		"/images/7/":                func() error { _, err := c.Images.UpdateWithSED(t.Context(), 7, file, nil); return err },
		"/images/7/upload_channel/": func() error { _, err := c.Uploads.Channel(t.Context(), 7, file); return err },
	} {
		if err := call(); err != nil {
			t.Errorf("%s: %v", route, err)
			continue
		}
		sent := srv.of(route)
		if len(sent) != 2 || sent[0].Body != sent[1].Body || !strings.Contains(sent[1].Body, string(noise(70_000))) || sent[1].Auth != "JWT new" ||
			sent[0].Header.Get("Idempotency-Key") != sent[1].Header.Get("Idempotency-Key") {
			t.Errorf("%s: %d attempts, or they differ", route, len(sent))
		}
	}
}
