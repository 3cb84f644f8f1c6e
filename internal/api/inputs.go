package api

import "slices"

// inputKind is how a handler reads a field: each has a method of [given].
type inputKind string

const (
	inText     inputKind = "text"
	inFilled   inputKind = "filled"   // a text that must not be empty
	inNumber   inputKind = "number"   // finite
	inInteger  inputKind = "integer"  // of at least least
	inID       inputKind = "id"       // of a related object
	inIDs      inputKind = "ids"      // of several
	inBool     inputKind = "boolean"  //
	inDate     inputKind = "date"     // a day; a time behind it is dropped
	inAperture inputKind = "aperture" // its id or its code
	inDepths   inputKind = "depths"   // a number of scans, or a list of them
	inObjects  inputKind = "objects"  // a list of objects, in JSON only
	inFile     inputKind = "file"     // a file, in a multipart form only
)

// input is a field of a request as its handler reads it, for the OpenAPI
// document. What it means is said in one place for all routes: see words.
type input struct {
	name  string
	kind  inputKind
	need  bool     // its absence is a 400
	least int64    // of an integer
	most  int      // characters of a text; 0: not said
	oneOf []string // all that a text may be; nil: anything
	media []string // of a file
	items body     // of objects
}

// body is the fields of a request.
type body []input

func aText(name string, most int) input   { return input{name: name, kind: inText, most: most} }
func aFilled(name string, most int) input { return input{name: name, kind: inFilled, most: most} }
func aNumber(name string) input           { return input{name: name, kind: inNumber} }
func anInteger(name string, least int64) input {
	return input{name: name, kind: inInteger, least: least}
}
func anID(name string) input       { return input{name: name, kind: inID, least: 1} }
func someIDs(name string) input    { return input{name: name, kind: inIDs} }
func aBool(name string) input      { return input{name: name, kind: inBool} }
func aDate(name string) input      { return input{name: name, kind: inDate} }
func anAperture(name string) input { return input{name: name, kind: inAperture} }
func someDepths(name string) input { return input{name: name, kind: inDepths} }
func someObjects(name string, items body) input {
	return input{name: name, kind: inObjects, items: items}
}
func aFile(name string, media ...string) input {
	return input{name: name, kind: inFile, media: media}
}

// among is a text of which only a few are known.
func (in input) among(values ...string) input { in.oneOf = values; return in }

// and is a body with more fields.
func (b body) and(more ...input) body { return slices.Concat(b, body(more)) }

// need is a body whose named fields must not be absent.
func (b body) need(names ...string) body {
	b = slices.Clone(b)
	for _, name := range names {
		i := slices.IndexFunc(b, func(in input) bool { return in.name == name })
		b[i].need = true
	}
	return b
}
