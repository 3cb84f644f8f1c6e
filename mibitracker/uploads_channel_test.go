package mibitracker_test

import (
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/openmibi/openmibi/mibitracker"
)

func TestUploadChannel(t *testing.T) {
	t.Parallel()
	var n atomic.Int64
	srv := newRecorder(t, func(w http.ResponseWriter, r *http.Request) {
		switch n.Add(1) {
		case 1:
			text(w, 502, "<html>") // it is sent again
		case 2:
			reply(w, 200, map[string]any{"image_id": 12, "channel": "CD45"})
		case 3:
			text(w, 200, "OK") // a backend that says something else
		}
	})
	folder := t.TempDir()
	path := filepath.Join(folder, "CD45.TIF")
	if err := os.WriteFile(path, []byte("pixels"), 0o600); err != nil {
		t.Fatal(err)
	}
	file, err := mibitracker.FromFile(path)
	if err != nil {
		t.Fatal(err)
	}
	c := newClient(t, srv.URL)
	up, err := c.Uploads.Channel(t.Context(), 12, file)
	if err != nil || up.ImageID != 12 || up.Channel != "CD45" || !strings.Contains(string(up.Answer), `"channel"`) {
		t.Fatalf("%+v, %v", up, err)
	}
	if up, err = c.Uploads.Channel(t.Context(), 12, mibitracker.FromBytes("A/B.Png", []byte("pixels"))); err != nil || string(up.Answer) != "OK" || up.Channel != "" {
		t.Errorf("%+v, %v", up, err)
	}
	if up, err = c.Uploads.Channel(t.Context(), 12, mibitracker.FromBytes("cells.tiff", []byte("pixels"))); err != nil || len(up.Answer) != 0 {
		t.Errorf("%+v, %v", up, err)
	}
	sent := srv.of("/images/12/upload_channel/")
	if len(sent) != 4 {
		t.Fatalf("%d requests", len(sent))
	}
	for i, want := range []sentFile{
		{Disposition: `"CD45.TIF"`, Type: "image/tiff"}, {Disposition: `"CD45.TIF"`, Type: "image/tiff"},
		{Disposition: `"A/B.Png"`, Type: "image/png"}, {Disposition: `"cells.tiff"`, Type: "image/tiff"},
	} {
		texts, files := formOf(t, sent[i])
		want.Field, want.Content, want.Disposition = "attachment", "pixels", `form-data; name="attachment"; filename=`+want.Disposition
		if sent[i].Method != http.MethodPost || len(texts) != 0 || len(files) != 1 || files[0] != want {
			t.Errorf("%v, %+v, want %+v", texts, files, want)
		}
	}
	if a, b := sent[0].Header.Get("Idempotency-Key"), sent[1].Header.Get("Idempotency-Key"); a == "" || a != b {
		t.Errorf("the repetition has key %q, the first %q", b, a)
	}
}

func TestUploadChannelRefusals(t *testing.T) {
	t.Parallel()
	srv := newRecorder(t, func(w http.ResponseWriter, r *http.Request) {
		reply(w, 400, map[string][]string{"attachment": {"The file has 3×3 pixels."}})
	})
	uploads := newClient(t, srv.URL).Uploads
	for _, bad := range []mibitracker.Source{mibitracker.FromBytes("", []byte("x")), mibitracker.FromBytes("a.png", nil), {Name: "a.png", Size: 1}} {
		if _, err := uploads.Channel(t.Context(), 12, bad); err == nil || !strings.Contains(err.Error(), "not empty and its name") {
			t.Errorf("%+v: %v", bad, err)
		}
	}
	var kind *mibitracker.FileTypeError
	for _, name := range []string{"CD45", "CD4.5/x", "CD45."} {
		if _, err := uploads.Channel(t.Context(), 12, mibitracker.FromBytes(name, []byte("x"))); !errors.As(err, &kind) || kind.Name != name {
			t.Error(err)
		}
	}
	if n := len(srv.all()); n != 0 {
		t.Errorf("%d requests were sent", n)
	}
	if _, err := uploads.Channel(t.Context(), 12, mibitracker.FromBytes("a.png", []byte("x"))); !errors.Is(err, mibitracker.ErrBadRequest) || !strings.Contains(err.Error(), "a.png to image 12") {
		t.Error(err)
	}
}

// A channel that was uploaded again after a broken connection is the same
// channel, so it is.
func TestUploadChannelAfterBrokenConnection(t *testing.T) {
	t.Parallel()
	var n atomic.Int64
	srv := newRecorder(t, func(w http.ResponseWriter, r *http.Request) {
		if n.Add(1) == 1 {
			panic(http.ErrAbortHandler)
		}
		reply(w, 200, map[string]any{"image_id": 12, "channel": "a"})
	})
	if up, err := newClient(t, srv.URL).Uploads.Channel(t.Context(), 12, mibitracker.FromBytes("a.png", []byte("x"))); err != nil || up.Channel != "a" {
		t.Error(up, err)
	}
}
