package e2e

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"mime/multipart"
	"net/textproto"
	"strings"
)

// killKind is a kind of object that the load makes and changes.
type killKind struct {
	path, table string
	// unique is the column that holds the name that an object is made with.
	unique string
	// create is what a POST sends, and the fields that the object then has.
	create func(w *killWorker, name string) (body, fields map[string]any)
	// change is some fields, at least two: they change together or not at all.
	change func(w *killWorker) map[string]any
}

func words(r *rand.Rand) string { return fmt.Sprintf("word %d µm <b>", r.IntN(1_000_000)) }

func killKinds() map[string]killKind {
	described := func(other string) func(*killWorker) map[string]any {
		return func(w *killWorker) map[string]any {
			return map[string]any{"description": words(w.rng), other: words(w.rng)}
		}
	}
	same := func(made map[string]any) (map[string]any, map[string]any) { return made, made }
	return map[string]killKind{
		"tissue": {"/tissues/", "tissues", "organ", func(w *killWorker, name string) (map[string]any, map[string]any) {
			return same(map[string]any{"organ": name, "diagnosis": words(w.rng), "description": words(w.rng)})
		}, described("diagnosis")},
		"project": {"/projects/", "projects", "name", func(w *killWorker, name string) (map[string]any, map[string]any) {
			return same(map[string]any{"name": name, "description": words(w.rng)})
		}, func(w *killWorker) map[string]any {
			return map[string]any{"description": words(w.rng), "can_share_images": w.rng.IntN(2) == 0}
		}},
		"slide": {"/slides/", "slides", "name", func(w *killWorker, name string) (map[string]any, map[string]any) {
			return same(map[string]any{"name": name, "description": words(w.rng), "lot": words(w.rng)})
		}, described("lot")},
		"section": {"/sections/", "sections", "block", func(w *killWorker, name string) (map[string]any, map[string]any) {
			return same(map[string]any{"block": name, "position": words(w.rng), "description": words(w.rng)})
		}, described("position")},
		"imageset": {"/imagesets/", "imagesets", "name", func(w *killWorker, name string) (map[string]any, map[string]any) {
			fields := map[string]any{"name": name, "description": words(w.rng)}
			body := map[string]any{"name": name, "description": fields["description"], "images": w.run.images}
			return body, fields
		}, func(w *killWorker) map[string]any {
			return map[string]any{"name": words(w.rng), "description": words(w.rng)}
		}},
		"image": {"/images/", "images", "folder", func(w *killWorker, name string) (map[string]any, map[string]any) {
			fields := map[string]any{"folder": name, "point": words(w.rng), "frame": 8.0}
			body := map[string]any{"run": w.run.id, "folder": name, "point": fields["point"], "frame": 8}
			return body, fields
		}, func(w *killWorker) map[string]any {
			return map[string]any{"description": words(w.rng), "point": words(w.rng), "fov_size": float64(w.rng.IntN(1000))}
		}},
		"run": {"/runs/", "runs", "label", nil, described("operator")}, // made by makeRun
	}
}

// killBody is a request's body that can be sent again.
type killBody struct{ contentType, text string }

func jsonBody(v any) killBody {
	text, err := json.Marshal(v)
	if err != nil {
		panic(err) // maps of plain values
	}
	return killBody{"application/json", string(text)}
}

// formBody is a form with a file and texts. Its boundary is the same each time,
// as it is the same request.
func formBody(part, fileName, mediaType string, content []byte, texts map[string]string) killBody {
	var b bytes.Buffer
	m := multipart.NewWriter(&b)
	// Into memory: none of this fails.
	_ = m.SetBoundary("a-boundary-of-the-load")
	for name, text := range texts {
		_ = m.WriteField(name, text)
	}
	h := textproto.MIMEHeader{}
	h.Set("Content-Disposition", `form-data; name="`+part+`"; filename="`+strings.ReplaceAll(fileName, `"`, "")+`"`)
	h.Set("Content-Type", mediaType)
	w, _ := m.CreatePart(h)
	_, _ = w.Write(content)
	_ = m.Close()
	return killBody{m.FormDataContentType(), b.String()}
}
