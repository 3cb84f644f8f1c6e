package e2e

import (
	"errors"
	"net/http"
	"net/url"
	"testing"

	"github.com/openmibi/openmibi/mibitracker"
)

// What belongs to one account does not exist for the other, whichever way it
// is asked for.
func TestClientOtherAccount(t *testing.T) {
	t.Parallel()
	f := newFOV(t)
	s := newSite(t)
	ctx := t.Context()
	mine, theirs := s.client(t, alice), s.client(t, bob)
	run, image := f.shared(ctx, t, mine)
	where, err := image.TIFFPath()
	if err != nil {
		t.Fatal(err)
	}
	p := signPlace(t, mine, run.ID)
	if resp := p.put(t, f.tiff); resp.StatusCode != 200 {
		t.Fatal(resp.Status)
	}
	before := s.holds(t)
	jobs := s.jobs(t)
	id := "/images/" + itoa(image.ID) + "/"
	ask := func(c *mibitracker.Client, method, route string, body any) error {
		r := mibitracker.Request{Method: method, Route: route}
		if body != nil {
			r.Body = mibitracker.JSONBody(body)
		}
		return c.JSON(ctx, r, nil)
	}
	label := "taken"
	for _, hidden := range []struct {
		name string
		try  func(*mibitracker.Client) error
		mine bool // the owner may
	}{
		{"run", func(c *mibitracker.Client) error { _, err := c.Runs.Get(ctx, run.ID); return err }, true},
		{"image", func(c *mibitracker.Client) error { _, err := c.Images.Get(ctx, image.ID); return err }, true},
		{"channels", func(c *mibitracker.Client) error { _, err := c.Images.Channels(ctx, image.ID); return err }, true},
		{"conjugates", func(c *mibitracker.Client) error { _, err := c.Images.Conjugates(ctx, image.ID); return err }, true},
		{"channel", func(c *mibitracker.Client) error { _, err := c.Images.ChannelURL(ctx, image.ID, "CD3"); return err }, true},
		{"TIFF", func(c *mibitracker.Client) error { _, err := c.Files.Sign(ctx, where); return err }, true},
		{"open", func(c *mibitracker.Client) error {
			open, err := c.Images.Open(ctx, image.ID)
			if err == nil {
				_ = open.Close()
			}
			return err
		}, true},
		{"XML", func(c *mibitracker.Client) error { _, err := c.Files.Sign(ctx, run.Path+"/"+run.XML); return err }, true},
		{"image set", func(c *mibitracker.Client) error { return ask(c, "GET", "/imagesets/"+itoa(run.ImageSet.ID)+"/", nil) }, true},
		{"sign upload", func(c *mibitracker.Client) error {
			return ask(c, "GET", "/upload_mibitiff/sign_tiff_url/?run_id="+itoa(run.ID), nil)
		}, true},
		{"change run", func(c *mibitracker.Client) error { return ask(c, "PATCH", "/runs/"+itoa(run.ID)+"/", map[string]any{}) }, true},
		{"change image", func(c *mibitracker.Client) error { return ask(c, "PATCH", id, map[string]any{}) }, true},
		{"delete run", func(c *mibitracker.Client) error {
			if c == mine {
				return nil
			}
			return ask(c, "DELETE", "/runs/"+itoa(run.ID)+"/", nil)
		}, true},
		{"delete image", func(c *mibitracker.Client) error {
			if c == mine {
				return nil
			}
			return ask(c, "DELETE", id, nil)
		}, true},
	} {
		if err := hidden.try(theirs); !errors.Is(err, mibitracker.ErrNotFound) {
			t.Errorf("%s of another account: %v, want 404", hidden.name, err)
		}
		if err := hidden.try(mine); hidden.mine && err != nil {
			t.Errorf("%s of one's own: %v", hidden.name, err)
		}
	}
	refusedField(t, "another's location", queue(ctx, theirs, p.Location, run.ID), "location", "no upload")
	refusedField(t, "an image set of another's images", ask(theirs, "POST", "/imagesets/", map[string]any{"name": "x", "images": []int64{image.ID}}), "images", "")
	if got := s.jobs(t); got != jobs {
		t.Errorf("%d jobs, before %d", got, jobs)
	}
	for name, count := range map[string]func(*mibitracker.Client) (int, error){
		"runs": func(c *mibitracker.Client) (int, error) {
			page, err := c.Runs.List(ctx, mibitracker.RunFilter{})
			if err != nil {
				return 0, err
			}
			return page.Count + len(page.Results), nil
		},
		"runs by label": func(c *mibitracker.Client) (int, error) {
			page, err := c.Runs.List(ctx, mibitracker.RunFilter{Label: run.Label, ListOptions: mibitracker.ListOptions{Filters: url.Values{"paging": {"no"}}}})
			if err != nil {
				return 0, err
			}
			return page.Count, nil
		},
		"images": func(c *mibitracker.Client) (int, error) {
			page, err := c.Images.List(ctx, mibitracker.ImageFilter{Run: run.ID})
			if err != nil {
				return 0, err
			}
			return page.Count + len(page.Results), nil
		},
		"image sets": func(c *mibitracker.Client) (int, error) {
			page, err := c.ImageSets.List(ctx, mibitracker.ListOptions{})
			if err != nil {
				return 0, err
			}
			return page.Count + len(page.Results), nil
		},
		"search": func(c *mibitracker.Client) (int, error) {
			var page mibitracker.Page[mibitracker.Image]
			err := c.JSON(ctx, mibitracker.Request{Route: "/images/search_advanced/?antibodyTarget=CD"}, &page)
			return page.Count + len(page.Results), err
		},
	} {
		if n, err := count(theirs); err != nil || n != 0 {
			t.Errorf("%s: the other account sees %d, %v", name, n, err)
		}
		if n, err := count(mine); err != nil || n == 0 {
			t.Errorf("%s: the owner sees %d, %v", name, n, err)
		}
	}
	// Labels are unique among all accounts; the refusal tells no more than that.
	_, err = theirs.Runs.Create(ctx, mibitracker.NewRun{XML: mibitracker.FromBytes("x.xml", f.xml), Label: run.Label, Instrument: 1})
	refusedField(t, "the label of a hidden run", err, "label", "already exists")
	if after := s.holds(t); after.Counts != before.Counts || len(after.Files) != len(before.Files) {
		t.Errorf("%+v, before %+v", after, before)
	}
	if _, err := theirs.Runs.Create(ctx, mibitracker.NewRun{XML: mibitracker.FromBytes("x.xml", f.xml), Label: label, Instrument: 1}); err != nil {
		t.Errorf("the other's own run: %v", err)
	}
	resp, _ := bare(t, http.MethodGet, s.url+"/runs/"+itoa(run.ID)+"/", nil, nil)
	if resp.StatusCode != 401 || resp.Header.Get("WWW-Authenticate") == "" {
		t.Errorf("nobody: %d", resp.StatusCode)
	}
}
