package api_test

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/openmibi/openmibi/internal/api"
	"github.com/openmibi/openmibi/internal/auth"
	"github.com/openmibi/openmibi/internal/store"
)

var (
	fuzzSeed     = flag.Uint64("fuzz-seed", 1, "what the fuzzed requests follow from")
	fuzzRequests = flag.Int("fuzz-requests", 2_000, "how many requests the fuzzer sends; CI: 10,000")
)

// person is who sends requests.
type person struct {
	name, auth      string
	id              int64
	admin           bool
	email, password string
}

type run struct{ label, file, name string }

type upload struct {
	who           *person
	location, url string
	run           int64
	received      bool
}

// fuzzer sends requests that follow from the OpenAPI document and a seed.
type fuzzer struct {
	t      *testing.T
	s      *server
	spec   *spec
	rand   *rand.Rand
	clock  atomic.Int64 // nanoseconds by which the server's clock is ahead
	people []*person
	roots  []*person // administrators with a password

	// What answers have told.
	ids     map[string][]int64
	known   map[string]bool
	runs    map[int64]run
	uploads []*upload
	files   []string // signed URLs to GET
	links   []string // tokens of links to set a password
	shown   [][2]any // image and channel

	prepare        map[string]func(*request)
	count          int
	xml, png, tiff string
	hash           string // of everybody's password
	hits           map[string]map[int]int
	last           *request
	failed         int
	queued         map[string]bool // locations of uploads that are complete
	asked          map[api.Asked]bool
	told           map[string]bool   // mistakes
	refusal        map[string]string // the last of each route
}

const panelCSV = "Panel Name,P\n\nBatch,1\nTotal Volume (uL),0\nAntibody Volume (uL),0\nBuffer Volume (uL),0\n\nID (Lot),Target,Clone,Mass,Element\na (b),Calprotectin,MAC387,69,Ga\n"

// small is a run XML of two small fields of view.
var small = strings.NewReplacer(`XSize="1024" YSize="1024"`, `XSize="6" YSize="4"`, `XSize="512" YSize="512"`, `XSize="6" YSize="4"`).Replace(runXML)

func newFuzzer(t *testing.T, seed uint64, change ...func(*api.Config)) *fuzzer {
	t.Helper()
	f := &fuzzer{
		t: t, rand: rand.New(rand.NewPCG(seed, 0)), ids: map[string][]int64{}, known: map[string]bool{}, runs: map[int64]run{},
		hits: map[string]map[int]int{}, told: map[string]bool{}, queued: map[string]bool{}, asked: map[api.Asked]bool{}, refusal: map[string]string{}, xml: small, png: pngOf(t, 6, 6, 8),
	}
	f.s = newServer(t, append(change, func(c *api.Config) {
		// A fuzzer is who throttles are for: time passes more quickly.
		c.Now = func() time.Time { return time.Now().Add(time.Duration(f.clock.Load())) }
	})...)
	f.spec = readSpec(t, f.s)
	f.s.api.Watch(func(field api.Asked) { field.Need = false; f.asked[field] = true })
	f.s.api.WatchLists(func(route string, really, said []string) {
		if !slices.Equal(really, said) {
			t.Errorf("%s: the document's parameters are not the list's: %q and %q", route, said, really)
		}
	})
	f.tiff = string(mibiTIFF(t, "none", folder, "CD3"))
	f.prepare = f.preparations()
	hash, err := auth.NewHasher(1).HashPassword(t.Context(), password)
	must(t, err)
	f.hash = hash
	for i := range 2 {
		f.roots = append(f.roots, f.addPerson(fmt.Sprintf("root%d", i), true))
	}
	for i := range 3 {
		f.addPerson(fmt.Sprintf("member%d", i), false)
	}
	f.people = append(f.people, &person{name: "nobody"}, &person{name: "forger", auth: "JWT " + strings.Repeat("a.", 2) + "a"})
	return f
}

// addPerson makes an account with a password.
func (f *fuzzer) addPerson(name string, admin bool) *person {
	f.t.Helper()
	f.count++
	p := &person{name: name, admin: admin, email: fmt.Sprintf("%s-%d@example.org", name, f.count), password: password}
	must(f.t, f.s.store.Write(f.t.Context(), func(tx *store.Tx) (err error) {
		p.id, err = tx.AddAccount(f.t.Context(), p.email, f.hash, admin)
		return err
	}))
	token, _, err := f.s.tokens.Issue(auth.Identity{UserID: p.id, Username: p.email, Email: p.email})
	must(f.t, err)
	p.auth = "JWT " + token
	f.people = append(f.people, p)
	f.addID("users", p.id)
	f.addID("accounts", p.id)
	return p
}

// send sends a request, holds its answer against the document, and learns from
// it.
func (f *fuzzer) send(q *request) answer {
	f.t.Helper()
	f.last = q
	u, err := url.Parse(f.s.URL + q.target())
	if err != nil { // no client sends that
		return answer{}
	}
	req, err := http.NewRequestWithContext(f.t.Context(), q.method, u.String(), bytes.NewReader(q.body))
	if err != nil {
		return answer{}
	}
	req.URL = u
	req.Header = q.header.Clone()
	if _, set := req.Header["Authorization"]; !set && q.who.auth != "" {
		req.Header.Set("Authorization", q.who.auth)
	}
	f.clock.Add(int64(time.Second))
	got := f.s.send(f.t, req)
	if err := f.judge(q, got); err != nil && !f.told[q.op.name+err.Error()] {
		f.told[q.op.name+err.Error()] = true
		f.failed++
		f.t.Errorf("%v\nrequest %d of seed %d:\n%s\n%d %s", err, f.sent(), *fuzzSeed, q, got.status, shorten(got.body))
	}
	if q.method == q.op.method && !q.elsewhere {
		if f.hits[q.op.name] == nil {
			f.hits[q.op.name] = map[int]int{}
		}
		f.hits[q.op.name][got.status]++
		if got.status == http.StatusBadRequest || f.refusal[q.op.name] == "" {
			f.refusal[q.op.name] = shorten(got.body)
		}
		if q.op.method == http.MethodDelete && got.status < 300 {
			f.dropID(answered(q.op.path), atoi(q.path["id"]))
		}
		if got.status < 300 && got.header.Get("Content-Type") == "application/json" && len(got.body) < 1<<20 {
			f.remember(q, got)
		}
	}
	return got
}

func (f *fuzzer) sent() (n int) {
	for _, statuses := range f.hits {
		for _, count := range statuses {
			n += count
		}
	}
	return n
}

func shorten(b []byte) string {
	if len(b) > 1500 {
		return string(b[:1500]) + "..."
	}
	return string(b)
}

// leaks are what no answer may tell: the program's insides.
var leaks = regexp.MustCompile(`goroutine \d|\.go:\d|SELECT |INSERT INTO|UPDATE [a-z]|SQLITE|sqlite|constraint failed|sql: |no such (table|column)|runtime error|nil pointer|panic|/tmp/|mibi\.db`)

// judge tells what is wrong with an answer.
func (f *fuzzer) judge(q *request, got answer) error {
	if got.status >= 500 {
		return errors.New("a mistake of the server's")
	}
	if got.header.Get("X-Request-Id") == "" || got.header.Get("X-Content-Type-Options") != "nosniff" {
		return errors.New("X-Request-Id or X-Content-Type-Options is missing")
	}
	if found := leaks.Find(got.body); found != nil {
		return fmt.Errorf("it tells %q", found)
	}
	if got.status >= 400 && q.method != http.MethodHead {
		if err := errorShape(got); err != nil {
			return err
		}
	}
	if q.method != q.op.method {
		if !slices.Contains(elsewhere, got.status) && got.status != http.StatusNotFound && !badQuery(got) {
			return fmt.Errorf("status %d to a method that the path does not have", got.status)
		}
		return nil
	}
	if q.elsewhere && (got.status == http.StatusNotFound || got.status == http.StatusMethodNotAllowed) {
		return nil
	}
	if !q.op.open && got.status < 300 && !strings.Contains(got.header.Get("Cache-Control"), "private") && !strings.Contains(got.header.Get("Cache-Control"), "no-store") {
		return fmt.Errorf("Cache-Control %q of what is not for all", got.header.Get("Cache-Control"))
	}
	return f.spec.check(q.op, q.method, got)
}

// errorShape holds an error against the contract.
func errorShape(got answer) error {
	var detail struct {
		Detail    *string `json:"detail"`
		RequestID string  `json:"request_id"`
	}
	if err := json.Unmarshal(got.body, &detail); err == nil && detail.Detail != nil {
		if *detail.Detail == "" || detail.RequestID != got.header.Get("X-Request-Id") {
			return errors.New("an error without words, or without its request's number")
		}
		return nil
	}
	var fields map[string][]string
	if err := json.Unmarshal(got.body, &fields); err != nil || len(fields) == 0 || got.status != http.StatusBadRequest {
		return errors.New("neither a detail nor a 400 of fields")
	}
	return nil
}

// remember learns from an answer to a request that succeeded.
func (f *fuzzer) remember(q *request, got answer) {
	v, err := jsonschema.UnmarshalJSON(bytes.NewReader(got.body))
	if err != nil || q.op.name == "get-openapi" {
		return
	}
	o, _ := v.(map[string]any)
	switch q.op.name {
	case "sign-upload":
		at, _ := url.Parse(tree(o).text("url"))
		for _, p := range q.query {
			if p[0] == "run_id" {
				f.uploads = append(f.uploads, &upload{q.who, tree(o).text("location"), at.RequestURI(), atoi(p[1]), false})
			}
		}
	case "put-stored-file":
		q.put.received = true
	case "enqueue-upload":
		f.queued[tree(o).text("location")] = true
	case "download", "get-channel-url":
		at, _ := url.Parse(tree(o).text("url"))
		f.files = append(f.files, at.RequestURI())
	case "upload-channel":
		f.shown = append(f.shown, [2]any{o["image_id"], o["channel"]})
	case "create-user", "reset-user":
		for _, name := range []string{"invite_url", "url"} {
			if _, token, found := strings.Cut(tree(o).text(name), "#token="); found {
				f.links = append(f.links, token)
			}
		}
	case "create-key":
		if len(f.people) < 16 {
			scope := tree(o).text("scope")
			f.people = append(f.people, &person{name: q.who.name + "'s key to " + scope, auth: "Bearer " + tree(o).text("key"), id: q.who.id})
		}
	}
	f.learn(answered(q.op.path), v)
}

// answered is the kind of objects that a path answers.
func answered(path string) string {
	switch path {
	case "/images/search_advanced/":
		return "images"
	case "/tissues/search/":
		return "tissues"
	}
	kind := ""
	for part := range strings.SplitSeq(strings.Trim(path, "/"), "/") {
		if !strings.HasPrefix(part, "{") {
			kind = part
		}
	}
	return kind
}

// maxFailed is after how many mistakes the fuzzer gives up.
const maxFailed = 10

// TestFuzz sends requests made up from the document, good and bad ones, as
// different people. No answer may be a mistake of the server's, have a status or
// a shape that the document does not tell, or tell of the program's insides.
// Each route has to succeed at least once.
func TestFuzz(t *testing.T) {
	t.Parallel()
	sequential(t)
	f := newFuzzer(t, *fuzzSeed)
	f.tour()
	for f.sent() < *fuzzRequests && f.failed < maxFailed {
		f.one()
	}
	f.report()
	f.compareFields()
}

// compareFields holds the fields that the routes say they take against those
// that their handlers have read.
func (f *fuzzer) compareFields() {
	f.t.Helper()
	said := map[api.Asked]bool{}
	for _, route := range f.s.api.Routes() {
		for _, field := range route.Taken() {
			field.Need = false // handlers have more ways than one to miss a field
			said[field] = true
			if !f.asked[field] {
				f.t.Errorf("the document has a field that no handler reads so: %+v", field)
			}
		}
	}
	for field := range f.asked {
		if !said[field] {
			f.t.Errorf("a handler reads a field that the document has not so: %+v", field)
		}
	}
}

// tour does every route until it succeeds, those that make things first, so
// that there is something to ask for.
func (f *fuzzer) tour() {
	turn := func(op *operation) int {
		return slices.Index([]string{"POST", "GET", "HEAD", "PUT", "PATCH", "DELETE"}, op.method)
	}
	ops := slices.Clone(f.spec.ops)
	slices.SortStableFunc(ops, func(a, b *operation) int { return cmp.Compare(turn(a), turn(b)) })
	for _, extra := range []int{0, 100, 0} { // bare, with all there is, and by what the others made
		for _, op := range ops {
			for range 12 {
				q := f.valid(op, f.roots[0], extra)
				q.encode()
				got := f.send(q)
				f.revive(q, got)
				if got.status < 300 && extra == 0 {
					break
				}
				if extra > 0 && len(op.media()) == 0 {
					break
				}
			}
		}
	}
}

// one sends one request.
func (f *fuzzer) one() {
	op := pick(f.rand, f.spec.ops)
	who := pick(f.rand, f.people)
	if chance(f.rand, 40) {
		who = pick(f.rand, f.roots)
	}
	q := f.valid(op, who, pick(f.rand, []int{0, 10, 50}))
	bad := []int{0, 0, 0, 1, 1, 1, 1, 2, 3, 6}[f.rand.IntN(10)]
	for range bad {
		f.mutate(q)
	}
	q.encode()
	if bad > 0 && chance(f.rand, 15) {
		f.spoil(q)
	}
	if bad > 0 && chance(f.rand, 3) {
		f.otherMethod(q)
	}
	got := f.send(q)
	if chance(f.rand, 2) { // the same again
		got = f.send(q)
	}
	f.revive(q, got)
}

// revive replaces who was disabled, has other rights by now, or whose tokens or
// keys have ended.
func (f *fuzzer) revive(q *request, got answer) {
	f.t.Helper()
	if got.status != http.StatusUnauthorized && !strings.HasPrefix(q.op.path, "/users/") && !strings.HasPrefix(q.op.path, "/keys/") {
		return
	}
	for _, p := range slices.Clone(f.people) {
		if p.id == 0 {
			continue
		}
		req, err := http.NewRequestWithContext(f.t.Context(), http.MethodGet, f.s.URL+"/users/me/", nil)
		must(f.t, err)
		req.Header.Set("Authorization", p.auth)
		me := f.s.send(f.t, req)
		if me.status == http.StatusOK && (p.password == "" || me.object(f.t)["is_admin"] == p.admin) {
			continue
		}
		f.people = slices.DeleteFunc(f.people, func(other *person) bool { return other == p })
		if p.password == "" {
			continue
		}
		fresh := f.addPerson(p.name, p.admin)
		if i := slices.Index(f.roots, p); i >= 0 {
			f.roots[i] = fresh
		}
	}
}

// report prints how each route was answered, and misses those that never
// succeeded.
func (f *fuzzer) report() {
	var b strings.Builder
	for _, op := range f.spec.ops {
		good, parts := 0, ""
		for _, status := range slices.Sorted(keysOf(f.hits[op.name])) {
			n := f.hits[op.name][status]
			parts += fmt.Sprintf(" %d×%d", status, n)
			if status < 300 {
				good += n
			}
		}
		fmt.Fprintf(&b, "%-24s %5d good %s\n", op.name, good, parts)
		if good == 0 && f.failed < maxFailed {
			f.t.Errorf("%s never succeeded:%s, at last %s", op.name, parts, f.refusal[op.name])
		}
	}
	f.t.Logf("%d requests of seed %d\n%s", f.sent(), *fuzzSeed, b.String())
}
