package mibi

import (
	"slices"
	"strings"
	"time"
)

// Metadata is what a MIBItiff says about its image, apart from the channels:
// the specified keys of the ImageDescription, the user's own, and the date of
// tag 306.
//
// The specified keys are [Value]s, because files hold them as text, as numbers
// or not at all. The zero Value is "not given"; a mass offset of 0 is given.
//
//	meta := mibi.Metadata{
//		Run: mibi.Text("20191016_run"), Dwell: mibi.Float(4),
//		Coordinates: mibi.Pair(-241, -14968), Size: mibi.Float(400),
//	}
type Metadata struct {
	Run            Value // name of the run
	Coordinates    Value // stage position [x, y] in µm, see [Value.Pair]
	Size           Value // edge of the field of view in µm
	Slide          Value // slide's id
	FOVID          Value // field of view's id: "FOV1", "Point1"; the first part of Folder
	FOVName        Value // field of view's name as the operator gave it
	Folder         Value // folder of the raw data within the run
	Dwell          Value // dwell time in ms
	Scans          Value // scans: a count, or a text such as "0,5"
	Aperture       Value // code "A" to "E", see [ParseAperture]
	Instrument     Value // instrument's name
	Tissue         Value // tissue's name
	Panel          Value // panel's name
	MassOffset     Value // mass calibration's offset; 0 is legal
	MassGain       Value // mass calibration's gain
	TimeResolution Value // mass calibration's time resolution, as the instrument gives it
	Miscalibrated  Value // true, false, or -1 for not checked
	CheckReg       Value // whether the registration of scans should be looked at
	Filename       Value // name of the run's file
	Description    Value // free text
	Version        Value // version of the software that made the image

	// Date is when the image was taken (tag 306): a local time without a zone,
	// held as UTC. The zero Time is "not given".
	Date time.Time

	// User holds the keys that the format does not specify, in their order.
	// The field's Python tools do not tell "run" here from "mibi.run", nor
	// "mibi.own" from "own": of two such keys they show the later one.
	User []UserValue
}

// UserValue is one key of an ImageDescription that the format does not specify.
type UserValue struct {
	// Key is the whole key, also where it begins with "mibi.".
	Key string
	// Value is what stands under it.
	Value Value
}

// namedValue ties a specified key, without its prefix, to its field.
type namedValue struct {
	name  string
	value *Value
}

// keyPrefix stands before every specified key in the JSON.
const keyPrefix = "mibi."

// specified lists the specified keys in the order in which a file holds them.
func (m *Metadata) specified() []namedValue {
	return []namedValue{
		{"run", &m.Run}, {"coordinates", &m.Coordinates}, {"size", &m.Size}, {"slide", &m.Slide},
		{"fov_id", &m.FOVID}, {"fov_name", &m.FOVName}, {"folder", &m.Folder}, {"dwell", &m.Dwell},
		{"scans", &m.Scans}, {"aperture", &m.Aperture}, {"instrument", &m.Instrument},
		{"tissue", &m.Tissue}, {"panel", &m.Panel}, {"mass_offset", &m.MassOffset},
		{"mass_gain", &m.MassGain}, {"time_resolution", &m.TimeResolution},
		{"miscalibrated", &m.Miscalibrated}, {"check_reg", &m.CheckReg},
		{"filename", &m.Filename}, {"description", &m.Description}, {"version", &m.Version},
	}
}

// Get returns the value under a key: a specified one by its name with or
// without "mibi." ("mibi.fov_id", "fov_id"), or one of the user's.
func (m Metadata) Get(key string) (Value, bool) {
	for _, s := range m.specified() {
		if s.name == strings.TrimPrefix(key, keyPrefix) {
			return *s.value, !s.value.IsZero()
		}
	}
	if i := slices.IndexFunc(m.User, func(u UserValue) bool { return u.Key == key }); i >= 0 {
		return m.User[i].Value, true
	}
	return Value{}, false
}

// Missing returns the names of the values that a MIBItiff cannot be written
// without and that are not given, in the order of the format; nil if none is.
// The date is among them.
func (m Metadata) Missing() []string {
	required := []string{"run", "coordinates", "size", "fov_id", "fov_name", "folder", "dwell",
		"scans", "mass_offset", "mass_gain", "time_resolution"}
	var missing []string
	for _, s := range m.specified() {
		if slices.Contains(required, s.name) && s.value.String() == "" {
			missing = append(missing, s.name)
		}
	}
	if m.Date.IsZero() {
		missing = append(missing, "date")
	}
	return missing
}

// Upgrade returns the metadata with the gaps and the spellings of older files
// mended: the name of the field of view from the description, its id from the
// folder or the folder from its id, the aperture as its code. What is not
// known stays as it is.
func (m Metadata) Upgrade() Metadata {
	if m.FOVName.String() == "" && m.Description.String() != "" {
		m.FOVName, m.Description = m.Description, Value{}
	}
	if m.FOVID.String() == "" && m.Folder.String() != "" {
		first, _, _ := strings.Cut(m.Folder.String(), "/")
		m.FOVID = Text(first)
	}
	if m.Folder.String() == "" && strings.HasPrefix(m.FOVID.String(), "FOV") {
		m.Folder = m.FOVID
	}
	if code, err := ParseAperture(m.Aperture.String()); err == nil {
		m.Aperture = Text(code)
	}
	return m
}
