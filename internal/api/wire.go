package api

import (
	"math"
	"strconv"

	"github.com/openmibi/openmibi/internal/model"
	"github.com/openmibi/openmibi/internal/policy"
	"github.com/openmibi/openmibi/internal/store"
)

// float is a number that clients take for a float: a whole one travels as
// "400.0", as the contract shows it, since some languages tell the two apart.
type float float64

// MarshalJSON writes the shortest text that reads back the same, with a point.
func (f float) MarshalJSON() ([]byte, error) { return f.append(nil), nil }

func (f float) append(b []byte) []byte {
	v := float64(f)
	if v == math.Trunc(v) && math.Abs(v) < 1e15 {
		return strconv.AppendFloat(b, v, 'f', 1, 64)
	}
	return strconv.AppendFloat(b, v, 'g', -1, 64)
}

func floatOf(v *float64) *float { return (*float)(v) }

// some makes an empty array of a nil one: lists are never null.
func some[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}

// each converts a list; a list is never null.
func each[M, T any](list []M, f func(M) T) []T {
	out := make([]T, len(list))
	for i, v := range list {
		out[i] = f(v)
	}
	return out
}

// maybe converts what may be absent.
func maybe[M, T any](v *M, f func(M) T) *T {
	if v == nil {
		return nil
	}
	out := f(*v)
	return &out
}

type wireAperture struct {
	ID    int64  `json:"id"`
	Code  string `json:"code"`
	Label string `json:"label"`
	Name  string `json:"name"`
}

func apertureWire(a model.Aperture) wireAperture {
	return wireAperture{a.ID, a.Code, a.Code, a.Name}
}

type wireInstrument struct {
	ID          int64   `json:"id"`
	Name        string  `json:"name"`
	Description *string `json:"description"`
	Active      bool    `json:"active"`
}

func instrumentWire(n model.Instrument) wireInstrument {
	return wireInstrument{n.ID, n.Name, n.Description, n.Active}
}

type wireTissue struct {
	ID          int64   `json:"id"`
	Description *string `json:"description"`
	Organ       string  `json:"organ"`
	Subsite     string  `json:"subsite"`
	Diagnosis   string  `json:"diagnosis"`
	Name        string  `json:"name"`
	Active      bool    `json:"active"`
}

func tissueWire(t model.Tissue) wireTissue {
	return wireTissue{t.ID, t.Description, t.Organ, t.Subsite, t.Diagnosis, t.Name(), t.Active}
}

// wireProjectRef is a project inside another object.
type wireProjectRef struct {
	ID          int64   `json:"id"`
	Description *string `json:"description"`
	Name        string  `json:"name"`
	Active      bool    `json:"active"`
}

func projectRefWire(p model.Project) wireProjectRef {
	return wireProjectRef{p.ID, p.Description, p.Name, p.Active}
}

// wireProject is a project on its own. IsAdmin, CanView and CanEdit are the
// caller's rights in it.
type wireProject struct {
	ID             int64   `json:"id"`
	Description    *string `json:"description"`
	Name           string  `json:"name"`
	IsAdmin        bool    `json:"is_admin"`
	Active         bool    `json:"active"`
	CanView        bool    `json:"can_view"`
	CanEdit        bool    `json:"can_edit"`
	IsPublic       bool    `json:"is_public"`
	CreatedBy      string  `json:"created_by"`
	EditDate       string  `json:"edit_date"`
	CanShareImages bool    `json:"can_share_images"`
}

func projectWire(v store.Viewer) func(model.Project) wireProject {
	return func(p model.Project) wireProject {
		who, own := policyAccount(v), ownershipOf(&p, p.CreatorID)
		return wireProject{
			ID: p.ID, Description: p.Description, Name: p.Name, Active: p.Active, IsPublic: p.Public, CreatedBy: p.CreatorEmail,
			EditDate: p.EditedAt.UTC().Format("2006-01-02T15:04:05.000000Z"), CanShareImages: p.ShareImages,
			IsAdmin: policy.CanManage(who, own), CanView: policy.CanView(who, own), CanEdit: policy.CanEdit(who, own),
		}
	}
}

type wireSlideRef struct {
	ID          int64   `json:"id"`
	Name        string  `json:"name"`
	Description *string `json:"description"`
}

func slideRefWire(s model.Slide) wireSlideRef { return wireSlideRef{s.ID, s.Name, s.Description} }

type wireSlide struct {
	ID          int64           `json:"id"`
	Description *string         `json:"description"`
	ExternalID  *string         `json:"external_id"`
	Source      *string         `json:"source"`
	Name        string          `json:"name"`
	Lot         *string         `json:"lot"`
	SlideType   *string         `json:"slide_type"`
	Location    *string         `json:"location"`
	Project     *wireProjectRef `json:"project"`
	Runs        []int64         `json:"runs"`
	Sections    []int64         `json:"sections"`
	Active      bool            `json:"active"`
}

func slideWire(s model.Slide) wireSlide {
	return wireSlide{
		ID: s.ID, Description: s.Description, ExternalID: s.ExternalID, Source: s.Source, Name: s.Name, Lot: s.Lot,
		SlideType: s.SlideType, Location: s.Location, Project: maybe(s.Project, projectRefWire), Runs: some(s.RunIDs),
		Sections: some(s.SectionIDs), Active: s.Active,
	}
}

// wireImageSetRef is an image set's id and name.
type wireImageSetRef struct {
	ID   int64  `json:"id"`
	Name string `json:"name"`
}

func imageSetRefWire(s model.ImageSetRef) wireImageSetRef { return wireImageSetRef{s.ID, s.Name} }

// wireImageRef is an image inside its run or image set.
type wireImageRef struct {
	ID     int64    `json:"id"`
	Number string   `json:"number"`
	Point  *string  `json:"point"`
	Folder string   `json:"folder"`
	Status []string `json:"status"`
	PNGs   []string `json:"pngs"`
}

func imageRefWire(i model.RunImage) wireImageRef {
	return wireImageRef{i.ID, i.Number, i.Point, i.Folder, i.Status.Codes(), some(i.PNGs)}
}
