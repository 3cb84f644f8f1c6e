package mibitiff

import (
	"encoding/binary"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/openmibi/openmibi/internal/tiff"
)

// structure checks everything but the samples.
func (c *checker) structure() {
	c.pages = make([]checkedPage, len(c.tiff.Pages))
	c.names = make([]string, len(c.tiff.Pages))
	c.specified = specifiedKeys()
	c.header()
	for i := range c.tiff.Pages {
		t, p := &c.tiff.Pages[i], &c.pages[i]
		p.index = i
		d := c.readDescription(p, t)
		if p.kind == SIMS && c.first == nil {
			c.first = p
		}
		c.names[i], _ = t.Text(tiff.PageName)
		if c.names[i] == "" {
			c.names[i] = d.name(p)
		}
		c.directory(t)
		c.tags(p, t)
		c.texts(p, t)
		c.software(t)
		c.date(p, t)
		c.resolution(p, t)
		c.position(p, t)
		c.layout(p, t)
		c.describe(p, t, d)
		if p == c.first {
			p.metadata = imageMembers(d.members)
		}
	}
	c.together()
	c.parts()
}

// header checks what the file begins with.
func (c *checker) header() {
	if c.tiff.Order == binary.ByteOrder(binary.BigEndian) {
		c.add("big-endian", WholeFile, 0, "")
	}
	header := uint64(8)
	if c.tiff.Big {
		header = 16
		r := ruleOf("bigtiff")
		severity, effect := r.severity, r.effect
		if c.size > math.MaxUint32 {
			severity, effect = SeverityNote, "none that a classic TIFF, which holds 4 GiB, would not have: "+r.effect
		}
		c.addAs("bigtiff", severity, effect, WholeFile, 0, "")
	}
	if at := c.tiff.Pages[0].Offset; at != header {
		c.add("first-directory", 0, 0, fmt.Sprintf("at byte %d", at))
	}
}

// directory checks where a page's parts lie.
func (c *checker) directory(t *tiff.Page) {
	if t.Index > 0 && t.Offset < c.tiff.Pages[t.Index-1].Offset {
		c.add("directory-order", t.Index, 0, fmt.Sprintf("at byte %d", t.Offset))
	}
	var odd []string
	if t.Offset%2 != 0 {
		odd = append(odd, "the directory")
	}
	for _, tag := range t.Tags {
		if offset, _, ok := c.tiff.Outside(tag); ok && offset%2 != 0 && len(odd) <= 20 {
			odd = append(odd, "tag "+strconv.Itoa(int(tag.ID)))
		}
	}
	if len(odd) > 0 {
		c.add("odd-offset", t.Index, 0, strings.Join(odd, ", "))
	}
	ids := make([]uint16, len(t.Tags))
	for i, tag := range t.Tags {
		ids[i] = tag.ID
	}
	if !slices.IsSorted(ids) {
		c.add("tags-unsorted", t.Index, 0, "")
		slices.Sort(ids)
	}
	for i := 1; i < len(ids); i++ {
		if ids[i] == ids[i-1] && (i == 1 || ids[i-2] != ids[i]) {
			c.add("duplicate-tag", t.Index, ids[i], "")
		}
	}
	for offset := range t.Chunks() {
		if !t.Tiled() && offset%16 != 0 {
			c.add("strip-alignment", t.Index, tiff.StripOffsets, fmt.Sprintf("at byte %d", offset))
		}
		if offset < t.Offset {
			c.add("strip-order", t.Index, tiff.StripOffsets, fmt.Sprintf("at byte %d", offset))
		}
		break // one strip tells of all
	}
}

const (
	// maxParts is how many parts of a file are compared.
	maxParts = 1 << 20
	// mostPadding is above what the format leaves between two parts: room
	// behind the description and alignment.
	mostPadding = 64
)

// part is a piece of the file that something refers to.
type part struct {
	start, end uint64
	page       int
	strip      bool
}

// parts compares the pieces of the file with each other and with its end.
func (c *checker) parts() {
	parts := c.collectParts()
	if parts == nil {
		c.add("too-many-parts", WholeFile, 0, "")
		return
	}
	slices.SortFunc(parts, func(a, b part) int {
		switch {
		case a.start != b.start:
			return compareUint(a.start, b.start)
		case a.end != b.end:
			return compareUint(a.end, b.end)
		}
		return a.page - b.page
	})
	unused := uint64(0)
	reach := parts[0] // what ends last so far
	overlaps := map[int]bool{}
	for _, p := range parts[1:] {
		switch {
		case p.start < reach.end && (p.strip || reach.strip):
			page, with := p, reach
			if !p.strip {
				page, with = reach, p
			}
			if !overlaps[page.page] {
				overlaps[page.page] = true
				c.add("strip-overlap", page.page, tiff.StripOffsets, fmt.Sprintf("with page %d", with.page))
			}
		case p.start > reach.end+mostPadding:
			unused += p.start - reach.end
		}
		if p.end > reach.end {
			reach = p
		}
	}
	if unused > 0 {
		c.add("unused-bytes", WholeFile, 0, fmt.Sprintf("%d bytes", unused))
	}
	if size := c.tiff.Size(); reach.end < size {
		c.add("trailing-data", WholeFile, 0, fmt.Sprintf("%d bytes", size-reach.end))
	}
}

func compareUint(a, b uint64) int {
	if a < b {
		return -1
	}
	return 1
}

// collectParts lists the pieces of the file, nil if there are too many. Strips
// of one page that follow each other are one piece.
func (c *checker) collectParts() []part {
	parts := []part{{end: 8, page: WholeFile}}
	for i := range c.tiff.Pages {
		t := &c.tiff.Pages[i]
		offset, length := c.tiff.Directory(t)
		parts = append(parts, part{start: offset, end: offset + length, page: i})
		for _, tag := range t.Tags {
			if offset, length, ok := c.tiff.Outside(tag); ok && offset <= c.tiff.Size() && length <= c.tiff.Size()-offset {
				parts = append(parts, part{start: offset, end: offset + length, page: i})
			}
		}
		run := part{}
		for offset, count := range t.Chunks() {
			switch {
			case run.strip && offset == run.end:
				run.end += count
				continue
			case run.strip:
				parts = append(parts, run)
			}
			if run = (part{start: offset, end: offset + count, page: i, strip: true}); len(parts) > maxParts {
				return nil
			}
		}
		if run.strip {
			parts = append(parts, run)
		}
		if len(parts) > maxParts {
			return nil
		}
	}
	return parts
}
