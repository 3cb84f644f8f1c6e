package api_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/textproto"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/openmibi/openmibi/internal/api"
	"github.com/openmibi/openmibi/internal/auth"
	"github.com/openmibi/openmibi/internal/blob"
	"github.com/openmibi/openmibi/internal/model"
	"github.com/openmibi/openmibi/internal/store"
)

// server is the real API over a real database and real blobs.
type server struct {
	*httptest.Server
	api    *api.API
	store  *store.Store
	blobs  *blob.Local
	tokens *auth.Tokens
	dir    string
	log    *bytes.Buffer // read it only when all requests are done

	admin, alice, bob user
}

type user struct {
	id    int64
	email string
	token string
}

const password = "correct horse"

// migrated is an empty database of the present schema. To bring one up for each
// server would take most of a short test's time.
var migrated = sync.OnceValues(func() (empty []byte, err error) {
	dir, err := os.MkdirTemp("", "mibi-api-")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	path := filepath.Join(dir, "mibi.db")
	db, err := store.Open(context.Background(), path)
	if err != nil {
		return nil, err
	}
	if err := db.Close(); err != nil {
		return nil, err
	}
	return os.ReadFile(path)
})

func newServer(t *testing.T, change ...func(*api.Config)) *server {
	t.Helper()
	ctx := t.Context()
	dir := t.TempDir()
	empty, err := migrated()
	must(t, err)
	must(t, os.WriteFile(filepath.Join(dir, "mibi.db"), empty, 0o600))
	db, err := store.Open(ctx, filepath.Join(dir, "mibi.db"))
	must(t, err)
	t.Cleanup(func() { _ = db.Close() })
	blobs, err := blob.OpenLocal(filepath.Join(dir, "blobs"))
	must(t, err)
	t.Cleanup(func() { _ = blobs.Close() })
	secrets, err := auth.OpenSecrets(dir)
	must(t, err)
	tokens, err := auth.NewTokens(secrets.Key(auth.PurposeTokens))
	must(t, err)
	signer, err := auth.NewSigner(secrets.Key(auth.PurposeSignedURLs))
	must(t, err)
	sealer, err := auth.NewSealer(secrets.Key(auth.PurposeAnswers))
	must(t, err)
	s := &server{store: db, blobs: blobs, tokens: tokens, dir: dir, log: new(bytes.Buffer)}
	cfg := api.Config{
		Store: db, Blobs: blobs, Tokens: tokens, Hasher: auth.NewHasher(1), Signer: signer, Sealer: sealer, Version: "test",
		Logger: slog.New(slog.NewTextHandler(s.log, nil)),
	}
	for _, f := range change {
		f(&cfg)
	}
	s.api, err = api.New(cfg)
	must(t, err)
	s.Server = httptest.NewServer(s.api)
	t.Cleanup(s.Close)
	s.admin = s.addUser(t, "admin@example.org", true)
	s.alice = s.addUser(t, "alice@example.org", false)
	s.bob = s.addUser(t, "bob@example.org", false)
	return s
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// addUser makes an account without a password: its token is issued here.
func (s *server) addUser(t *testing.T, email string, admin bool) user {
	t.Helper()
	u := user{email: email}
	err := s.store.Write(t.Context(), func(tx *store.Tx) (err error) {
		u.id, err = tx.AddAccount(t.Context(), email, "", admin)
		return err
	})
	must(t, err)
	u.token, _, err = s.tokens.Issue(auth.Identity{UserID: u.id, Username: email, Email: email})
	must(t, err)
	return u
}

// answer is what came back.
type answer struct {
	status int
	header http.Header
	body   []byte
}

// json reads the body as JSON.
func (a answer) json(t *testing.T) any {
	t.Helper()
	var v any
	if err := json.Unmarshal(a.body, &v); err != nil {
		t.Fatalf("%d %q: %v", a.status, a.body, err)
	}
	return v
}

// object reads the body as a JSON object.
func (a answer) object(t *testing.T) map[string]any {
	t.Helper()
	m, ok := a.json(t).(map[string]any)
	if !ok {
		t.Fatalf("not an object: %d %s", a.status, a.body)
	}
	return m
}

// array reads the body as a JSON array.
func (a answer) array(t *testing.T) []any {
	t.Helper()
	l, ok := a.json(t).([]any)
	if !ok {
		t.Fatalf("not an array: %d %s", a.status, a.body)
	}
	return l
}

func (a answer) id(t *testing.T) int64 {
	t.Helper()
	id, ok := a.object(t)["id"].(float64)
	if !ok {
		t.Fatalf("no id: %d %s", a.status, a.body)
	}
	return int64(id)
}

// want fails the test unless the status is right and the body holds the text.
func (a answer) want(t *testing.T, status int, texts ...string) answer {
	t.Helper()
	if a.status != status {
		t.Fatalf("status %d, want %d: %s", a.status, status, a.body)
	}
	for _, text := range texts {
		if !strings.Contains(string(a.body), text) {
			t.Fatalf("%d %s: no %q in it", a.status, a.body, text)
		}
	}
	return a
}

// do sends a request as a user (the zero user: without credentials). body may
// be nil, a string, a *form, or a value that becomes JSON.
func (s *server) do(t *testing.T, who user, method, path string, body any) answer {
	t.Helper()
	var r io.Reader
	contentType := ""
	switch b := body.(type) {
	case nil:
	case string:
		r, contentType = strings.NewReader(b), "application/json"
	case *form:
		must(t, b.w.Close())
		r, contentType = &b.b, b.w.FormDataContentType()
	default:
		text, err := json.Marshal(b)
		must(t, err)
		r, contentType = bytes.NewReader(text), "application/json"
	}
	req, err := http.NewRequestWithContext(t.Context(), method, s.URL+path, r)
	must(t, err)
	if contentType != "" {
		req.Header.Set("Content-Type", contentType)
	}
	if who.token != "" {
		req.Header.Set("Authorization", "JWT "+who.token)
	}
	return s.send(t, req)
}

func (s *server) send(t *testing.T, req *http.Request) answer {
	t.Helper()
	client := *s.Client()
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	res, err := client.Do(req)
	must(t, err)
	defer func() { _ = res.Body.Close() }()
	text, err := io.ReadAll(res.Body)
	must(t, err)
	return answer{res.StatusCode, res.Header, text}
}

// form is a multipart form that is being filled.
type form struct {
	b bytes.Buffer
	w *multipart.Writer
}

func newForm(pairs ...string) *form {
	f := new(form)
	f.w = multipart.NewWriter(&f.b)
	for i := 0; i < len(pairs); i += 2 {
		_ = f.w.WriteField(pairs[i], pairs[i+1]) // into memory
	}
	return f
}

func (f *form) file(name, fileName, contentType, content string) *form {
	h := textproto.MIMEHeader{}
	h.Set("Content-Disposition", `form-data; name="`+name+`"; filename="`+fileName+`"`)
	h.Set("Content-Type", contentType)
	p, _ := f.w.CreatePart(h) // into memory
	_, _ = io.WriteString(p, content)
	return f
}

// stored lists the keys of all blobs.
func (s *server) stored(t *testing.T) []string {
	t.Helper()
	var keys []string
	for info, err := range s.blobs.List(context.WithoutCancel(t.Context()), "") {
		must(t, err)
		keys = append(keys, info.Key)
	}
	return keys
}

// cutoff bounds waits that should never be needed.
const cutoff = time.Minute

// far is later than all that is made here is due.
var far = time.Date(2999, 1, 1, 0, 0, 0, 0, time.UTC)

func itoa(n int64) string { return strconv.FormatInt(n, 10) }

func modelRole(r string) model.Role { return model.Role(r) }
