package mibitracker

import (
	"context"
	"iter"
	"net/url"
)

// ImageSearch chooses images by what they show; zero fields choose all. Texts
// are parts of names, in any case, where a backend says nothing else.
type ImageSearch struct {
	ListOptions
	Tissue, Run, Point, Project, Instrument, Slide string
	// Mass, in Da, and AntibodyTarget are of the image's channels or panel.
	Mass           int
	AntibodyTarget string
	// Panel is a panel's name.
	Panel string
	// StartDate and EndDate are the first and the last day, YYYY-MM-DD.
	StartDate, EndDate string
	// Status are codes, of which an image has at least one.
	Status []string
}

func (f ImageSearch) query() url.Values {
	q := f.ListOptions.query()
	for name, value := range map[string]string{
		"tissue": f.Tissue, "run": f.Run, "point": f.Point, "project": f.Project, "instrument": f.Instrument, "slide": f.Slide,
		"antibodyTarget": f.AntibodyTarget, "panelName": f.Panel, "startDate": f.StartDate, "endDate": f.EndDate,
	} {
		setText(q, name, value)
	}
	setInt(q, "mass", int64(f.Mass))
	for _, code := range f.Status {
		q.Add("status", code)
	}
	return q
}

// Search walks the images that a search finds. It ends after the first error.
//
//mibi:route GET /images/search_advanced/
func (s *ImagesService) Search(ctx context.Context, f ImageSearch) iter.Seq2[Image, error] {
	return every[Image](ctx, s.client, "/images/search_advanced/", f.query())
}
