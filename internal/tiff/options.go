package tiff

import "math"

// Options are the limits of reading. A zero field means its default.
type Options struct {
	// MaxPages is how many pages a file may have (default 65,536).
	MaxPages int
	// MaxPageBytes is how many bytes the samples of one page may take once
	// decoded (default 1 GiB).
	MaxPageBytes int64
	// MaxIndexBytes is how many bytes of memory the pages, their tags and the
	// values that are kept may take (default 64 MiB). Whatever it says, no more
	// bytes of tags and values are read than the file has and 1 MiB.
	MaxIndexBytes int64
	// ReadAhead is how many bytes one read fetches at least while the tags are
	// read (default 16 KiB): enough for a page's tags and their values, so
	// that a page costs one read.
	ReadAhead int
	// Trace, if it is set, is called for each piece of the file that the index
	// needs, while the tags are read, with its offset and length in bytes.
	// What is read ahead is not among them.
	Trace func(offset, length int64)
	// Keep names the tags, besides those that describe the samples, whose
	// values are kept for every page.
	Keep []uint16

	classicLimit uint64 // where copied pages become BigTIFFs; 4 GiB where it is 0
}

const (
	defaultMaxPages      = 1 << 16
	defaultMaxPageBytes  = 1 << 30
	defaultMaxIndexBytes = 64 << 20
	defaultReadAhead     = 16 << 10
)

func (o Options) withDefaults() Options {
	if o.MaxPages <= 0 {
		o.MaxPages = defaultMaxPages
	}
	if o.MaxPageBytes <= 0 {
		o.MaxPageBytes = defaultMaxPageBytes
	}
	o.MaxPageBytes = min(o.MaxPageBytes, math.MaxInt) // what a slice can hold
	if o.MaxIndexBytes <= 0 {
		o.MaxIndexBytes = defaultMaxIndexBytes
	}
	if o.ReadAhead <= 0 {
		o.ReadAhead = defaultReadAhead
	}
	return o
}
