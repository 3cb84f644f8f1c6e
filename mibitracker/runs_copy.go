package mibitracker

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
)

// RunCopy is a run and its copy.
type RunCopy struct {
	// Old is the run as it was found; New is what was made of it.
	Old, New *Run
}

// maxRunXML is how many bytes of run XML are copied: those of instruments have
// some hundred kilobytes.
const maxRunXML = 64 << 20

// Copy makes a new run of the run XML and the fields of the one run of a
// label: instrument, slides, FOV size, aperture, project, description,
// operator and date. The caller's fields, by their names on the wire ("Runs"
// in the contract), win over those; nil leaves a field out, and a list is
// joined by commas. The new run's images have no TIFF yet; CopyImages copies
// what else is known of them.
//
// None or several runs of the old label, or one that does not say where its
// XML lies, is an *UnexpectedAnswerError; an XML that is not in storage is
// ErrNotFound, one over 64 MiB ErrTooLarge. What the backend refuses is an
// *APIError that names the field. Nothing is made then.
//
//mibi:route GET /runs/
//mibi:route GET /download/
//mibi:route POST /runs/
func (s *RunsService) Copy(ctx context.Context, oldLabel, newLabel string, fields map[string]any) (*RunCopy, error) {
	if newLabel == "" {
		return nil, errors.New("mibitracker: a copy of a run needs a label")
	}
	old, err := s.labelled(ctx, oldLabel)
	if err != nil {
		return nil, err
	}
	copied, err := s.copiedFields(ctx, old, fields)
	if err != nil {
		return nil, err
	}
	xml, err := s.xml(ctx, &old.object)
	if err != nil {
		return nil, err
	}
	made, err := s.Create(ctx, NewRun{XML: xml, Label: newLabel, Fields: copied})
	if err != nil {
		return nil, fmt.Errorf("copying run %q to %q: %w", oldLabel, newLabel, err)
	}
	return &RunCopy{Old: &old.object, New: made}, nil
}

// labelled gives the one run of a label, as the backend wrote it.
func (s *RunsService) labelled(ctx context.Context, label string) (*asGiven[Run], error) {
	runs, err := whole[asGiven[Run]](ctx, s.client, "/runs/", query("label", label))
	if err != nil {
		return nil, err
	}
	// A backend that ignores the filter must not have another run copied.
	runs = slices.DeleteFunc(runs, func(r asGiven[Run]) bool { return r.object.Label != "" && r.object.Label != label })
	return only(runs, fmt.Sprintf("run of label %q", label), func(r *asGiven[Run]) string { return r.object.known() })
}

// copiedFields are the form of the new run, but for its label and its XML.
func (s *RunsService) copiedFields(ctx context.Context, old *asGiven[Run], given map[string]any) (map[string]string, error) {
	run, fields := &old.object, map[string]string{}
	for _, name := range []string{"fov_size", "description", "operator"} {
		if text, ok := formText(old.field(name)); ok {
			fields[name] = text
		}
	}
	var slides []string
	for _, slide := range run.Slides {
		slides = append(slides, strconv.FormatInt(slide.ID, 10))
	}
	fields["slides"] = strings.Join(slides, ",")
	if run.Instrument != nil && run.Instrument.ID != 0 {
		fields["instrument"] = strconv.FormatInt(run.Instrument.ID, 10)
	}
	if run.Project != nil && run.Project.ID != 0 {
		fields["project"] = strconv.FormatInt(run.Project.ID, 10)
	}
	if run.RunDate != "" {
		fields["user_run_date"] = run.RunDate + "T00:00:00"
	}
	if _, ok := given["aperture"]; !ok {
		id, err := s.client.Apertures.idOf(ctx, run.Aperture)
		if err != nil {
			return nil, err
		}
		if id != 0 {
			fields["aperture"] = strconv.FormatInt(id, 10)
		}
	}
	if err := override(fields, given); err != nil {
		return nil, err
	}
	if fields["instrument"] == "" {
		return nil, &UnexpectedAnswerError{Reason: fmt.Sprintf("run %s does not say its instrument, and a copy needs one: give its id", run.known())}
	}
	return fields, nil
}

// override puts the caller's values into a form of one text a field.
func override(form map[string]string, given map[string]any) error {
	parts, err := formParts(given)
	if err != nil {
		return err
	}
	for name := range given {
		delete(form, name)
	}
	for _, p := range parts {
		if before, more := form[p.Name]; more {
			p.Text = before + "," + p.Text
		}
		form[p.Name] = p.Text
	}
	return nil
}

// xml fetches the run's XML into memory, under the name that it was uploaded
// with.
func (s *RunsService) xml(ctx context.Context, run *Run) (Source, error) {
	if run.Path == "" || run.XML == "" {
		return Source{}, &UnexpectedAnswerError{Reason: fmt.Sprintf("run %s does not say where its XML lies", run.known())}
	}
	raw, err := s.client.small(ctx, run.Path+"/"+run.XML, maxRunXML)
	if err != nil {
		return Source{}, fmt.Errorf("fetching the XML of run %s: %w", run.known(), err)
	}
	name := run.Filename
	if name == "" {
		name = run.XML
	}
	return FromBytes(name, raw), nil
}

// small fetches a file from storage into memory, and refuses one of more bytes
// than most.
func (c *Client) small(ctx context.Context, path string, most int64) ([]byte, error) {
	return c.held(ctx, most, func() (*Stream, error) { return c.Files.Open(ctx, path) })
}

// held reads a file into memory. One that comes broken, changes on the way, or
// cannot be continued where it broke off is fetched once more.
func (c *Client) held(ctx context.Context, most int64, open func() (*Stream, error)) ([]byte, error) {
	for attempt := 0; ; attempt++ {
		file, err := open()
		if err != nil {
			return nil, err
		}
		raw, err := readSmall(file, most)
		_ = file.Close()
		if attempt > 0 || !errors.Is(err, ErrCorrupt) && !errors.Is(err, ErrChanged) && !errors.Is(err, ErrNoRanges) {
			return raw, err
		}
		c.log.WarnContext(ctx, "a file is fetched once more", "file", file.source.where, "because", err)
	}
}

func readSmall(file *Stream, most int64) ([]byte, error) {
	tooLarge := &UnexpectedAnswerError{Reason: fmt.Sprintf("the file has more than %d bytes", most), Err: ErrTooLarge}
	if file.Size > most {
		return nil, tooLarge
	}
	raw, err := io.ReadAll(io.LimitReader(file, most+1))
	if err == nil && int64(len(raw)) > most {
		err = tooLarge
	}
	return raw, err
}
