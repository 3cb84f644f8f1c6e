package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"runtime"
	"sync"

	"github.com/openmibi/openmibi/mibi"
	"github.com/openmibi/openmibi/mibitiff"
)

// eachPage calls do with the place of each page in pages, as many at a time as
// there are processors. It returns what failed by that place, nil for what did
// not.
func eachPage(pages []mibitiff.Page, do func(i int) error) []error {
	failed := make([]error, len(pages))
	next := make(chan int)
	var workers sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), len(pages)) {
		workers.Go(func() {
			for i := range next {
				failed[i] = do(i)
			}
		})
	}
	for i := range pages {
		next <- i
	}
	close(next)
	workers.Wait()
	return failed
}

// eachPlane decodes pages, as many at a time as there are processors, which
// bounds the memory, and hands each plane to do with its place in pages. It
// returns what eachPage does.
func eachPlane(ctx context.Context, file *mibitiff.File, pages []mibitiff.Page, do func(i int, plane mibitiff.Plane) error) []error {
	return eachPage(pages, func(i int) error {
		plane, err := file.ReadPlane(ctx, pages[i].Index)
		if err != nil {
			return err
		}
		return do(i, plane)
	})
}

// pageName is what mass and target are in JSON: null where a page has none.
type pageName struct {
	Target *string `json:"target"`
	Mass   *int    `json:"mass"` // in Da
}

func nameOfPage(p mibitiff.Page) (n pageName) {
	if p.Type != mibitiff.SIMS {
		return n
	}
	return nameOfChannel(p.Channel)
}

func nameOfChannel(c mibi.Channel) (n pageName) {
	n.Mass = &c.Mass
	if c.Target != "" {
		n.Target = &c.Target
	}
	return n
}

// unread says of a page that it cannot be read.
func unread(name string, p mibitiff.Page) error {
	return fmt.Errorf("%s: page %d (%s) holds samples of a kind that is not read; mibi tiff check says which", name, p.Index, printable(p.Name))
}

// number is a float64 in JSON, which has neither infinities nor NaN: null.
type number float64

// MarshalJSON writes the number or null.
func (n number) MarshalJSON() ([]byte, error) {
	if f := float64(n); !math.IsInf(f, 0) && !math.IsNaN(f) {
		return json.Marshal(f)
	}
	return []byte("null"), nil
}
