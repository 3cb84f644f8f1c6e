package mibitracker

import (
	"bytes"
	"cmp"
	"context"
	"io"
	"slices"
	"strconv"
	"strings"
)

// standing gives the run that stands under the label of a new run if it is the
// one that these fields and this XML made, and nil otherwise: it says the same
// in every field that was sent, its XML is the same to the byte, and nothing
// was done with it yet.
func (s *RunsService) standing(ctx context.Context, xml Source, fields map[string]string) *Run {
	found, err := s.labelled(ctx, fields["label"])
	if err != nil {
		return nil
	}
	run := &found.object
	if run.Aperture != nil && run.Aperture.ID == 0 {
		// The form has an id, and older backends show the bare code.
		if run.Aperture.ID, err = s.client.Apertures.idOf(ctx, run.Aperture); err != nil {
			return nil
		}
	}
	if found.has("filename") && run.Filename != xml.Name || !saysAs(found, fields) || run.hasData() {
		return nil
	}
	there, err := s.client.Files.Open(ctx, run.Path+"/"+run.XML)
	if err != nil {
		return nil
	}
	defer func() { _ = there.Close() }()
	here, err := xml.Open()
	if err != nil {
		return nil
	}
	defer func() { _ = here.Close() }()
	if same, err := sameBytes(there, here); err != nil || !same {
		return nil
	}
	return run
}

// saysAs tells whether a run has the values of the form that it was made of.
// Fields that a backend does not show are not looked at. Texts are compared
// without the space around them, which some backends cut off.
func saysAs(found *asGiven[Run], fields map[string]string) bool {
	r := &found.object
	for name, sent := range fields {
		sent = strings.TrimSpace(sent)
		shown := name
		switch name {
		case "slides":
			shown = "slide_ids"
		case "user_run_date":
			shown = "run_date"
		}
		if !found.has(shown) || sent == "" && name != "description" && name != "operator" {
			continue // not shown, or absent
		}
		same := true
		switch name {
		case "description":
			same = strings.TrimSpace(r.Description) == sent
		case "operator":
			same = strings.TrimSpace(r.Operator) == sent
		case "instrument":
			same = r.Instrument != nil && strconv.FormatInt(r.Instrument.ID, 10) == sent
		case "project":
			same = r.Project != nil && strconv.FormatInt(r.Project.ID, 10) == sent
		case "aperture":
			same = r.Aperture != nil && (strconv.FormatInt(r.Aperture.ID, 10) == sent || r.Aperture.Code == sent)
		case "slides":
			same = sameSlides(r.Slides, sent)
		case "fov_size":
			size, err := strconv.ParseFloat(sent, 64)
			same = err == nil && r.FOVSize != nil && *r.FOVSize == size
		case "user_run_date":
			date, _, _ := strings.Cut(sent, "T")
			same = r.RunDate == date
		}
		if !same {
			return false
		}
	}
	return true
}

func sameSlides(slides []Slide, sent string) bool {
	var ids []string
	for _, slide := range slices.SortedFunc(slices.Values(slides), func(a, b Slide) int { return cmp.Compare(a.ID, b.ID) }) {
		ids = append(ids, strconv.FormatInt(slide.ID, 10))
	}
	wanted := strings.Split(sent, ",")
	slices.SortFunc(wanted, func(a, b string) int { return cmp.Or(cmp.Compare(len(a), len(b)), cmp.Compare(a, b)) })
	return slices.Equal(ids, slices.Compact(wanted))
}

// hasData tells a run that somebody has worked with.
func (r *Run) hasData() bool {
	return r.ImageSet != nil && slices.ContainsFunc(r.ImageSet.Images, func(i Image) bool {
		return i.Available() || i.Failed() || len(i.PNGs) > 0
	})
}

// sameBytes compares two streams without holding either.
func sameBytes(a, b io.Reader) (bool, error) {
	var left, right [16 << 10]byte
	for {
		n, errA := io.ReadFull(a, left[:])
		m, errB := io.ReadFull(b, right[:])
		if !bytes.Equal(left[:n], right[:m]) {
			return false, nil
		}
		for _, err := range []error{errA, errB} {
			if err != nil && err != io.EOF && err != io.ErrUnexpectedEOF {
				return false, err
			}
		}
		if errA != nil || errB != nil {
			return (errA != nil) == (errB != nil), nil
		}
	}
}
