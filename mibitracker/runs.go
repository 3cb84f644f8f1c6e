package mibitracker

import (
	"context"
	"fmt"
	"iter"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// RunsService is Client.Runs.
type RunsService service

// RunFilter chooses runs; zero fields choose all.
type RunFilter struct {
	ListOptions
	Name, Label         string
	Project, Instrument int64  // ids
	RunDate             string // YYYY-MM-DD
}

// List gives one page of runs, newest first.
//
//mibi:route GET /runs/
func (s *RunsService) List(ctx context.Context, f RunFilter) (*Page[Run], error) {
	return list[Run](ctx, s.client, "/runs/", f.query())
}

// All walks all runs of a filter. It ends after the first error.
//
//mibi:route GET /runs/
func (s *RunsService) All(ctx context.Context, f RunFilter) iter.Seq2[Run, error] {
	return every[Run](ctx, s.client, "/runs/", f.query())
}

// Get gives a run by its id.
//
//mibi:route GET /runs/{id}/
func (s *RunsService) Get(ctx context.Context, id int64) (*Run, error) {
	var run Run
	if err := s.client.JSON(ctx, Request{Route: fmt.Sprintf("/runs/%d/", id)}, &run); err != nil {
		return nil, err
	}
	return &run, nil
}

// ByLabel gives the one run of a label. None or several is an
// *UnexpectedAnswerError, which lists the labels that were found.
//
//mibi:route GET /runs/
func (s *RunsService) ByLabel(ctx context.Context, label string) (*Run, error) {
	return s.one(ctx, "label", label)
}

// Find gives the run of a label, or else the one run of that name. None or
// several is an *UnexpectedAnswerError, which lists the labels to choose from.
//
//mibi:route GET /runs/
func (s *RunsService) Find(ctx context.Context, labelOrName string) (*Run, error) {
	runs, err := whole[Run](ctx, s.client, "/runs/", query("label", labelOrName))
	if err != nil {
		return nil, err
	}
	if len(runs) == 1 {
		return &runs[0], nil
	}
	return s.one(ctx, "name", labelOrName)
}

func (s *RunsService) one(ctx context.Context, field, value string) (*Run, error) {
	runs, err := whole[Run](ctx, s.client, "/runs/", query(field, value))
	switch {
	case err != nil:
		return nil, err
	case len(runs) == 1:
		return &runs[0], nil
	}
	var found []string
	for _, r := range runs {
		found = append(found, fmt.Sprintf("%s (id %d)", r.Label, r.ID))
	}
	return nil, &UnexpectedAnswerError{
		Reason: fmt.Sprintf("expected one run of %s %q, found %d", field, value, len(runs)), Found: found, NotOne: true,
	}
}

// NewRun is a run to create ("Runs" in the contract). Zero fields are left
// out.
type NewRun struct {
	// XML is the run XML; its name gives the run its name. Required.
	XML Source
	// Label is required and unique.
	Label string
	// Instrument is an id. Required.
	Instrument int64
	// Project and Aperture are ids.
	Project, Aperture int64
	// Slides are ids.
	Slides []int64
	// FOVSize is in µm.
	FOVSize float64
	// RunDate, YYYY-MM-DD, wins over the XML's.
	RunDate               string
	Description, Operator string
	// Fields are further form fields; they win over the ones above.
	Fields map[string]string
}

// Create makes a run of a run XML, with an image for each FOV in it. What the
// backend refuses is an *APIError that names the field.
//
//mibi:route POST /runs/
func (s *RunsService) Create(ctx context.Context, n NewRun) (*Run, error) {
	if n.XML.Open == nil || n.Label == "" {
		return nil, fmt.Errorf("mibitracker: a new run needs an XML and a label")
	}
	fields := map[string]string{"label": n.Label, "description": n.Description, "operator": n.Operator}
	for name, id := range map[string]int64{"instrument": n.Instrument, "project": n.Project, "aperture": n.Aperture} {
		if id != 0 {
			fields[name] = strconv.FormatInt(id, 10)
		}
	}
	var slides []string
	for _, id := range n.Slides {
		slides = append(slides, strconv.FormatInt(id, 10))
	}
	fields["slides"] = strings.Join(slides, ",")
	if n.FOVSize != 0 {
		fields["fov_size"] = strconv.FormatFloat(n.FOVSize, 'g', -1, 64)
	}
	if n.RunDate != "" {
		fields["user_run_date"] = n.RunDate + "T00:00:00"
	}
	maps.DeleteFunc(fields, func(_, v string) bool { return v == "" })
	maps.Copy(fields, n.Fields)
	parts := []Part{{Name: "xml", File: &n.XML, ContentType: "application/xml"}}
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		parts = append(parts, Part{Name: name, Text: fields[name]})
	}
	var run Run
	err := s.client.JSON(ctx, Request{
		Method: http.MethodPost, Route: "/runs/", Body: MultipartBody(parts...), Timeout: s.client.waitData,
	}, &run)
	if err != nil {
		return nil, err
	}
	return &run, nil
}

func (f RunFilter) query() url.Values {
	q := f.ListOptions.query()
	setText(q, "name", f.Name)
	setText(q, "label", f.Label)
	setInt(q, "project", f.Project)
	setInt(q, "instrument", f.Instrument)
	setText(q, "run_date", f.RunDate)
	return q
}
