package store

import "slices"

// The kinds of object in the audit record, as the routes name them.
const (
	KindRun        = "run"
	KindImage      = "image"
	KindImageSet   = "imageset"
	KindProject    = "project"
	KindSlide      = "slide"
	KindSection    = "section"
	KindPanel      = "panel"
	KindTissue     = "tissue"
	KindInstrument = "instrument"
	KindAperture   = "aperture"
	KindAccount    = "account"
	KindKey        = "key"
)

// secret stands for a value that is not for the record.
const secret = "changed"

// audited says how the rows of a table are recorded. Every column is named: a
// test compares with the schema. One that is not counts as secret.
type audited struct {
	kind    string
	fields  map[string]string // column → the field's name on the wire
	secrets map[string]string // column → the field's name; the value is not recorded
	skipped []string          // columns that say nothing of what a person did
	part    part
}

// part says that rows belong to an object of another kind.
type part struct {
	kind, column string
	field        string // of the other's record; "" keeps no trace
	// always: the rows are never objects of their own. Else they are counted
	// where the other object is new, and objects of their own later.
	always bool
}

// field is a column's name on the wire, "" where it is not recorded.
func (a audited) field(col string) (name string, hidden bool) {
	if name, ok := a.fields[col]; ok {
		return name, false
	}
	if name, ok := a.secrets[col]; ok {
		return name, true
	}
	if slices.Contains(a.skipped, col) {
		return "", false
	}
	return col, true
}

// asIs are columns whose fields are called on the wire what they are called
// here.
func asIs(cols ...string) map[string]string {
	m := make(map[string]string, len(cols))
	for _, col := range cols {
		m[col] = col
	}
	return m
}

// renamed adds a column that has another name on the wire.
func renamed(m map[string]string, pairs ...string) map[string]string {
	for i := 0; i < len(pairs); i += 2 {
		m[pairs[i]] = pairs[i+1]
	}
	return m
}

// auditedTables are the tables whose rows are objects, or parts of objects.
// Whatever insert and update do to them is recorded.
var auditedTables = map[string]audited{
	"accounts": {kind: KindAccount, fields: renamed(asIs("email", "name", "active"), "admin", "is_admin"),
		secrets: map[string]string{"password_hash": "password", "tokens_from": "tokens"},
		skipped: []string{"id", "created_at", "last_login_at"}},
	"api_keys": {kind: KindKey, fields: renamed(asIs("name", "scope", "expires_at", "active"), "account_id", "user"),
		skipped: []string{"id", "secret_sha256", "created_at", "last_used_at", "revoked_at"}},
	"password_links": {kind: KindAccount, part: part{KindAccount, "account_id", "links", true},
		fields: asIs("kind", "expires_at"), skipped: []string{"id", "account_id", "token_sha256", "created_at"}},
	"projects": {kind: KindProject, fields: asIs("name", "description", "is_public", "can_share_images", "active"),
		skipped: []string{"id", "created_by", "edited_at"}},
	"instruments": {kind: KindInstrument, fields: asIs("name", "description", "active"), skipped: []string{"id"}},
	"apertures":   {kind: KindAperture, fields: asIs("code", "name", "active"), skipped: []string{"id"}},
	"tissues": {kind: KindTissue, fields: asIs("description", "organ", "subsite", "diagnosis", "active"),
		skipped: []string{"id", "created_by"}},
	"slides": {kind: KindSlide, skipped: []string{"id", "created_by"},
		fields: renamed(asIs("name", "description", "external_id", "source", "lot", "slide_type", "location", "active"), "project_id", "project")},
	"sections": {kind: KindSection, skipped: []string{"id", "created_by"},
		fields: renamed(asIs("position", "description", "block", "cut_date", "stain_date", "receive_date", "active"),
			"tissue_id", "tissue", "slide_id", "slide", "panel_id", "panel", "project_id", "project")},
	"panels": {kind: KindPanel, skipped: []string{"id", "created_by"},
		fields: renamed(asIs("name", "description", "dilution", "manufacture_date", "is_draft", "active"),
			"project_id", "project", "previous_id", "previous")},
	"conjugates": {kind: KindPanel, skipped: []string{"id", "panel_id", "conjugate_id"}, part: part{KindPanel, "panel_id", "conjugates", true},
		fields: asIs("external_id", "target", "clone", "mass", "element", "concentration", "recommended_titer", "titer",
			"titer_units", "volume", "lot", "manufacture_date", "expiration_date", "batch_id", "is_draft",
			"position")},
	"batches": {kind: KindPanel, skipped: []string{"id", "panel_id"}, part: part{KindPanel, "panel_id", "batches", true},
		fields: asIs("batch_id", "volume", "antibody_volume", "buffer_volume", "is_draft")},
	"runs": {kind: KindRun,
		fields: renamed(asIs("label", "name", "description", "path", "filename", "run_date", "operator", "magnification",
			"fov_size", "xml_sha256", "active"), "xml_name", "xml", "aperture_id", "aperture", "project_id", "project", "instrument_id", "instrument"),
		skipped: []string{"id", "xml_key", "xml_size", "created_by", "created_at"}},
	"images": {kind: KindImage, part: part{kind: KindRun, column: "run_id", field: "images"},
		fields: renamed(asIs("description", "point", "number", "folder", "dwell_time", "depths", "frame", "fov_size", "mass_gain",
			"mass_offset", "time_bin", "x_coord", "y_coord", "sed", "sed_sha256", "imaging_preset", "lens1_voltage", "status",
			"processing_error", "tiff_sha256", "active"),
			"run_id", "run", "project_id", "project", "aperture_id", "aperture", "tissue_id", "tissue", "section_id", "section"),
		skipped: []string{"id", "sed_key", "sed_size", "tiff_key", "tiff_size", "tiff_width", "tiff_height", "tiff_updated_at",
			"settled_job", "channel_set_id", "created_by", "created_at"}},
	// Every run has a set, made with it.
	"imagesets": {kind: KindImageSet, part: part{kind: KindRun, column: "run_id"},
		fields:  renamed(asIs("name", "description", "active"), "project_id", "project", "run_id", "run"),
		skipped: []string{"id", "created_by", "created_at"}},
}

// auditOwners find the project that an object is in, and who made it. What is
// of a kind that is not here is in none: accounts are the administrators', the
// vocabulary is everybody's.
var auditOwners = map[string]string{
	KindProject: "SELECT id, created_by FROM projects WHERE id = $1",
	KindSlide:   "SELECT project_id, created_by FROM slides WHERE id = $1",
	KindSection: "SELECT project_id, created_by FROM sections WHERE id = $1",
	KindPanel:   "SELECT project_id, created_by FROM panels WHERE id = $1",
	KindRun:     "SELECT project_id, created_by FROM runs WHERE id = $1",
	KindImage: "SELECT COALESCE(i.project_id, r.project_id), r.created_by FROM images i JOIN runs r ON r.id = i.run_id" +
		" WHERE i.id = $1",
	KindImageSet: "SELECT COALESCE(s.project_id, r.project_id), s.created_by FROM imagesets s LEFT JOIN runs r ON r.id = s.run_id" +
		" WHERE s.id = $1",
	KindTissue: "SELECT NULL, created_by FROM tissues WHERE id = $1",
}
