package api

import "github.com/openmibi/openmibi/internal/model"

// imageTexts writes images as [wireImage] says, for lists: images of a page
// have most of what they relate to in common, and that is encoded once. It
// serves images that were read together, in one state of the database.
type imageTexts struct {
	runs, sections, tissues, tissueNames, apertures, projects, sets texts
	channels                                                        map[channelList][]byte
}

// channelList is a list of channels, which images share: see the store.
type channelList struct {
	first *model.Channel
	n     int
}

func newImageTexts() encoder[model.Image] {
	w := &imageTexts{texts{}, texts{}, texts{}, texts{}, texts{}, texts{}, texts{}, map[channelList][]byte{}}
	return w.append
}

func (w *imageTexts) append(b []byte, i *model.Image) ([]byte, error) {
	t := &text{b: b}
	w.acquisition(t, i)
	w.relations(t, i)
	t.raw(`,"status":[`)
	for n, code := range i.Status.Codes() {
		if n > 0 {
			t.raw(",")
		}
		t.string(code)
	}
	t.raw(`],"processing_error":`)
	orNull(t, i.ProcessingError, t.string)
	if i.TIFF == nil {
		t.raw(`,"tiff_size":null,"tiff_sha256":null`)
	} else {
		t.raw(`,"tiff_size":`)
		t.int(i.TIFF.Size)
		t.raw(`,"tiff_sha256":`)
		t.string(i.TIFF.SHA256)
	}
	t.raw(`,"imagesets":[`)
	for n, set := range i.ImageSets {
		if n > 0 {
			t.raw(",")
		}
		shared(t, w.sets, set.ID, &set, imageSetRefWire)
	}
	t.raw(`],`)
	w.channelNames(t, i)
	t.raw(`,"active":`)
	t.bool(i.Active)
	t.raw(`}`)
	return t.b, t.err
}

// acquisition writes the image's own fields.
func (w *imageTexts) acquisition(t *text, i *model.Image) {
	t.raw(`{"id":`)
	t.int(i.ID)
	t.raw(`,"description":`)
	orNull(t, i.Description, t.string)
	t.raw(`,"point":`)
	orNull(t, i.Point, t.string)
	t.raw(`,"number":`)
	t.string(i.Number)
	t.raw(`,"folder":`)
	t.string(i.Folder)
	t.raw(`,"dwell_time":`)
	orNull(t, i.DwellTime, t.float)
	t.raw(`,"depths":`)
	orNull(t, i.Depths, t.int)
	t.raw(`,"frame":`)
	orNull(t, i.Frame, t.int)
	t.raw(`,"fov_size":`)
	orNull(t, i.FOVSize, t.float)
	t.raw(`,"mass_gain":`)
	orNull(t, i.MassGain, t.float)
	t.raw(`,"mass_offset":`)
	orNull(t, i.MassOffset, t.float)
	t.raw(`,"time_bin":`)
	orNull(t, i.TimeBin, t.float)
	t.raw(`,"x_coord":`)
	orNull(t, i.XCoord, t.number)
	t.raw(`,"y_coord":`)
	orNull(t, i.YCoord, t.number)
	t.raw(`,"sed":`)
	orNull(t, i.SED, t.string)
}

// relations writes what the image stands beside.
func (w *imageTexts) relations(t *text, i *model.Image) {
	t.raw(`,"aperture":`)
	orNull(t, i.Aperture, func(a model.Aperture) { shared(t, w.apertures, a.ID, &a, apertureWire) })
	t.raw(`,"imaging_preset":`)
	orNull(t, i.ImagingPreset, t.string)
	t.raw(`,"lens1_voltage":`)
	orNull(t, i.Lens1Voltage, t.float)
	t.raw(`,"project":`)
	orNull(t, i.Project, func(p model.Project) { shared(t, w.projects, p.ID, &p, projectRefWire) })
	t.raw(`,"tissue":`)
	orNull(t, i.Tissue, func(s model.Tissue) { shared(t, w.tissues, s.ID, &s, tissueWire) })
	t.raw(`,"formatted_tissue":`)
	orNull(t, i.Tissue, func(s model.Tissue) { shared(t, w.tissueNames, s.ID, &s, model.Tissue.Name) })
	t.raw(`,"section":`)
	orNull(t, i.Section, func(s model.Section) { shared(t, w.sections, s.ID, &s, sectionWire) })
	t.raw(`,"run":`)
	shared(t, w.runs, i.Run.ID, &i.Run, runCoreWire)
}

// channelNames writes the names of the image's channels by kind.
func (w *imageTexts) channelNames(t *text, i *model.Image) {
	key := channelList{n: len(i.Channels)}
	if key.n > 0 {
		key.first = &i.Channels[0]
	}
	if _, ok := w.channels[key]; !ok {
		var names text
		names.raw(`"sims_pngs":`)
		sims, extra := channelNamesOf(i.Channels)
		names.value(sims)
		names.raw(`,"extra_pngs":`)
		names.value(extra)
		w.channels[key] = names.b
	}
	t.b = append(t.b, w.channels[key]...)
}
