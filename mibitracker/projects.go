package mibitracker

import (
	"context"
	"fmt"
	"iter"
)

// ProjectsService is Client.Projects.
type ProjectsService service

// NewProject is a project to create.
type NewProject struct {
	// Name is required.
	Name        string `json:"name"`
	Description string `json:"description,omitempty"`
}

// Create makes a project; the caller becomes its manager.
//
//mibi:route POST /projects/
func (s *ProjectsService) Create(ctx context.Context, n NewProject) (*Project, error) {
	return create[Project](ctx, s.client, "/projects/", n)
}

// List gives one page of the projects that the caller may see.
//
//mibi:route GET /projects/
func (s *ProjectsService) List(ctx context.Context, o ListOptions) (*Page[Project], error) {
	return list[Project](ctx, s.client, "/projects/", o.query())
}

// All walks all projects that the caller may see.
//
//mibi:route GET /projects/
func (s *ProjectsService) All(ctx context.Context, o ListOptions) iter.Seq2[Project, error] {
	return every[Project](ctx, s.client, "/projects/", o.query())
}

// Get gives a project by its id.
//
//mibi:route GET /projects/{id}/
func (s *ProjectsService) Get(ctx context.Context, id int64) (*Project, error) {
	return object[Project](ctx, s.client, Request{Route: fmt.Sprintf("/projects/%d/", id)})
}

// Update changes the fields of a project that are given, by their names on the
// wire, and keeps the others; nil clears a field. It gives the project
// as it then is.
//
//mibi:route PUT /projects/{id}/
func (s *ProjectsService) Update(ctx context.Context, id int64, fields map[string]any) (*Project, error) {
	return update[Project](ctx, s.client, fmt.Sprintf("/projects/%d/", id), fields)
}

// Delete hides a project from all lists ("Lists" in the contract).
//
//mibi:route DELETE /projects/{id}/
func (s *ProjectsService) Delete(ctx context.Context, id int64) error {
	return remove(ctx, s.client, fmt.Sprintf("/projects/%d/", id))
}
