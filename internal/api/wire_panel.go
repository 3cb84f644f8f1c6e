package api

import (
	"github.com/openmibi/openmibi/internal/model"
	"github.com/openmibi/openmibi/internal/store"
)

// wirePanelRef is a panel inside a section.
type wirePanelRef struct {
	ID              int64    `json:"id"`
	Description     *string  `json:"description"`
	Name            string   `json:"name"`
	Dilution        *float64 `json:"dilution"`
	ManufactureDate *string  `json:"manufacture_date"`
	Active          bool     `json:"active"`
	IsDraft         bool     `json:"is_draft"`
}

func panelRefWire(p model.Panel) wirePanelRef {
	return wirePanelRef{p.ID, p.Description, p.Name, p.Dilution, p.ManufactureDate, p.Active, p.Draft}
}

// wirePanel is a panel on its own, or in a list.
type wirePanel struct {
	wirePanelRef
	Project     *wireProjectRef `json:"project"`
	Batches     []wireBatch     `json:"batches"`
	PreviousID  *int64          `json:"previous_id"`
	NextID      *int64          `json:"next_id"`
	OwnedByUser bool            `json:"owned_by_user"`
	Conjugates  []wireConjugate `json:"conjugates"`
}

func panelWire(v store.Viewer) func(model.Panel) wirePanel {
	return func(p model.Panel) wirePanel {
		return wirePanel{
			wirePanelRef: panelRefWire(p), Project: maybe(p.Project, projectRefWire), Batches: each(p.Batches, batchWire),
			PreviousID: p.PreviousID, NextID: p.NextID, OwnedByUser: p.CreatorID == v.ID, Conjugates: each(p.Conjugates, conjugateWire),
		}
	}
}

type wireBatch struct {
	ID             int64    `json:"id"`
	BatchID        int64    `json:"batch_id"`
	Volume         *float64 `json:"volume"`
	AntibodyVolume *float64 `json:"antibody_volume"`
	BufferVolume   *float64 `json:"buffer_volume"`
	IsDraft        bool     `json:"is_draft"`
}

func batchWire(b model.Batch) wireBatch {
	return wireBatch{b.ID, b.Number, b.Volume, b.AntibodyVolume, b.BufferVolume, b.Draft}
}

type wireConjugate struct {
	ID               int64    `json:"id"`
	ExternalID       *string  `json:"external_id"`
	Target           string   `json:"target"`
	Clone            *string  `json:"clone"`
	Mass             int      `json:"mass"`
	Element          *string  `json:"element"`
	Concentration    *float64 `json:"concentration"`
	RecommendedTiter *float64 `json:"recommended_titer"`
	Titer            *float64 `json:"titer"`
	TiterUnits       *string  `json:"titer_units"`
	Volume           *float64 `json:"volume"`
	Lot              *string  `json:"lot"`
	ManufactureDate  *string  `json:"manufacture_date"`
	ExpirationDate   *string  `json:"expiration_date"`
	BatchID          *int64   `json:"batch_id"`
	ConjugateID      int64    `json:"conjugate_id"`
	IsDraft          bool     `json:"is_draft"`
}

func conjugateWire(c model.Conjugate) wireConjugate {
	return wireConjugate{
		ID: c.ID, ExternalID: c.ExternalID, Target: c.Target, Clone: c.Clone, Mass: c.Mass, Element: c.Element,
		Concentration: c.Concentration, RecommendedTiter: c.RecommendedTiter, Titer: c.Titer, TiterUnits: c.TiterUnits,
		Volume: c.Volume, Lot: c.Lot, ManufactureDate: c.ManufactureDate, ExpirationDate: c.ExpirationDate,
		BatchID: c.BatchID, ConjugateID: c.ConjugateID, IsDraft: c.Draft,
	}
}

type wireSection struct {
	ID          int64           `json:"id"`
	Position    *string         `json:"position"`
	Description *string         `json:"description"`
	Tissue      *wireTissue     `json:"tissue"`
	Slide       *wireSlide      `json:"slide"`
	Panel       *wirePanelRef   `json:"panel"`
	Block       *string         `json:"block"`
	CutDate     *string         `json:"cut_date"`
	StainDate   *string         `json:"stain_date"`
	ReceiveDate *string         `json:"receive_date"`
	Active      bool            `json:"active"`
	Project     *wireProjectRef `json:"project"`
}

func sectionWire(s model.Section) wireSection {
	return wireSection{
		ID: s.ID, Position: s.Position, Description: s.Description, Tissue: maybe(s.Tissue, tissueWire), Slide: maybe(s.Slide, slideWire),
		Panel: maybe(s.Panel, panelRefWire), Block: s.Block, CutDate: s.CutDate, StainDate: s.StainDate, ReceiveDate: s.ReceiveDate,
		Active: s.Active, Project: maybe(s.Project, projectRefWire),
	}
}
