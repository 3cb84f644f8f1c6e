package api

import (
	"github.com/danielgtaylor/huma/v2"
)

// word is what a name means: of a property, a field or a parameter. A name
// means the same everywhere, so it is said once; where it does not, the word of
// "Component.name" goes before that of "name".
type word struct {
	doc     string
	example any
	format  string
	oneOf   []any
}

// wordOf finds the meaning of a name in a place: a component, or "body",
// "query", "path", "header".
func wordOf(place, name string) word {
	all := words()
	if w, found := all[place+"."+name]; found {
		return w
	}
	return all[name]
}

// explained adds what a name means to its schema.
func explained(place, name string, s *huma.Schema) *huma.Schema {
	w := wordOf(place, name)
	s.Description = w.doc
	if w.format != "" && s.Type == huma.TypeString {
		s.Format = w.format
	}
	if w.example != nil {
		s.Examples = []any{w.example}
	}
	if len(w.oneOf) > 0 {
		if s.Items != nil {
			s.Items.Enum = w.oneOf
		} else if s.Type == huma.TypeString {
			s.Enum = w.oneOf
			if s.Nullable {
				s.Enum = append(s.Enum[:len(s.Enum):len(s.Enum)], nil)
			}
		}
	}
	return s
}

// words are the names of the API and what they mean.
func words() map[string]word {
	return map[string]word{
		"id":          {doc: "The object's number.", example: 26},
		"path.id":     {doc: "The object's number."},
		"name":        {doc: "What people call it."},
		"description": {doc: "Whatever else people want to say of it."},
		"active":      {doc: "false: it is deleted, and lists leave it out."},
		"detail":      {doc: "What is wrong.", example: "Not found."},
		"request_id":  {doc: "The request's number, which the server's log has, too.", example: "XJ3K5VYQ2M7RT4AB"},
		"project":     {doc: "The project that it is in; null: it is its creator's. Written as an id."},
		"runs":        {doc: "Ids of the runs that the caller may see."},
		"sections":    {doc: "Ids of the sections that the caller may see."},
		"images":      {doc: "The images in it, in the order of acquisition. Written as ids."},

		// Lists
		"count":    {doc: "How many there are on all pages.", example: 244},
		"next":     {doc: "The URL of the next page."},
		"previous": {doc: "The URL of the page before."},
		"results":  {doc: "This page."},

		// Runs
		"label":         {doc: "The run's name that no other run has.", example: "20190308_2169_2170"},
		"xml":           {doc: "The name of the run's XML in storage; when a run is made, the file.", example: "20190308_2169_2170.xml"},
		"path":          {doc: "The run's folder in storage.", example: "20190308_2169_2170-92a8e5d5-a6ae-43ba-a749-cd0ff4d916d9"},
		"query.path":    {doc: "RUN_PATH/FOLDER/FILE"},
		"filename":      {doc: "The XML's name as it was uploaded.", example: "20190308_2169_2170.xml"},
		"run_date":      {doc: "The day of the acquisition.", example: "2019-03-08", format: "date"},
		"user_run_date": {doc: "The day of the acquisition, over that of the XML.", example: "2019-03-08", format: "date"},
		"operator":      {doc: "Who ran the instrument."},
		"magnification": {doc: "Magnification of the optical image.", example: 400.0},
		"fov_size":      {doc: "Length of a side of the field of view, in µm.", example: 400.0},
		"aperture":      {doc: "The aperture of the primary beam. Written as an id or a code: A 1 mm, B 300 µm, C 100 µm, D 30 µm, E 500 µm."},
		"instrument":    {doc: "The instrument. Written as an id."},
		"slide_ids":     {doc: "The run's slides."},
		"slides":        {doc: "Ids of the run's slides, in a form also joined by commas."},
		"imageset":      {doc: "The run's images."},
		"Aperture.code": {doc: "The aperture's letter.", example: "A"}, "Aperture.label": {doc: "The same letter.", example: "A"},
		"Aperture.name": {doc: "Its diameter.", example: "1 mm"},
		"pngs":          {doc: "The names of the channels that can be looked at.", example: []string{"CD3", "dsDNA"}},

		// Images
		"run":              {doc: "The run that it is of. Written as an id."},
		"ImageSet.run":     {doc: "The id of the run whose images these are, if they are a run's."},
		"number":           {doc: "The first part of the folder, mostly Point and a number.", example: "Point4"},
		"point":            {doc: "What the operator called the point.", example: "976_Bottom_R4C3_Tonsil"},
		"folder":           {doc: "The image's folder in its run's.", example: "Point4/RowNumber0/Depth_Profile0"},
		"status":           {doc: "A available, U unavailable (no TIFF yet), E processing error, M check mass calibration, S check scan alignment.", oneOf: []any{"A", "U", "E", "M", "S"}, example: []string{"A"}},
		"dwell_time":       {doc: "Time at each pixel and depth, in ms.", example: 4.0},
		"depths":           {doc: "How many times the field was scanned; also written as a list of scan numbers, which counts by its entries.", example: 4},
		"frame":            {doc: "Pixels of a side.", example: 1024},
		"mass_gain":        {doc: "Gain of the mass calibration.", example: 0.622090638},
		"mass_offset":      {doc: "Offset of the mass calibration.", example: 0.2062068},
		"time_bin":         {doc: "Resolution of the time of flight, in ns.", example: 0.5},
		"x_coord":          {doc: "Position on the stage: motor steps of 0.1 µm, or what the client wrote.", example: 209610},
		"y_coord":          {doc: "Position on the stage: motor steps of 0.1 µm, or what the client wrote.", example: 208600},
		"sed":              {doc: "The name of the secondary electron image in storage. Written as null it is taken away.", example: "sed.bmp"},
		"imaging_preset":   {doc: "The name of the instrument's settings."},
		"lens1_voltage":    {doc: "Voltage of the first lens, in V."},
		"tissue":           {doc: "What tissue it is. Written as an id."},
		"formatted_tissue": {doc: "The tissue's name.", example: "Tonsil  [Unremarkable]"},
		"section":          {doc: "The section on the slide. Written as an id."},
		"processing_error": {doc: "Why the last upload could not be used."},
		"tiff_size":        {doc: "Bytes of the MIBItiff."},
		"tiff_sha256":      {doc: "SHA-256 of the MIBItiff, which is also its ETag, in hexadecimal."},
		"imagesets":        {doc: "The sets that the image is in."},
		"sims_pngs":        {doc: "The channels of the MIBItiff.", example: []string{"CD3", "dsDNA"}},
		"extra_pngs":       {doc: "The channels that were uploaded one by one.", example: []string{"cell_boundaries"}},

		// Files
		"url":        {doc: "A signed URL that needs no credentials, and is good for an hour."},
		"location":   {doc: "The upload's name, for POST /upload_mibitiff/."},
		"run_id":     {doc: "The id of the run.", example: 26},
		"image_id":   {doc: "The id of the image.", example: 429},
		"channel":    {doc: "The channel's name.", example: "CD3"},
		"attachment": {doc: "The file."},
		"size":       {doc: "Its length, in bytes."},
		"sha256":     {doc: "Its SHA-256, in hexadecimal."},
		"index":      {doc: "What a reader of the MIBItiff needs before its pixels; only with Prefer: tiff-index."},
		"etag":       {doc: "The version of the file that this is of."},
		"spans":      {doc: "Offset and length of each piece, in bytes."},
		"deflate":    {doc: "The pieces, one after the other, compressed."},
		"grant":      {doc: "The signature of a signed URL."},
		"file":       {doc: "A file's name: it is part of a signed URL."},

		// What was stained with what
		"external_id":       {doc: "What another system calls it."},
		"source":            {doc: "Where it comes from."},
		"lot":               {doc: "The lot that it is of."},
		"slide_type":        {doc: "The kind of slide.", example: "coated"},
		"Slide.location":    {doc: "Where the slide lies."},
		"body.location":     {doc: "Where it lies; of an upload, what the signed URL came with."},
		"position":          {doc: "Where on the slide it is.", example: "top"},
		"slide":             {doc: "The slide that it is on. Written as an id."},
		"panel":             {doc: "The panel that it was stained with. Written as an id."},
		"block":             {doc: "The block of tissue that it was cut from."},
		"cut_date":          {doc: "The day it was cut.", format: "date", example: "2022-01-22"},
		"stain_date":        {doc: "The day it was stained.", format: "date"},
		"receive_date":      {doc: "The day it came in.", format: "date"},
		"dilution":          {doc: "How far the panel was diluted."},
		"manufacture_date":  {doc: "The day it was made.", format: "date", example: "2021-10-13"},
		"expiration_date":   {doc: "The last day on which it is good.", format: "date"},
		"is_draft":          {doc: "It is not finished."},
		"batches":           {doc: "The panel's batches."},
		"previous_id":       {doc: "The id of the panel's version before. Written once, to make the next version: what is not given, it has from that one."},
		"next_id":           {doc: "The id of the latest version made from this panel."},
		"owned_by_user":     {doc: "The caller made it."},
		"conjugates":        {doc: "The antibodies with their labels."},
		"target":            {doc: "What the antibody binds.", example: "Calprotectin"},
		"clone":             {doc: "The antibody's clone.", example: "MAC387"},
		"mass":              {doc: "Mass of the label, in Da.", example: 69},
		"element":           {doc: "Element of the label.", example: "Ga"},
		"concentration":     {doc: "Concentration, in µg/mL.", example: 200.0},
		"recommended_titer": {doc: "The titer that the maker recommends."},
		"titer":             {doc: "The titer used."},
		"titer_units":       {doc: "The unit of the titers.", example: "μg/mL"},
		"volume":            {doc: "Volume, in µL."},
		"antibody_volume":   {doc: "Volume of the antibodies, in µL."},
		"buffer_volume":     {doc: "Volume of the buffer, in µL."},
		"batch_id":          {doc: "The batch's number among the panel's.", example: 1},
		"csv":               {doc: "A panel's file: a table with the columns Mass and Target, or Isotope and Label, or an export of a panel."},
		"conjugate_id":      {doc: "The antibody conjugate that is used: panels that use the same one share its number.", example: 1336},
		"organ":             {doc: "The organ.", example: "Tonsil"},
		"q":                 {doc: "A part of the tissue's name or description, in any case.", example: "tonsil"},
		"code":              {doc: "The letter that an aperture is known by. It is no number, and no two apertures share it.", example: "A"},
		"subsite":           {doc: "The part of the organ."},
		"diagnosis":         {doc: "The diagnosis.", example: "Unremarkable"},
		"Tissue.name":       {doc: "ORGAN SUBSITE [DIAGNOSIS]", example: "Tonsil  [Unremarkable]"},

		// Projects and people
		"is_admin":         {doc: "The caller is an administrator, or a manager of this project."},
		"can_view":         {doc: "The caller may see what is in it."},
		"can_edit":         {doc: "The caller may change what is in it."},
		"is_public":        {doc: "Every account may see what is in it."},
		"created_by":       {doc: "Who made it.", example: "a@example.org"},
		"edit_date":        {doc: "When it last changed.", format: "date-time", example: "2022-01-06T02:24:42.949296Z"},
		"can_share_images": {doc: "Its images may be in image sets of other projects."},
		"role":             {doc: "What a member may do: a viewer sees, an editor changes what is in the project, a manager the project and its members, too.", example: "editor", oneOf: []any{"viewer", "editor", "manager"}},
		"account":          {doc: "The id of the member's account."},
		"email":            {doc: "The address that names the account.", example: "a@example.org"},
		"password":         {doc: "The password."},
		"old_password":     {doc: "The caller's password."},
		"new_password":     {doc: "The password that it is to have. Every login token ends with the old one."},
		"Me.is_admin":      {doc: "The caller is an administrator, and its credentials have these rights."},
		"User.is_admin":    {doc: "It is an administrator's account."},
		"body.is_admin":    {doc: "It is an administrator's account."},
		"User.active":      {doc: "false: it is disabled, and cannot log in."},
		"invited":          {doc: "It has no password yet, and cannot log in."},
		"created_at":       {doc: "When it was made.", format: "date-time"},
		"last_login":       {doc: "When it last logged in with its password.", format: "date-time"},
		"invite_url":       {doc: "The page where the new account's owner sets a password, once."},
		"invite_expires":   {doc: "Until when that page's address is good.", format: "date-time"},
		"expires":          {doc: "Until when the URL is good.", format: "date-time"},
		"Link.url":         {doc: "The page where the account's owner sets a password, once."},
		"user":             {doc: "Whose it is."},
		"scope":            {doc: "What the API key is good for: read; upload (runs, images and files as well); write (whatever its owner may do to objects); admin (its owner's rights as an administrator, too). null: a login token, which is good for all.", oneOf: []any{"read", "upload", "write", "admin"}},
		"query.scope":      {doc: "What the API key is good for."},
		"expires_at":       {doc: "When it ends; a day is good to its end in UTC. A new key without it ends after 90 days; null: never.", example: "2027-01-22"},
		"last_used_at":     {doc: "When it was last used, to the minute.", format: "date-time"},
		"revoked_at":       {doc: "When it was revoked.", format: "date-time"},
		"Key.active":       {doc: "false: it was revoked."},
		"NewKey.active":    {doc: "false: it was revoked."},
		"key":              {doc: "The API key, for the header Authorization: Bearer <key>. It is told this once."},
		"body.token":       {doc: "A login token; of a link to set a password, what follows its #token="},
		"token":            {doc: "A login token, for the header Authorization: JWT <token>"},
		"version":          {doc: "The server's version."},

		// The audit record
		"at":               {doc: "When it was done.", example: "2026-01-06T02:24:42.949296Z"},
		"action":           {doc: "What was done. delete: active became false; restore: true again; upload, publish, fail: of an image's MIBItiff.", oneOf: []any{"create", "change", "delete", "restore", "upload", "publish", "fail"}},
		"query.action":     {doc: "What was done: create, change, delete, restore, upload, publish or fail."},
		"Audit.kind":       {doc: "What kind of object it was done to: run, image, imageset, project, slide, section, panel, tissue, instrument, aperture, account, key.", example: "image"},
		"query.kind":       {doc: "The kind of object, as in the answers.", example: "image"},
		"object":           {doc: "The object's number.", example: 429},
		"Audit.actor":      {doc: "Who did it: an account's address at that time, server, or command line. null for who may not change the object."},
		"Audit.account":    {doc: "The account that did it. null where there is none, and for who may not change the object."},
		"query.account":    {doc: "The account that did it, by its number."},
		"Audit.key":        {doc: "The number of the API key that it was done with."},
		"query.key":        {doc: "The API key that it was done with, by its number."},
		"Audit.request_id": {doc: "The request's number, which the server's log has, too."},
		"before":           {doc: "The fields that changed, as they were; relations are ids. null: it is new, or these values are of a time when the object was in a project that the caller does not see. Long texts and lists are cut, and say so. Ids of objects that the caller does not see are null, and not in lists."},
		"after":            {doc: "The same fields, as they are since. The value of a secret is \"changed\"."},
		"from":             {doc: "This day or later, in UTC.", example: "2026-01-06"},
		"to":               {doc: "This day or earlier, in UTC.", example: "2026-01-31"},
	}
}

// headerWord says what a header means.
func headerWord(name string) string {
	switch name {
	case "Retry-After":
		return "Seconds after which to ask again."
	case "WWW-Authenticate":
		return "How to send credentials."
	case "ETag":
		return "The version of the file: its SHA-256 in quotes."
	case "Content-Disposition":
		return "The file's name."
	case "Content-Range":
		return "Which bytes of the file these are."
	case "Last-Modified":
		return "When the file was written."
	case "Repr-Digest":
		return "The SHA-256 of the whole file (RFC 9530)."
	case "Accept-Ranges":
		return "bytes: parts of the file can be asked for."
	case "Preference-Applied":
		return "tiff-index, if the answer has the index."
	case "Allow":
		return "The methods that the path has."
	case "Prefer":
		return "tiff-index asks for the index of a MIBItiff, too."
	case "Range":
		return "Parts of the file, as: bytes=0-1023"
	case "If-Range", "If-Match", "If-None-Match":
		return "An ETag."
	}
	return ""
}
