package store

import (
	"slices"
	"strings"
	"sync"

	"github.com/openmibi/openmibi/internal/store/columns"
)

// caches hold what many questions ask again, until something changes.
type caches struct {
	cacheMu sync.Mutex
	seen    map[whose]*visibleRows
	ranks   map[string][]uint64
}

// whose is a viewer that asks for living or for deleted images.
type whose struct {
	viewer   Viewer
	inactive bool
}

// visibleRows are the images that a viewer may see, in ascending order.
type visibleRows struct {
	ranges []columns.Range
	before []int // how many rows come before each range; one more than ranges
}

func (v *visibleRows) count() int { return v.before[len(v.ranges)] }

// Limits of what caches hold.
const (
	maxSeen       = 32      // viewers
	maxSeenRanges = 1 << 17 // a viewer whose images are scattered more widely is looked up each time
)

// clear forgets everything: a table that images relate to has changed.
func (c *caches) clear() {
	c.clearRows()
	c.cacheMu.Lock()
	defer c.cacheMu.Unlock()
	c.ranks = map[string][]uint64{}
}

// clearRows forgets what depends on images alone.
func (c *caches) clearRows() {
	c.cacheMu.Lock()
	defer c.cacheMu.Unlock()
	c.seen = map[whose]*visibleRows{}
}

// visible finds the images that a viewer may see.
func (x *imageIndex) visible(v Viewer, inactive bool) *visibleRows {
	key := whose{v, inactive}
	x.cacheMu.Lock()
	found := x.seen[key]
	x.cacheMu.Unlock()
	if found != nil {
		return found
	}
	found = x.lookOver(v, inactive)
	if len(found.ranges) > maxSeenRanges {
		return found
	}
	x.cacheMu.Lock()
	defer x.cacheMu.Unlock()
	if len(x.seen) >= maxSeen {
		clear(x.seen)
	}
	x.seen[key] = found
	return found
}

func (x *imageIndex) lookOver(v Viewer, inactive bool) *visibleRows {
	scopes := x.scopesOf(v)
	out := &visibleRows{before: []int{0}}
	for _, s := range x.spans {
		alive := x.runAt(s.run).active
		for at := s.Lo; at < s.Hi; at++ {
			if (alive && x.active[at]) == inactive || scopes != nil && !scopes.has(x.scope.At(at)) {
				continue
			}
			if n := len(out.ranges); n > 0 && out.ranges[n-1].Hi == at {
				out.ranges[n-1].Hi++
			} else {
				out.ranges = append(out.ranges, columns.Range{Lo: at, Hi: at + 1})
			}
		}
	}
	total := 0
	for _, r := range out.ranges {
		total += int(r.Hi - r.Lo)
		out.before = append(out.before, total)
	}
	return out
}

// scopes are what a viewer sees.
type scopes []bool

func (s scopes) has(scope uint32) bool { return int(scope) < len(s) && s[scope] }

// scopesOf returns the scopes that a viewer sees; nil for all. (See policy.)
func (d *dims) scopesOf(v Viewer) scopes {
	if v.Admin {
		return nil
	}
	own := int64(scopeOf(0, v.ID))
	out := place(scopes{}, max(own, int64(len(d.projects))*2), false)
	for id, p := range d.projects {
		out[id*2] = p.exists && p.public
	}
	for id := range d.members[v.ID] {
		out = place(out, int64(scopeOf(int64(id), 0)), true)
	}
	out[own] = true
	return out
}

// rank returns the order of texts that n rows of a related table have, computed
// once until something related changes. Those without one have rank 0.
func (x *imageIndex) rank(name string, n int, value func(id uint32) (string, bool)) []uint64 {
	x.cacheMu.Lock()
	defer x.cacheMu.Unlock()
	if ranks := x.ranks[name]; ranks != nil {
		return ranks
	}
	type text struct {
		id   int
		text string
	}
	var texts []text
	for id := range n {
		if s, some := value(uint32(id)); some {
			texts = append(texts, text{id, s})
		}
	}
	slices.SortFunc(texts, func(a, b text) int { return strings.Compare(a.text, b.text) })
	ranks, rank := make([]uint64, n), uint64(0)
	for i, t := range texts {
		if i == 0 || texts[i-1].text != t.text {
			rank++
		}
		ranks[t.id] = rank
	}
	x.ranks[name] = ranks
	return ranks
}
