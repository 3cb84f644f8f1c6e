package cli_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"sync/atomic"

	"github.com/rogpeppe/go-internal/testscript"
)

// stall is what the storage of an older backend tells of a download that it
// never ends.
type stall struct{}

// older starts a backend that answers as older ones do: lists are bare arrays
// whatever is asked for, filters but a run's label and name are ignored,
// related objects are bare ids and codes, there are no lists of instruments or
// slides, and what it says to an upload is nothing. One of its images cannot be
// changed, one of its channels never comes to its end, and one only the second time.
// It logs the script in by the environment; the script command stalled waits until half of that
// channel is on its way.
func older(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) > 0 {
		ts.Fatalf("usage: older")
	}
	half, over := make(chan struct{}, 1), make(chan struct{})
	backend := olderBackend{half: half, over: over}
	server := httptest.NewServer(backend.routes())
	ts.Defer(func() {
		close(over)
		server.Close()
	})
	ts.Setenv("MIBITRACKER_URL", server.URL)
	ts.Setenv("MIBITRACKER_EMAIL", labEmail)
	ts.Setenv("MIBITRACKER_PASSWORD", labPassword)
	ts.Value(stall{}).(map[string]chan struct{})["half"] = half
}

// stalled waits until an older backend has sent half of a channel.
func stalled(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) > 0 {
		ts.Fatalf("usage: stalled")
	}
	<-ts.Value(stall{}).(map[string]chan struct{})["half"]
}

type olderBackend struct {
	half chan<- struct{}
	over <-chan struct{}
}

// The start of a TIFF, and of a PNG; what follows does not matter here.
const (
	olderTIFF = "MM\x00*some pixels"
	olderPNG  = "\x89PNG\r\n\x1a\nsome pixels"
)

func (b olderBackend) routes() http.Handler {
	mux := http.NewServeMux()
	say := func(route, answer string) {
		mux.HandleFunc(route, func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, answer) })
	}
	say("POST /api-token-auth/", `{"token": "t"}`)
	say("OPTIONS /{$}", `{}`)
	mux.HandleFunc("GET /runs/{$}", func(w http.ResponseWriter, r *http.Request) { _, _ = io.WriteString(w, olderRuns(r)) })
	mux.HandleFunc("POST /runs/", func(w http.ResponseWriter, r *http.Request) {
		if r.FormValue("instrument") != "2" || r.FormValue("slides") != "5" {
			w.WriteHeader(http.StatusBadRequest)
			_, _ = fmt.Fprintf(w, `{"instrument": ["instrument %q, slides %q"]}`, r.FormValue("instrument"), r.FormValue("slides"))
			return
		}
		_, _ = fmt.Fprintf(w, `{"id": 30, "label": %q, "aperture": "A", "instrument": 2}`, r.FormValue("label"))
	})
	say("GET /projects/{$}", `[{"id": 1, "name": "Sampler"}, {"id": 2, "name": "Liver"}]`)
	mux.HandleFunc("GET /images/{$}", func(w http.ResponseWriter, r *http.Request) {
		first, run := 11, 1
		if r.URL.Query().Get("run__label") == "twin-2" {
			first, run = 21, 2
		}
		image := `{"id": %d, "folder": "FOV%d", "status": "A", "run": {"id": %d, "label": "twin-%d"}, "tissue": 4, "sims_pngs": ["CD3"], "laser": 7}`
		_, _ = fmt.Fprintf(w, "["+image+","+image+"]", first, 1, run, run, first+1, 2, run, run)
	})
	say("GET /images/11/", `{"id": 11, "folder": "FOV1", "status": "A"}`)
	say("PUT /images/21/", `{"id": 21, "folder": "FOV1"}`)
	mux.HandleFunc("PUT /images/22/", func(w http.ResponseWriter, _ *http.Request) {
		http.Error(w, "<h1>out of order</h1>", http.StatusInternalServerError)
	})
	say("POST /images/11/upload_channel/", "")
	mux.HandleFunc("GET /images/11/channel_url/", func(w http.ResponseWriter, r *http.Request) {
		_, _ = fmt.Fprintf(w, `{"url": "http://%s/storage/%s"}`, r.Host, r.URL.Query().Get("channel"))
	})
	say("GET /storage/float", olderTIFF)
	say("GET /storage/page", "<html>not a picture</html>")
	mux.HandleFunc("GET /storage/endless", b.endless)
	mux.HandleFunc("GET /storage/halved", halved())
	return mux
}

// olderRuns are two runs of one name.
func olderRuns(r *http.Request) string {
	run := `{"id": %d, "label": "twin-%d", "name": "twin", "aperture": "A", "instrument": 2, "slide_ids": [5], "color": "red"}`
	one, two := fmt.Sprintf(run, 1, 1), fmt.Sprintf(run, 2, 2)
	switch q := r.URL.Query(); {
	case q.Get("label") == "twin-1":
		return "[" + one + "]"
	case q.Get("label") == "twin-2":
		return "[" + two + "]"
	case q.Get("label") == "wrong": // it answers another one
		return "[" + one + "]"
	case q.Get("label") != "" || q.Get("name") != "" && q.Get("name") != "twin":
		return "[]"
	}
	return "[" + two + "," + one + "]"
}

// endless sends the first half of a picture, and then nothing.
func (b olderBackend) endless(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Length", fmt.Sprint(2*len(olderPNG)))
	_, _ = io.WriteString(w, olderPNG)
	if f, ok := w.(http.Flusher); ok {
		f.Flush()
	}
	b.half <- struct{}{}
	select {
	case <-r.Context().Done():
	case <-b.over:
	}
}

// halved breaks off halfway, once, with nothing that tells versions apart.
func halved() http.HandlerFunc {
	var asked atomic.Int64
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", fmt.Sprint(2*len(olderPNG)))
		_, _ = io.WriteString(w, olderPNG)
		if asked.Add(1) == 1 {
			_ = http.NewResponseController(w).Flush()
			panic(http.ErrAbortHandler)
		}
		_, _ = io.WriteString(w, olderPNG)
	}
}

// withStalls gives a script the place where older puts what stalled waits for.
func withStalls(env *testscript.Env) {
	if env.Values == nil {
		env.Values = map[any]any{}
	}
	env.Values[stall{}] = map[string]chan struct{}{}
}
