package mibitracker

import (
	"context"
	"fmt"
	"iter"
	"net/url"
	"slices"
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
	return object[Run](ctx, s.client, Request{Route: runRoute(id)})
}

// ByLabel gives the one run of a label. None or several is an
// *UnexpectedAnswerError, which lists the labels that were found.
//
//mibi:route GET /runs/
func (s *RunsService) ByLabel(ctx context.Context, label string) (*Run, error) {
	return s.one(ctx, "label", label, false)
}

// Find gives the run of a label, or else the one run of that name. None or
// several is an *UnexpectedAnswerError, which lists the labels to choose from.
//
//mibi:route GET /runs/
func (s *RunsService) Find(ctx context.Context, labelOrName string) (*Run, error) {
	return s.find(ctx, labelOrName, false)
}

// FindWithoutImages is Find for whoever lists the run's images, or needs none:
// its image set names no images, and those that come are passed over, so that a
// run of any number of them takes no memory.
//
//mibi:route GET /runs/
func (s *RunsService) FindWithoutImages(ctx context.Context, labelOrName string) (*Run, error) {
	return s.find(ctx, labelOrName, true)
}

func (s *RunsService) find(ctx context.Context, labelOrName string, imageless bool) (*Run, error) {
	runs, err := s.matching(ctx, "label", labelOrName, imageless)
	if err != nil {
		return nil, err
	}
	if len(runs) == 1 {
		return &runs[0], nil
	}
	return s.one(ctx, "name", labelOrName, imageless)
}

func (s *RunsService) one(ctx context.Context, field, value string, imageless bool) (*Run, error) {
	runs, err := s.matching(ctx, field, value, imageless)
	if err != nil {
		return nil, err
	}
	return only(runs, fmt.Sprintf("run of %s %q", field, value), (*Run).known)
}

// matching gives the runs of a label or name, also where the backend ignores
// such a filter.
func (s *RunsService) matching(ctx context.Context, field, value string, imageless bool) ([]Run, error) {
	runs, err := wholeBy[Run](ctx, s.client, Request{Route: "/runs/", Query: query(field, value), imageless: imageless})
	return slices.DeleteFunc(runs, func(r Run) bool {
		is := map[string]string{"label": r.Label, "name": r.Name}[field]
		return is != "" && is != value
	}), err
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

func runRoute(id int64) string { return fmt.Sprintf("/runs/%d/", id) }

// known is what tells the run from others in an error.
func (r *Run) known() string { return fmt.Sprintf("%s (id %d)", r.Label, r.ID) }
