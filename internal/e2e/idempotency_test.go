package e2e

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"path/filepath"
	"testing"
	"time"

	"github.com/openmibi/openmibi/internal/server"
	"github.com/openmibi/openmibi/internal/store"
)

// TestKilledWithKey kills the server at moments of a POST that has an
// Idempotency-Key, starts it again, and asks the same: whatever the moment,
// there is one run, and one answer.
func TestKilledWithKey(t *testing.T) {
	t.Parallel()
	fov := newFOV(t)
	for _, m := range []struct {
		moment string
		runs   int // that are left by the kill
	}{
		{"run.staged", 0}, {"run.before-commit", 0}, {"answer.kept", 0}, {"run.after-commit", 1},
	} {
		t.Run(m.moment, func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			data := filepath.Join(t.TempDir(), "data")
			if _, err := server.AddUser(ctx, data, email, password, true); err != nil {
				t.Fatal(err)
			}
			post := fov.postOnce(t)

			dying := start(t, orders{Data: data, KillAt: m.moment, Lease: time.Second})
			post.login(ctx, t, dying.url)
			if status, body, err := post.send(ctx, dying.url); err == nil {
				t.Errorf("the dead one answered %d %s", status, body)
			}
			dying.killed(t)
			left := runsAtRest(ctx, t, data)
			if len(left) != m.runs {
				t.Fatalf("the kill left runs %v, want %d", left, m.runs)
			}

			var first []byte
			for range 2 { // servers, started one after the other
				again := start(t, orders{Data: data, Lease: time.Second})
				for range 2 {
					status, body, err := post.send(ctx, again.url)
					if err != nil || status != http.StatusCreated {
						t.Fatalf("asked again: %d %s, %v", status, body, err)
					}
					if first == nil {
						first = body
					}
					if !bytes.Equal(body, first) {
						t.Errorf("asked again: %s\nfirst: %s", body, first)
					}
				}
				again.stop(t)
			}
			runs := runsAtRest(ctx, t, data)
			var made struct{ ID int64 }
			if err := json.Unmarshal(first, &made); err != nil || len(runs) != 1 || runs[0] != made.ID || m.runs == 1 && left[0] != made.ID {
				t.Errorf("runs %v, after the kill %v, answered %d, %v", runs, left, made.ID, err)
			}
		})
	}
}

// runsAtRest lists the runs in the database of a server that does not run.
func runsAtRest(ctx context.Context, t *testing.T, data string) []int64 {
	t.Helper()
	db, err := store.Open(ctx, filepath.Join(data, "openmibi.db"))
	if err != nil {
		t.Fatal(err)
	}
	ids, err := store.RunListing().IDs(ctx, db.Queries, store.Viewer{Admin: true}, store.Query{})
	if err := errors.Join(err, db.Close()); err != nil {
		t.Fatal(err)
	}
	return ids
}

// postOnce is a POST of a run, the same to the letter however often it is sent.
type postOnce struct {
	token, contentType string
	body               []byte
}

func (f *fov) postOnce(t *testing.T) *postOnce {
	t.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	file, err := w.CreateFormFile("xml", f.run+".xml")
	if err == nil {
		_, err = file.Write(f.xml)
	}
	if err := errors.Join(err, w.WriteField("label", f.run), w.WriteField("instrument", "1"), w.Close()); err != nil {
		t.Fatal(err)
	}
	return &postOnce{contentType: w.FormDataContentType(), body: b.Bytes()}
}

// login gets a token, which outlives the server that gave it.
func (p *postOnce) login(ctx context.Context, t *testing.T, url string) {
	t.Helper()
	text := fmt.Sprintf(`{"email": %q, "password": %q}`, email, password)
	_, body, err := post(ctx, url+"/api-token-auth/", http.Header{"Content-Type": {"application/json"}}, []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	var answer struct{ Token string }
	if err := json.Unmarshal(body, &answer); err != nil || answer.Token == "" {
		t.Fatalf("log in: %s, %v", body, err)
	}
	p.token = answer.Token
}

func (p *postOnce) send(ctx context.Context, url string) (int, []byte, error) {
	return post(ctx, url+"/runs/", http.Header{
		"Authorization": {"JWT " + p.token}, "Content-Type": {p.contentType}, "Idempotency-Key": {"one of a kind"},
	}, p.body)
}

func post(ctx context.Context, url string, header http.Header, body []byte) (status int, answer []byte, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url, io.NopCloser(bytes.NewReader(body)))
	if err != nil {
		return 0, nil, err
	}
	req.Header, req.ContentLength = header, int64(len(body))
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, nil, err
	}
	answer, err = io.ReadAll(res.Body)
	return res.StatusCode, answer, errors.Join(err, res.Body.Close())
}
