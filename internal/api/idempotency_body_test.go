package api_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/openmibi/openmibi/internal/api"
)

// atEnd is a body's end that tells when it is reached.
type atEnd func()

func (f atEnd) Read([]byte) (int, error) {
	f()
	return 0, io.EOF
}

// ending sends a POST, without a connection, whose body ends when end returns.
func (s *server) ending(t *testing.T, q asked, end func()) *httptest.ResponseRecorder {
	t.Helper()
	req := httptest.NewRequestWithContext(t.Context(), http.MethodPost, q.path, io.MultiReader(strings.NewReader(q.body), atEnd(end)))
	req.Header.Set("Content-Type", q.contentType)
	req.Header.Set("Authorization", "JWT "+q.who.token)
	req.Header["Idempotency-Key"] = q.keys
	w := httptest.NewRecorder()
	s.api.ServeHTTP(w, req)
	return w
}

// What follows a form may never end. It is not waited for while the picture is
// in memory, of which there is room for two: other uploads would wait, too.
func TestFormEndsBeforeItsPictureIsRead(t *testing.T) {
	t.Parallel()
	var reading atomic.Bool
	s := newServer(t, func(c *api.Config) {
		c.Hook = func(_ context.Context, moment string) error {
			reading.Store(reading.Load() || moment == "channel.reading")
			return nil
		}
	})
	path := "/images/" + itoa(idOf(imagesOf(s.addRun(t, s.alice, "one"))[1])) + "/upload_channel/"
	q := formPOST(t, s.alice, path, newForm().file("attachment", "cells.png", "image/png", pngOf(t, 512, 512, 8)), "k")
	q.body += strings.Repeat("after the form ", 1000)
	ended := false
	w := s.ending(t, q, func() {
		if !ended && reading.Load() {
			t.Error("the picture is read before the form has ended")
		}
		ended = true
	})
	if w.Code != http.StatusOK || !ended || !reading.Load() {
		t.Errorf("%d %s, ended: %v, read: %v", w.Code, w.Body, ended, reading.Load())
	}
}

// slowReader is an answer whose reader takes its time.
type slowReader struct {
	*httptest.ResponseRecorder
	pause func()
}

func (s slowReader) Write(p []byte) (int, error) {
	s.pause()
	return s.ResponseRecorder.Write(p)
}

// While the first answer is still on its way, to a reader that may be gone, its
// repetition has it already.
func TestRepetitionWhileTheAnswerIsSent(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	q := jsonPOST(s.alice, "/slides/", `{"name": "x"}`, "k")
	req := httptest.NewRequestWithContext(t.Context(), http.MethodPost, q.path, strings.NewReader(q.body))
	req.Header.Set("Content-Type", q.contentType)
	req.Header.Set("Authorization", "JWT "+q.who.token)
	req.Header["Idempotency-Key"] = q.keys
	var again answer
	w := slowReader{httptest.NewRecorder(), func() { again = s.ask(t, q) }}
	s.api.ServeHTTP(w, req)
	again.want(t, http.StatusCreated)
	if w.Code != http.StatusCreated || w.Body.String() != string(again.body) {
		t.Errorf("%d %s, and again: %s", w.Code, w.Body, again.body)
	}
}
