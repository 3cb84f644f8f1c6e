package api_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/openmibi/openmibi/internal/api"
	"github.com/openmibi/openmibi/internal/model"
	"github.com/openmibi/openmibi/internal/store"
)

// TestEveryStatus gets every answer that the document describes, of every
// route: each status stands there since somebody may get it. Each answer is
// held against its description as the fuzzer holds all it gets.
func TestEveryStatus(t *testing.T) {
	t.Parallel()
	sequential(t)
	f := newFuzzer(t, 1, func(c *api.Config) { c.MaxUpload = 1 << 20 })
	f.tour()
	p := &provoker{fuzzer: f}
	p.reader = p.key(f.roots[0], "read")
	pairs := 0
	// What takes files or people away comes last.
	for _, late := range []bool{false, true} {
		for _, op := range f.spec.ops {
			for _, status := range op.statuses() {
				if ends := op.name == "delete-user" && status == http.StatusBadRequest || strings.HasSuffix(op.name, "stored-file") && status == http.StatusNotFound; ends != late {
					continue
				}
				pairs++
				for range 12 {
					if f.hits[op.name][status] > 0 {
						break
					}
					p.provoke(op, status)
				}
				if f.hits[op.name][status] == 0 {
					t.Errorf("%s: nobody gets the documented %d; there were %v", op.name, status, f.hits[op.name])
				}
			}
		}
	}
	t.Logf("%d routes, %d pairs of a route and a status", len(f.spec.ops), pairs)
}

// provoker makes requests that get a certain answer.
type provoker struct {
	*fuzzer
	reader *person // an administrator's key that only reads
	keys   int
}

// key makes an API key.
func (p *provoker) key(owner *person, scope string) *person {
	p.t.Helper()
	req, err := http.NewRequestWithContext(p.t.Context(), http.MethodPost, p.s.URL+"/keys/", strings.NewReader(`{"name": "k", "scope": "`+scope+`"}`))
	must(p.t, err)
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Authorization", owner.auth)
	made := p.s.send(p.t, req).want(p.t, http.StatusCreated).object(p.t)
	return &person{name: "key to " + scope, auth: "Bearer " + made["key"].(string), id: owner.id}
}

// good is a request that succeeds, as far as the request goes.
func (p *provoker) good(op *operation) *request {
	q := p.valid(op, p.roots[0], 0)
	q.encode()
	return q
}

// provoke sends what should get a status.
func (p *provoker) provoke(op *operation, status int) {
	p.t.Helper()
	switch op.name { // a signed URL that is not too old
	case "get-stored-file", "head-stored-file":
		p.files = nil
		p.send(p.good(p.op("download")))
	case "put-stored-file":
		p.send(p.good(p.op("sign-upload")))
	}
	q := p.good(op)
	switch status {
	case http.StatusBadRequest:
		p.badRequest(q)
	case http.StatusUnauthorized:
		q.who = &person{name: "nobody"}
	case http.StatusForbidden:
		p.forbidden(q)
	case http.StatusNotFound:
		p.notFound(q)
	case http.StatusConflict:
		p.conflict(q)
		return
	case http.StatusRequestEntityTooLarge:
		p.tooLarge(q)
	case http.StatusUnsupportedMediaType:
		q.header.Set("Content-Type", "text/plain")
		if len(q.body) == 0 {
			q.body = []byte("x")
		}
	case http.StatusUnprocessableEntity:
		p.keys++
		q.header.Set("Idempotency-Key", "reused "+strconv.Itoa(p.keys))
		if p.send(q).status < 300 {
			q.body = append(slices.Clone(q.body), ' ')
			p.send(q)
		}
		return
	case http.StatusTooManyRequests:
		for range 150 {
			q := p.good(op)
			for _, name := range []string{"password", "old_password", "token"} {
				if q.fields[name] != nil && (name != "password" || op.name == "log-in") {
					q.fields[name] = "wrong"
				}
			}
			q.body = nil
			q.header.Del("Content-Type")
			q.encode()
			p.clock.Add(-int64(1e9)) // no time passes for who guesses
			if p.send(q).status == status {
				return
			}
		}
		return
	case http.StatusPartialContent:
		q.header.Set("Range", "bytes=0-3")
	case http.StatusNotModified:
		q.header.Set("If-Modified-Since", "Fri, 31 Dec 2999 23:59:59 GMT")
	case http.StatusPreconditionFailed:
		q.header.Set("If-Match", `"another"`)
	case http.StatusRequestedRangeNotSatisfiable:
		q.header.Set("Range", "bytes=99999999-")
	}
	p.revive(q, p.send(q))
}

func (p *provoker) badRequest(q *request) {
	switch {
	case q.op.name == "put-stored-file":
		q.header.Set("Content-Range", "bytes 0-0/5")
	case q.op.name == "delete-imageset":
		for _, set := range p.runSets() {
			q.path["id"] = set
		}
	case q.op.name == "delete-user":
		p.lastAdministrator(q)
	case len(q.op.media()) > 0:
		q.body = []byte("{")
		q.header.Set("Content-Type", "application/json")
	case len(q.op.params("query")) > 0:
		q.query, q.raw = [][2]string{{"unknown", "1"}}, ""
	default:
		q.header.Set("Idempotency-Key", " ")
	}
}

// runSets are the image sets of runs.
func (p *provoker) runSets() map[int64]string {
	out := map[int64]string{}
	for id := range p.runs {
		req, err := http.NewRequestWithContext(p.t.Context(), http.MethodGet, p.s.URL+"/runs/"+itoa(id)+"/", nil)
		must(p.t, err)
		req.Header.Set("Authorization", p.roots[0].auth)
		if set, ok := p.s.send(p.t, req).object(p.t)["imageset"].(map[string]any); ok {
			out[id] = itoa(idOf(set))
		}
	}
	return out
}

// lastAdministrator disables every administrator but who asks.
func (p *provoker) lastAdministrator(q *request) {
	others := []int64{p.s.admin.id}
	for _, id := range p.ids["users"] {
		if id != q.who.id {
			others = append(others, id)
		}
	}
	for _, id := range others {
		other := p.good(q.op)
		other.path["id"] = itoa(id)
		p.send(other)
	}
	q.path["id"] = itoa(q.who.id)
}

// member is somebody who is no administrator.
func (p *provoker) member() *person {
	return p.people[slices.IndexFunc(p.people, func(one *person) bool { return one.password != "" && !one.admin })]
}

func (p *provoker) forbidden(q *request) {
	switch {
	case q.op.open: // a signed URL
		q.raw = "grant=forged"
	case q.op.name == "list-members":
		q.path["id"] = itoa(p.publicProject())
		q.who = p.member()
	case q.op.method == http.MethodGet:
		q.who = p.member()
		if chance(p.rand, 50) {
			q.who = p.reader
		}
	default:
		q.who = p.reader
	}
}

// publicProject makes a project that everybody sees.
func (p *provoker) publicProject() int64 {
	p.count++
	req, err := http.NewRequestWithContext(p.t.Context(), http.MethodPost, p.s.URL+"/projects/",
		strings.NewReader(fmt.Sprintf(`{"name": "public %d", "is_public": true}`, p.count)))
	must(p.t, err)
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Authorization", p.roots[0].auth)
	return p.s.send(p.t, req).want(p.t, http.StatusCreated).id(p.t)
}

func (p *provoker) notFound(q *request) {
	switch q.op.name {
	case "download":
		q.query = [][2]string{{"path", "no/such/file"}}
	case "sign-upload":
		q.query = [][2]string{{"run_id", "99999"}}
	case "get-stored-file", "head-stored-file":
		for _, key := range p.s.stored(p.t) {
			must(p.t, p.s.blobs.Delete(p.t.Context(), key))
		}
	default:
		q.path["id"] = "99999"
	}
}

func (p *provoker) tooLarge(q *request) {
	if q.op.name == "put-stored-file" {
		q.body = make([]byte, 1<<20+1)
		return
	}
	if len(q.op.media()) == 0 { // then a body is read for its key alone
		setDefault(q.header, "Idempotency-Key", "large")
	}
	q.header.Set("Content-Type", "application/json")
	q.body = []byte(`{"name": "` + strings.Repeat("x", 1<<20) + `"}`)
}

// conflict gets a 409.
func (p *provoker) conflict(q *request) {
	p.t.Helper()
	switch q.op.name {
	case "put-stored-file": // what is complete already
		p.send(p.good(p.op("enqueue-upload")))
		if i := slices.IndexFunc(p.uploads, func(u *upload) bool { return p.queued[u.location] }); i >= 0 {
			p.use(q, p.uploads[i].url)
			p.send(q)
		}
		return
	case "get-panel-csv":
		// No writer can make it any more: its target is blank in a CSV.
		must(p.t, p.s.store.Write(p.t.Context(), func(tx *store.Tx) error {
			id, err := tx.AddPanel(p.t.Context(), model.Panel{Name: "old", CreatorID: p.roots[0].id, Conjugates: []model.Conjugate{{Target: "\x01", Mass: 89}}}, nil)
			q.path["id"] = itoa(id)
			return err
		}))
		p.send(q)
		return
	}
	p.keys++
	q.header.Set("Idempotency-Key", "running "+strconv.Itoa(p.keys))
	ctx, cancel := context.WithTimeout(p.t.Context(), cutoff)
	defer cancel()
	stalled, feed := io.Pipe()
	req, err := http.NewRequestWithContext(ctx, q.method, p.s.URL+q.target(), stalled)
	must(p.t, err)
	req.Header = q.header.Clone()
	req.Header.Set("Authorization", q.who.auth)
	first := make(chan struct{})
	go func() {
		defer close(first)
		if res, err := p.s.Client().Do(req); err == nil {
			_ = res.Body.Close()
		}
	}()
	_, _ = feed.Write([]byte(" ")) // a client waits for the first byte before it sends anything
	// Until the first request has begun, the second one is refused for its body.
	again := *q
	again.header = q.header.Clone()
	if again.body = []byte("{"); len(q.op.media()) == 0 {
		p.tooLarge(&again)
	}
	for ctx.Err() == nil && p.send(&again).status != http.StatusConflict {
	}
	_, _ = io.Copy(feed, bytes.NewReader(q.body)) // the first may be gone
	_ = feed.Close()
	<-first
}
