package mibitracker_test

import (
	"encoding/json"
	"image"
	"image/color"
	"image/png"
	"io"
	"net/http"
	"net/http/httptest"
	"path"
	"strings"

	"github.com/openmibi/openmibi/mibitracker"
)

// What the backend of the examples holds, by route: objects and lists.
var exampleObjects = map[string]string{
	"/runs/":           `[{"id": 26, "label": "20190308_tonsil", "path": "tonsil-uuid", "xml": "run.xml", "filename": "run.xml", "instrument": {"id": 2}, "slide_ids": [{"id": 5}], "run_date": "2019-03-08"}]`,
	"/images/":         `[{"id": 244, "number": "Point1", "folder": "Point1/RowNumber0/Depth_Profile0", "tissue": {"id": 1}, "fov_size": 400}]`,
	"/images/244/":     `{"id": 244, "number": "Point1", "folder": "Point1/RowNumber0/Depth_Profile0", "status": ["A"]}`,
	"/projects/":       `[{"id": 1, "name": "Sampler"}]`,
	"/instruments/":    `[{"id": 2, "name": "Beta2"}]`,
	"/apertures/":      `[{"id": 1, "code": "A", "name": "1 mm"}, {"id": 2, "code": "B", "name": "300 µm"}]`,
	"/tissues/":        `[{"id": 1, "organ": "Tonsil", "name": "Tonsil  [Unremarkable]"}]`,
	"/slides/":         `[{"id": 5, "name": "5", "runs": [26]}]`,
	"/sections/319/":   `{"id": 319, "position": "top", "tissue": {"id": 1, "name": "Tonsil  [Unremarkable]"}, "panel": {"id": 98, "name": "TNBC"}}`,
	"/panels/98/":      `{"id": 98, "name": "TNBC", "conjugates": [{"id": 1, "target": "CD3", "mass": 159}, {"id": 2, "target": "dsDNA", "mass": 89}]}`,
	"/users/me/":       `{"id": 3, "email": "me@example.org", "is_admin": false}`,
	"/api-token-auth/": `{"token": "a token"}`,
}

// backend answers as a small MIBItracker does.
func backend() *httptest.Server {
	mux := http.NewServeMux()
	var server *httptest.Server
	mux.HandleFunc("GET /", func(w http.ResponseWriter, r *http.Request) {
		if object, ok := exampleObjects[r.URL.Path]; ok {
			text(w, 200, object)
			return
		}
		reply(w, 404, map[string]string{"detail": "Not found."})
	})
	mux.HandleFunc("GET /download/", func(w http.ResponseWriter, _ *http.Request) {
		reply(w, 200, map[string]string{"url": server.URL + "/signed/run.xml"})
	})
	mux.HandleFunc("GET /signed/run.xml", func(w http.ResponseWriter, _ *http.Request) { text(w, 200, "<D/>") })
	mux.HandleFunc("GET /images/{id}/channel_url/", func(w http.ResponseWriter, _ *http.Request) {
		reply(w, 200, map[string]string{"url": server.URL + "/signed/CD3.png"})
	})
	mux.HandleFunc("GET /signed/CD3.png", func(w http.ResponseWriter, _ *http.Request) {
		img := image.NewGray16(image.Rect(0, 0, 4, 4))
		img.SetGray16(1, 1, color.Gray16{Y: 300})
		_ = png.Encode(w, img)
	})
	mux.HandleFunc("POST /", exampleMade)
	mux.HandleFunc("PUT /", exampleMade)
	server = httptest.NewServer(mux)
	return server
}

// exampleMade answers what was sent, with an id.
func exampleMade(w http.ResponseWriter, r *http.Request) {
	if object, ok := exampleObjects[r.URL.Path]; ok && strings.HasPrefix(r.URL.Path, "/api-") {
		text(w, 200, object)
		return
	}
	made := map[string]any{}
	if r.ParseMultipartForm(1<<20) == nil {
		for name, values := range r.MultipartForm.Value {
			made[name] = values[0]
		}
		for _, file := range r.MultipartForm.File["attachment"] {
			made["channel"] = strings.TrimSuffix(file.Filename, path.Ext(file.Filename))
		}
		delete(made, "slides")
		delete(made, "fov_size")
	} else if raw, err := io.ReadAll(r.Body); err != nil || json.Unmarshal(raw, &made) != nil {
		reply(w, 400, map[string]string{"detail": "Neither a form nor JSON."})
		return
	}
	made["id"] = 301
	reply(w, 201, made)
}

// connect gives a client of the small backend, as
//
//	mibitracker.New("https://mibi.example.org", mibitracker.WithPassword(email, password))
//
// gives one of yours.
func connect() (client *mibitracker.Client, done func()) {
	server := backend()
	client, err := mibitracker.New(server.URL, mibitracker.WithPassword("me@example.org", "secret"))
	if err != nil {
		panic(err)
	}
	return client, server.Close
}
