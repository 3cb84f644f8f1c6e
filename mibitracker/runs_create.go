package mibitracker

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

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
// backend refuses is an *APIError that names the field. It makes one run at
// most, also where an answer is lost on the way: its repetitions carry one
// Idempotency-Key, and where a backend knows no keys and refuses the label of
// the repetition, Create looks whether the run that stands there is its own.
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
	label := fields["label"]
	if label == "" {
		return nil, errors.New("mibitracker: a new run needs a label")
	}
	parts := []Part{{Name: "xml", File: &n.XML, ContentType: "application/xml"}}
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		parts = append(parts, Part{Name: name, Text: fields[name]})
	}
	unsure := 0
	run, err := object[Run](ctx, s.client, Request{
		Method: http.MethodPost, Route: "/runs/", Body: MultipartBody(parts...), Timeout: s.client.waitData,
		// Repeating is harmless: labels are unique.
		Repeat: true, unsure: &unsure,
	})
	if err == nil {
		return run, nil
	}
	if unsure > 0 && ctx.Err() == nil {
		if own := s.standing(ctx, n.XML, fields); own != nil {
			s.client.log.WarnContext(ctx, "the run was made by an attempt whose answer was lost", "label", label, "id", own.ID, "error", err)
			return own, nil
		}
	}
	return nil, err
}
