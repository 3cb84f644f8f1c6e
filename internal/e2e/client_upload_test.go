package e2e

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/openmibi/openmibi/internal/server"
	"github.com/openmibi/openmibi/internal/synth"
	"github.com/openmibi/openmibi/internal/tiff"
	"github.com/openmibi/openmibi/mibitracker"
)

// place is where an upload goes.
type place struct{ URL, Location string }

func signPlace(t *testing.T, c *mibitracker.Client, run int64) place {
	t.Helper()
	var p place
	r := mibitracker.Request{Route: "/upload_mibitiff/sign_tiff_url/", Query: url.Values{"run_id": {itoa(run)}}}
	if err := c.JSON(t.Context(), r, &p); err != nil {
		t.Fatal(err)
	}
	return p
}

func (p place) put(t *testing.T, content []byte) *http.Response {
	t.Helper()
	resp, _ := bare(t, "PUT", p.URL, http.Header{"Content-Type": {"image/tiff"}}, bytes.NewReader(content))
	return resp
}

func queue(ctx context.Context, c *mibitracker.Client, location any, run int64) error {
	return c.JSON(ctx, mibitracker.Request{
		Method: "POST", Route: "/upload_mibitiff/", Body: mibitracker.JSONBody(map[string]any{"location": location, "run_id": run}),
	}, nil)
}

// refusedField wants a refusal of status 400 that names a field, or none.
func refusedField(t *testing.T, what string, err error, field, word string) {
	t.Helper()
	var refused *mibitracker.APIError
	if !errors.As(err, &refused) || refused.Status != http.StatusBadRequest {
		t.Errorf("%s: %v, want 400", what, err)
		return
	}
	text := refused.Detail
	if field != "" {
		text = strings.Join(refused.Fields[field], " ")
	}
	if !strings.Contains(strings.ToLower(text), word) {
		t.Errorf("%s: %v; want %q in %q", what, err, word, field)
	}
}

// A plain TIFF of one page, as a microscope's software writes it.
func plainTIFF(t *testing.T) []byte {
	t.Helper()
	var b bytes.Buffer
	w := tiff.NewWriter(&b)
	err := w.WritePage([]tiff.Field{
		tiff.LongField(tiff.ImageWidth, 4), tiff.LongField(tiff.ImageLength, 4), tiff.ShortField(tiff.BitsPerSample, 8),
		tiff.ShortField(tiff.Compression, 1), tiff.ShortField(tiff.PhotometricInterpretation, 1), tiff.LongField(tiff.RowsPerStrip, 4),
	}, make([]byte, 16))
	if err := errors.Join(err, w.Close()); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestClientUploadRefusals(t *testing.T) {
	t.Parallel()
	f := newFOV(t)
	s := newSite(t)
	ctx := t.Context()
	c := s.client(t, alice)
	run := f.createRun(ctx, t, c)
	other := makeFOV(t, 4, synth.Options{Size: 64, Channels: 3, Run: "another_run"})
	otherRun := other.createRun(ctx, t, c)
	third := makeThirdPoint(t)
	before := s.holds(t)

	for name, refused := range map[string]struct {
		content []byte
		word    string
	}{
		"half of it":          {f.tiff[:len(f.tiff)/2], "uploaded file"},
		"its last byte cut":   {f.tiff[:len(f.tiff)-1], "uploaded file"},
		"a TIFF of no MIBI":   {plainTIFF(t), "mibitiff"},
		"text":                {[]byte("this is no TIFF at all"), "uploaded file"},
		"a header alone":      {f.tiff[:8], "uploaded file"},
		"another run's":       {other.tiff, "another_run"},
		"an FOV not in it":    {third.tiff, "point3"},
		"zeros":               {make([]byte, 1<<16), "uploaded file"},
		"a JPEG's first part": {[]byte("\xff\xd8\xff\xe0\x00\x10JFIF"), "uploaded file"},
	} {
		_, err := c.Uploads.MIBItiff(ctx, run.ID, mibitracker.FromBytes("x.tiff", refused.content))
		refusedField(t, name, err, "", refused.word)
	}
	uploaded := signPlace(t, c, run.ID)
	if resp := uploaded.put(t, f.tiff); resp.StatusCode != 200 || resp.Header.Get("ETag") != `"`+f.sha256+`"` {
		t.Fatalf("PUT: %d %v", resp.StatusCode, resp.Header)
	}
	refusedField(t, "location of another run", queue(ctx, c, uploaded.Location, otherRun.ID), "run_id", "another run")
	refusedField(t, "unknown location", queue(ctx, c, "no-such-place", run.ID), "location", "no upload")
	refusedField(t, "a path as location", queue(ctx, c, "../../openmibi.db", run.ID), "location", "no upload")
	refusedField(t, "no location", queue(ctx, c, nil, run.ID), "location", "")
	refusedField(t, "a number as location", queue(ctx, c, 5, run.ID), "location", "")
	refusedField(t, "nothing uploaded", queue(ctx, c, signPlace(t, c, run.ID).Location, run.ID), "location", "nothing was uploaded")
	refusedField(t, "no such run", queue(ctx, c, uploaded.Location, 9999), "run_id", "")
	if _, err := c.Uploads.MIBItiff(ctx, 9999, f.source()); !errors.Is(err, mibitracker.ErrNotFound) {
		t.Errorf("upload to no run: %v", err)
	}
	if after := s.holds(t); after.Counts != before.Counts {
		t.Errorf("refusals changed what is there: %+v, before %+v", after.Counts, before.Counts)
	}
	got, err := c.Images.Get(ctx, f.imageIn(t, run))
	if err != nil || len(got.Status) != 1 || got.Status[0] != "U" || got.ProcessingError != "" || got.TIFFSize != nil {
		t.Errorf("after refusals the image is %+v, %v", got, err)
	}
	// The refused ones took nothing away: what is right still goes through.
	if err := queue(ctx, c, uploaded.Location, run.ID); err != nil {
		t.Fatal(err)
	}
	f.processed(ctx, t, c, f.imageIn(t, run))
}

// makeThirdPoint makes an FOV of newFOV's run that is not in its XML.
func makeThirdPoint(t *testing.T) *fov {
	t.Helper()
	image, err := synth.FOV(9, synth.Options{Size: 64, Channels: 2, Point: 3})
	if err != nil {
		t.Fatal(err)
	}
	content, err := image.TIFF()
	if err != nil {
		t.Fatal(err)
	}
	return &fov{tiff: content}
}

func TestClientPutRefusals(t *testing.T) {
	t.Parallel()
	f := newFOV(t)
	limit := int64(len(f.tiff))
	s := newSite(t, func(c *server.Config) { c.MaxUpload = limit })
	ctx := t.Context()
	c := s.client(t, alice)
	run := f.createRun(ctx, t, c)
	p := signPlace(t, c, run.ID)
	before := s.holds(t)

	for media, want := range map[string]int{"": 415, "text/plain": 415, "image/tif": 415, "multipart/form-data": 415, "image/tiff; x": 415} {
		header := http.Header{}
		if media != "" {
			header.Set("Content-Type", media)
		}
		if resp, body := bare(t, "PUT", p.URL, header, bytes.NewReader(f.tiff)); resp.StatusCode != want {
			t.Errorf("Content-Type %q: %d %s", media, resp.StatusCode, body)
		}
	}
	long := append(bytes.Clone(f.tiff), 0)
	if resp := p.put(t, long); resp.StatusCode != 413 {
		t.Errorf("a byte more than allowed: %d", resp.StatusCode)
	}
	tiffType := http.Header{"Content-Type": {"image/tiff"}}
	if resp, _ := bare(t, "PUT", p.URL, tiffType, io.MultiReader(bytes.NewReader(long))); resp.StatusCode != 413 {
		t.Errorf("a byte more than allowed, of unannounced length: %d", resp.StatusCode)
	}
	for name, change := range map[string]http.Header{
		"a part":     {"Content-Range": {"bytes 0-9/100"}},
		"compressed": {"Content-Encoding": {"gzip"}},
	} {
		change.Set("Content-Type", "image/tiff")
		if resp, _ := bare(t, "PUT", p.URL, change, bytes.NewReader(f.tiff)); resp.StatusCode != 400 && resp.StatusCode != 415 {
			t.Errorf("%s: %d", name, resp.StatusCode)
		}
	}
	for _, sent := range []int{0, 1, len(f.tiff) / 2, len(f.tiff) - 1} {
		if status := shortPut(t, p.URL, f.tiff[:sent], len(f.tiff)); status != 400 {
			t.Errorf("%d of %d announced bytes: %d, want 400", sent, len(f.tiff), status)
		}
	}
	refusedField(t, "after refused bytes", queue(ctx, c, p.Location, run.ID), "location", "nothing was uploaded")
	if diff := cmp.Diff(before, s.holds(t)); diff != "" {
		t.Errorf("refused bytes stayed: %s", diff)
	}
	// A much larger file is refused at once, with a word that arrives.
	began := time.Now()
	_, err := c.Uploads.MIBItiff(ctx, run.ID, mibitracker.FromBytes("large.tiff", make([]byte, 64<<20)))
	if !errors.Is(err, mibitracker.ErrTooLarge) || time.Since(began) > 20*time.Second {
		t.Errorf("64 MiB where %d bytes are allowed: %v after %v", limit, err, time.Since(began))
	}
	if resp := p.put(t, f.tiff); resp.StatusCode != 200 {
		t.Errorf("the right file: %d", resp.StatusCode)
	}
	if err := queue(ctx, c, p.Location, run.ID); err != nil {
		t.Fatal(err)
	}
	f.processed(ctx, t, c, f.imageIn(t, run))
	if resp := p.put(t, f.tiff); resp.StatusCode != 409 {
		t.Errorf("PUT to a finished upload: %d", resp.StatusCode)
	}
}

// shortPut announces more bytes than it sends, then ends its side.
func shortPut(t *testing.T, signed string, content []byte, announced int) int {
	t.Helper()
	u, err := url.Parse(signed)
	if err != nil {
		t.Fatal(err)
	}
	conn, err := net.Dial("tcp", u.Host)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	_, err = fmt.Fprintf(conn, "PUT %s HTTP/1.1\r\nHost: %s\r\nContent-Type: image/tiff\r\nContent-Length: %d\r\n\r\n%s",
		u.RequestURI(), u.Host, announced, content)
	if err != nil {
		t.Fatal(err)
	}
	if tcp, ok := conn.(*net.TCPConn); !ok || tcp.CloseWrite() != nil {
		t.Fatal("the connection cannot be half closed")
	}
	if err := conn.SetReadDeadline(time.Now().Add(30 * time.Second)); err != nil {
		t.Fatal(err)
	}
	resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	return resp.StatusCode
}
