package store

import (
	"slices"
	"sync"
	"sync/atomic"

	"github.com/openmibi/openmibi/internal/store/columns"
)

// imageIndex holds, in memory, all that lists of images look at: a column for
// each field, and the small tables around them. It follows the database by the
// numbers of list_changes, so that it never answers from before a write that
// was committed. (See docs/adr/0016-lists-in-memory.md.)
type imageIndex struct {
	following sync.Mutex // who reads changes
	seq       atomic.Int64
	loaded    atomic.Bool

	mu sync.RWMutex // the rest

	ids     []int64 // ascending, as positions are
	active  []bool  // the image's own
	extras  []bool  // it has extra channels
	run     columns.Codes
	project columns.Codes // its own
	scope   columns.Codes // see scopeOf
	codes   map[string]*columns.Codes
	texts   map[string]*columns.Texts
	numbers map[string]*columns.Numbers
	spans   []span

	dims
	caches

	room chan *columns.Scratch // for as many readers as there are processors
}

// span is images of one run that follow each other.
type span struct {
	columns.Range

	run uint32
}

// scopeOf is what decides who sees an image: its project, or who made its run.
func scopeOf(project, creator int64) uint32 {
	if project != 0 {
		return uint32(project) * 2
	}
	return uint32(creator)*2 + 1
}

// projectIn is the project of a scope, or 0.
func projectIn(scope uint32) uint32 {
	if scope%2 == 0 {
		return scope / 2
	}
	return 0
}

// The fields of images by the kind of column they have.
var (
	indexCodes = []string{"aperture_id", "tissue_id", "section_id", "channel_set_id"}
	indexTexts = []string{"description", "point", "number", "folder", "sed", "imaging_preset", "status"}
	indexInts  = []string{"depths", "frame"}
	indexReals = []string{"dwell_time", "fov_size", "mass_gain", "mass_offset", "time_bin", "x_coord", "y_coord", "lens1_voltage"}
)

func newImageIndex(readers int) *imageIndex {
	x := &imageIndex{room: make(chan *columns.Scratch, readers)}
	for range readers {
		x.room <- new(columns.Scratch)
	}
	x.clear()
	return x
}

// clear forgets all images.
func (x *imageIndex) clear() {
	x.ids, x.active, x.extras, x.spans = nil, nil, nil, nil
	x.run, x.project, x.scope = columns.Codes{}, columns.Codes{}, columns.Codes{}
	x.codes, x.texts, x.numbers = map[string]*columns.Codes{}, map[string]*columns.Texts{}, map[string]*columns.Numbers{}
	for _, name := range indexCodes {
		x.codes[name] = new(columns.Codes)
	}
	for _, name := range indexTexts {
		x.texts[name] = new(columns.Texts)
	}
	for _, name := range slices.Concat(indexInts, indexReals) {
		x.numbers[name] = new(columns.Numbers)
	}
	x.caches.clear()
}

// reserve makes room for images, so that loading many does not move them about.
func (x *imageIndex) reserve(images int) {
	images += images / 32
	x.ids, x.active, x.extras = make([]int64, 0, images), make([]bool, 0, images), make([]bool, 0, images)
	for _, c := range []*columns.Codes{&x.run, &x.project, &x.scope} {
		c.Reserve(images)
	}
	for _, c := range x.codes {
		c.Reserve(images)
	}
	for _, c := range x.texts {
		c.Reserve(images)
	}
	for _, c := range x.numbers {
		c.Reserve(images)
	}
}

// find is the position of an image.
func (x *imageIndex) find(id int64) (uint32, bool) {
	at, found := slices.BinarySearch(x.ids, id)
	return uint32(at), found
}

// imageRecord is an image as it is read for the index.
type imageRecord struct {
	id, run, project int64
	active, extras   bool
	codes            [4]int64 // as indexCodes
	texts            [7]*string
	ints             [2]*int64
	reals            [8]*float64
}

// put adds or changes an image. It reports false for one that should have come
// earlier: then all is to be read again.
func (x *imageIndex) put(r *imageRecord) bool {
	at, known := x.find(r.id)
	if !known && int(at) < len(x.ids) {
		return false
	}
	if known {
		x.set(at, r)
		return true
	}
	x.ids, x.active, x.extras = append(x.ids, r.id), append(x.active, r.active), append(x.extras, r.extras)
	x.run.Append(uint32(r.run))
	x.project.Append(uint32(r.project))
	x.scope.Append(x.scopeFor(r))
	for i, name := range indexCodes {
		x.codes[name].Append(uint32(r.codes[i]))
	}
	for i, name := range indexTexts {
		text, some := textOf(r.texts[i])
		x.texts[name].Append(text, some)
	}
	for i, name := range indexInts {
		x.numbers[name].Append(intKey(r.ints[i]))
	}
	for i, name := range indexReals {
		x.numbers[name].Append(realKey(r.reals[i]))
	}
	x.extend(at)
	return true
}

func (x *imageIndex) set(at uint32, r *imageRecord) {
	moved := x.run.At(at) != uint32(r.run)
	x.active[at], x.extras[at] = r.active, r.extras
	x.run.Set(at, uint32(r.run))
	x.project.Set(at, uint32(r.project))
	x.scope.Set(at, x.scopeFor(r))
	for i, name := range indexCodes {
		x.codes[name].Set(at, uint32(r.codes[i]))
	}
	for i, name := range indexTexts {
		text, some := textOf(r.texts[i])
		x.texts[name].Set(at, text, some)
	}
	for i, name := range indexInts {
		x.numbers[name].Set(at, intKey(r.ints[i]))
	}
	for i, name := range indexReals {
		x.numbers[name].Set(at, realKey(r.reals[i]))
	}
	if moved {
		x.spans = nil
		for at := range x.ids {
			x.extend(uint32(at))
		}
	}
}

// extend adds a position to the spans.
func (x *imageIndex) extend(at uint32) {
	run := x.run.At(at)
	if n := len(x.spans); n > 0 && x.spans[n-1].run == run {
		x.spans[n-1].Hi = at + 1
		return
	}
	x.spans = append(x.spans, span{columns.Range{Lo: at, Hi: at + 1}, run})
}

func (x *imageIndex) scopeFor(r *imageRecord) uint32 {
	if r.project != 0 {
		return scopeOf(r.project, 0)
	}
	return x.runAt(uint32(r.run)).scope
}

// rescope gives the images of changed runs the scopes of those.
func (x *imageIndex) rescope(changed map[uint32]bool) {
	for _, s := range x.spans {
		if !changed[s.run] {
			continue
		}
		scope := x.runAt(s.run).scope
		for at := s.Lo; at < s.Hi; at++ {
			if x.project.At(at) == 0 {
				x.scope.Set(at, scope)
			}
		}
	}
}

func textOf(s *string) (string, bool) {
	if s == nil {
		return "", false
	}
	return *s, true
}

func intKey(v *int64) uint64 {
	if v == nil {
		return columns.None
	}
	return columns.IntKey(*v)
}

func realKey(v *float64) uint64 {
	if v == nil {
		return columns.None
	}
	return columns.FloatKey(*v)
}
