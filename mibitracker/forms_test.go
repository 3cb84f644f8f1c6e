package mibitracker_test

import (
	"io"
	"mime"
	"mime/multipart"
	"strings"
	"testing"
)

// sentFile is a file part of a form, its name as it went over the wire.
type sentFile struct{ Field, Disposition, Type, Content string }

// formOf takes a form apart: its texts by name (several joined by "|"), and
// its files.
func formOf(t *testing.T, r seen) (map[string]string, []sentFile) {
	t.Helper()
	kind, params, err := mime.ParseMediaType(r.Type)
	if err != nil || kind != "multipart/form-data" || r.Length != int64(len(r.Body)) {
		t.Fatalf("%s %s: type %q, length %d of %d, %v", r.Method, r.Path, r.Type, r.Length, len(r.Body), err)
	}
	texts, files := map[string]string{}, []sentFile(nil)
	for reader := multipart.NewReader(strings.NewReader(r.Body), params["boundary"]); ; {
		part, err := reader.NextRawPart()
		if err == io.EOF {
			return texts, files
		}
		if err != nil {
			t.Fatal(err)
		}
		content, err := io.ReadAll(part)
		if err != nil {
			t.Fatal(err)
		}
		disposition := part.Header.Get("Content-Disposition")
		if strings.Contains(disposition, "filename=") {
			files = append(files, sentFile{part.FormName(), disposition, part.Header.Get("Content-Type"), string(content)})
			continue
		}
		if before, ok := texts[part.FormName()]; ok {
			content = []byte(before + "|" + string(content))
		}
		texts[part.FormName()] = string(content)
	}
}
