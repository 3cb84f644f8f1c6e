package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"runtime"
	"sync"

	"github.com/openmibi/openmibi/mibitiff"
)

// eachPlane decodes pages, as many at a time as there are processors, which
// bounds the memory, and hands each plane to do with its place in pages. It
// returns what failed by that place, nil for what did not.
func eachPlane(ctx context.Context, file *mibitiff.File, pages []mibitiff.Page, do func(i int, plane mibitiff.Plane) error) []error {
	failed := make([]error, len(pages))
	next := make(chan int)
	var workers sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), len(pages)) {
		workers.Go(func() {
			for i := range next {
				plane, err := file.ReadPlane(ctx, pages[i].Index)
				if err == nil {
					err = do(i, plane)
				}
				failed[i] = err
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

// pageName is what mass and target are in JSON: null where a page has none.
type pageName struct {
	Target *string `json:"target"`
	Mass   *int    `json:"mass"` // in Da
}

func nameOfPage(p mibitiff.Page) (n pageName) {
	if p.Type != mibitiff.SIMS {
		return n
	}
	n.Mass = &p.Channel.Mass
	if p.Channel.Target != "" {
		n.Target = &p.Channel.Target
	}
	return n
}

// unread says of a page that there is no plane of it.
func unread(name string, p mibitiff.Page) error {
	return fmt.Errorf("%s: page %d (%s) has several samples a pixel or a type other than uint8, uint16 and float32, which is not read",
		name, p.Index, printable(p.Name))
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
