package e2e

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"

	"github.com/google/uuid"
)

// killObject is an object of the load, as far as answers have told.
type killObject struct {
	kind   string
	id     int64
	fields map[string]any // acknowledged
	maybe  map[string]any // sent by a request whose answer never came; nil: none
}

// killPost is a POST that can be repeated.
type killPost struct {
	path, key string
	body      killBody
	kind      string // what it makes; empty for uploads
	name      string // the unique name of what it makes
	fields    map[string]any
	answer    string // the acknowledged answer; empty: it never came
	image     int64  // of an upload of a channel or a TIFF
}

// killRun is a run that a worker puts images into.
type killRun struct {
	id      int64
	images  []int64
	fovs    int   // how many images its XML has
	toFill  int64 // the image whose TIFF the load has
	channel int   // how many extra channels were sent
}

// killWorker is a client. What it made nobody else changes, so that it knows
// what each object must be.
type killWorker struct {
	load  *killLoad
	rng   *rand.Rand
	token string
	n     int // of this worker
	named int // how many names it gave
	http  *http.Client

	run     killRun
	objects []*killObject
	posts   []*killPost // of this round
	flying  *killPost   // the POST whose answer never came
	changed []*killObject
	tiffs   map[int64]bool // images whose TIFF was acknowledged
	seds    map[int64]string
	acks    int
}

// errEnds ends a worker: the server is gone.
var errEnds = errors.New("the server is gone")

// send sends a request; the answer counts only if it came whole.
func (w *killWorker) send(ctx context.Context, method, url string, body *killBody, key string) (int, string, error) {
	var r io.Reader = http.NoBody
	if body != nil {
		r = strings.NewReader(body.text)
	}
	req, err := http.NewRequestWithContext(ctx, method, url, r)
	if err != nil {
		return 0, "", err
	}
	if !strings.Contains(url, "/storage/") {
		req.Header.Set("Authorization", "JWT "+w.token)
	}
	if body != nil {
		req.Header.Set("Content-Type", body.contentType)
	}
	if key != "" {
		req.Header.Set("Idempotency-Key", key)
	}
	res, err := w.http.Do(req)
	if err != nil {
		return 0, "", errors.Join(errEnds, err)
	}
	defer func() { _ = res.Body.Close() }()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		return 0, "", errors.Join(errEnds, err)
	}
	return res.StatusCode, string(text), nil
}

// work makes and changes things until the server is gone.
func (w *killWorker) work(ctx context.Context) error {
	for {
		err := w.one(ctx)
		if errors.Is(err, errEnds) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("worker %d: %w", w.n, err)
		}
	}
}

// one does one thing.
func (w *killWorker) one(ctx context.Context) error {
	if w.run.id == 0 || w.rng.IntN(40) == 0 {
		return w.makeRun(ctx)
	}
	switch n := w.rng.IntN(100); {
	case n < 45 || len(w.objects) == 0:
		kinds := slices.Sorted(maps.Keys(w.load.kinds))
		kind := kinds[w.rng.IntN(len(kinds))]
		if kind == "run" {
			return w.makeRun(ctx)
		}
		return w.make(ctx, kind)
	case n < 75:
		return w.change(ctx, w.objects[w.rng.IntN(len(w.objects))])
	case n < 85:
		return w.remove(ctx, w.objects[w.rng.IntN(len(w.objects))])
	case n < 90:
		return w.uploadChannel(ctx)
	case n < 95:
		return w.putSED(ctx)
	default:
		return w.uploadTIFF(ctx)
	}
}

func (w *killWorker) name() string {
	w.named++
	return fmt.Sprintf("w%d-%d", w.n, w.named)
}

// post sends a POST, under a key of its own, and notes its answer.
func (w *killWorker) post(ctx context.Context, p *killPost) (map[string]any, error) {
	p.key = uuid.NewString()
	w.flying = p
	status, text, err := w.send(ctx, http.MethodPost, w.load.url+p.path, &p.body, p.key)
	if err != nil {
		return nil, err
	}
	w.flying = nil
	if status != http.StatusCreated && status != http.StatusOK {
		return nil, fmt.Errorf("POST %s: %d %s", p.path, status, text)
	}
	p.answer = text
	w.posts = append(w.posts, p)
	return w.acknowledged(p)
}

// acknowledged notes what an answer says was made.
func (w *killWorker) acknowledged(p *killPost) (map[string]any, error) {
	w.acks++
	w.load.acknowledged()
	var made map[string]any
	if err := json.Unmarshal([]byte(p.answer), &made); err != nil {
		return nil, fmt.Errorf("POST %s: %s: %w", p.path, p.answer, err)
	}
	if p.kind == "" {
		return made, nil
	}
	id, _ := made["id"].(float64)
	if err := w.load.isNew(p.kind, int64(id)); err != nil {
		return nil, err
	}
	fields := maps.Clone(p.fields)
	fields["active"] = true
	o := &killObject{kind: p.kind, id: int64(id), fields: fields}
	w.objects = append(w.objects, o)
	w.changed = append(w.changed, o)
	return made, nil
}

func (w *killWorker) make(ctx context.Context, kind string) error {
	name := w.name()
	k := w.load.kinds[kind]
	body, fields := k.create(w, name)
	_, err := w.post(ctx, &killPost{path: k.path, body: jsonBody(body), kind: kind, name: name, fields: fields})
	return err
}

func (w *killWorker) makeRun(ctx context.Context) error {
	label, description := w.name(), words(w.rng)
	made, err := w.post(ctx, &killPost{path: "/runs/", kind: "run", name: label,
		fields: map[string]any{"label": label, "description": description, "operator": nil},
		body: formBody("xml", w.load.fov.run+".xml", "application/xml", w.load.fov.xml,
			map[string]string{"label": label, "instrument": "1", "description": description})})
	if err != nil {
		return err
	}
	run, err := w.readRun(made)
	if err == nil {
		w.run = run
	}
	return err
}

func (w *killWorker) readRun(made map[string]any) (killRun, error) {
	id, _ := made["id"].(float64)
	set, _ := made["imageset"].(map[string]any)
	images, _ := set["images"].([]any)
	run := killRun{id: int64(id), fovs: len(images)}
	for _, image := range images {
		m, _ := image.(map[string]any)
		id, _ := m["id"].(float64)
		run.images = append(run.images, int64(id))
		if m["folder"] == w.load.fov.folder {
			run.toFill = int64(id)
		}
	}
	if run.id == 0 || run.toFill == 0 || run.fovs != 2 {
		return run, fmt.Errorf("half a run: %v", made)
	}
	return run, nil
}

// change changes some fields at once, by PUT or by PATCH.
func (w *killWorker) change(ctx context.Context, o *killObject) error {
	fields := w.load.kinds[o.kind].change(w)
	if w.rng.IntN(4) == 0 {
		fields["active"] = true
	}
	method := http.MethodPatch
	if w.rng.IntN(2) == 0 {
		method = http.MethodPut
	}
	body := jsonBody(fields)
	return w.edit(ctx, o, method, &body, fields)
}

// remove deletes anything but the run that is being filled.
func (w *killWorker) remove(ctx context.Context, o *killObject) error {
	if o.kind == "run" && o.id == w.run.id {
		return w.change(ctx, o)
	}
	return w.edit(ctx, o, http.MethodDelete, nil, map[string]any{"active": false})
}

func (w *killWorker) edit(ctx context.Context, o *killObject, method string, body *killBody, fields map[string]any) error {
	o.maybe = fields
	w.changed = append(w.changed, o)
	path := fmt.Sprintf("%s%d/", w.load.kinds[o.kind].path, o.id)
	status, text, err := w.send(ctx, method, w.load.url+path, body, "")
	if err != nil {
		return err
	}
	if status != http.StatusOK && status != http.StatusNoContent {
		return fmt.Errorf("%s %s: %d %s", method, path, status, text)
	}
	maps.Copy(o.fields, fields)
	o.maybe = nil
	w.acks++
	w.load.acknowledged()
	return nil
}
