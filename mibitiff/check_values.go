package mibitiff

import (
	"context"
	"errors"
	"fmt"
	"math"
	"runtime"
	"strings"
	"sync"

	"github.com/openmibi/openmibi/internal/tiff"
)

const (
	// largePage is the size in bytes from which pages are decoded one at a time.
	largePage = 64 << 20
	// mostRatio is how much the bytes of a file can grow by decoding: deflate's
	// bound. More is decoded only of files whose pages share their strips.
	mostRatio = 1032
	// freeBytes are decoded of any file, however small.
	freeBytes = 64 << 20
)

// pageValues is what decoding a page gave.
type pageValues struct {
	err     error
	spare   uint64 // bytes of the strips behind their streams
	skipped bool   // over the budget, or not read here
	colours bool   // several samples a pixel, or none of a DType
	scanned
}

// valueCheck decodes the pages of a file.
type valueCheck struct {
	tiff    *tiff.File
	results []pageValues
	large   sync.Mutex
	workers sync.WaitGroup
}

// startValues begins to decode all pages, by as many workers as there are
// processors. wait ends it.
func startValues(ctx context.Context, t *tiff.File) *valueCheck {
	v := &valueCheck{tiff: t, results: make([]pageValues, len(t.Pages))}
	next := make(chan int, len(t.Pages))
	budget := int64(math.MaxInt64)
	if size := t.Size(); size < math.MaxInt64/(2*mostRatio) {
		budget = int64(size)*mostRatio + freeBytes
	}
	for i := range t.Pages {
		bytes := t.Pages[i].Bytes()
		if t.Pages[i].Unsupported() != nil {
			v.results[i].skipped = true
			continue
		}
		if bytes > budget {
			v.results[i] = pageValues{skipped: true, err: errOverBudget}
			continue
		}
		budget -= bytes
		next <- i
	}
	close(next)
	for range min(runtime.GOMAXPROCS(0), len(t.Pages)) {
		v.workers.Go(func() {
			for i := range next {
				v.page(ctx, i)
			}
		})
	}
	return v
}

// errOverBudget marks a page that is not decoded.
var errOverBudget = errors.New("not decoded")

// wait returns what all pages gave.
func (v *valueCheck) wait() []pageValues {
	v.workers.Wait()
	return v.results
}

// page decodes a page and looks at its samples.
func (v *valueCheck) page(ctx context.Context, i int) {
	t, result := &v.tiff.Pages[i], &v.results[i]
	if t.Bytes() > largePage {
		v.large.Lock()
		defer v.large.Unlock()
	}
	tag, _ := t.Tag(tiff.SMaxSampleValue)
	guess, guessed := tag.Float(0)
	dtype, err := planeType(t)
	if err != nil { // colours, whose values nothing is known of
		result.colours = true
		result.spare, result.err = v.tiff.Inspect(ctx, i, func(int64, []byte) error { return nil })
		return
	}
	for {
		s := newScanner(dtype, guess, guessed)
		result.spare, result.err = v.tiff.Inspect(ctx, i, func(_ int64, piece []byte) error {
			s.add(piece)
			return nil
		})
		if result.scanned = s.result(); result.err != nil || !result.decreased {
			return
		}
		guessed = false // once more for the largest
	}
}

// values adds the findings about the pages' samples. Its error is the reader's
// or the context's.
func (c *checker) values(results []pageValues) error {
	for i := range results {
		r, p, t := &results[i], &c.pages[i], &c.tiff.Pages[i]
		var format *FormatError
		var unsupported *UnsupportedError
		switch {
		case errors.Is(r.err, errOverBudget):
			c.add("not-decoded", i, 0, fmt.Sprintf("%d bytes of samples", t.Bytes()))
			continue
		case r.skipped:
			continue
		case errors.As(r.err, &format):
			c.corrupt(p, format)
			continue
		case errors.As(r.err, &unsupported):
			c.add("samples-unsupported", i, unsupported.Tag, withCause(unsupported.Reason, unsupported.Err))
			continue
		case r.err != nil:
			return fmt.Errorf("page %d (%s): %w", i, shown(c.names[i]), r.err)
		}
		c.decoded++
		if r.spare > 0 {
			c.add("strip-padding", i, tiff.StripByteCounts, fmt.Sprintf("%d bytes", r.spare))
		}
		if r.nan > 0 {
			c.add("nan-values", i, 0, fmt.Sprintf("%d of them", r.nan))
		}
		if r.infinite > 0 {
			c.add("infinite-values", i, 0, fmt.Sprintf("%d of them", r.infinite))
		}
		if p.kind == SIMS && !r.colours && !math.IsInf(r.max, -1) {
			c.displayRange(t, r.max)
		}
	}
	return nil
}

// corrupt adds the finding for a page whose strips do not decode.
func (c *checker) corrupt(p *checkedPage, err *FormatError) {
	where := strings.TrimSuffix(err.Reason, " does not decode")
	if tiff.TooLong(err) {
		c.add("strip-long", p.index, err.Tag, where)
		return
	}
	effect := ruleOf("strip-corrupt").effect
	if p.kind != SIMS {
		effect = "no reader gets the page's values"
	}
	c.addAs("strip-corrupt", SeverityError, effect, p.index, err.Tag, withCause(where, err.Err))
}

// displayRange compares tags 340 and 341 with a channel's values.
func (c *checker) displayRange(t *tiff.Page, largest float64) {
	low, _ := t.Tag(tiff.SMinSampleValue)
	if value, ok := low.Float(0); ok && value != 0 {
		c.add("range-minimum", t.Index, tiff.SMinSampleValue, fmt.Sprintf("%g", value))
	}
	high, _ := t.Tag(tiff.SMaxSampleValue)
	if value, ok := high.Float(0); ok && value != largest {
		severity := SeverityWarning
		if value > largest {
			severity = SeverityNote
		}
		c.addAs("range-maximum", severity, ruleOf("range-maximum").effect, t.Index, tiff.SMaxSampleValue,
			fmt.Sprintf("%g, the largest value is %g", value, largest))
	}
}
