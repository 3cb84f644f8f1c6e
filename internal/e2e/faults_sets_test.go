package e2e

import (
	"context"
	"fmt"
	"net/url"

	"github.com/openmibi/openmibi/mibitracker"
)

// imageSet makes an image set, whose name need not be unique: the call's key
// alone keeps a repetition from making a second one.
func (r *faultRound) imageSet(ctx context.Context) error {
	image, err := r.imageOf(ctx)
	if err != nil {
		return err
	}
	name := "set of " + r.label
	var id int64
	made := r.call(ctx, "ImageSets.Create", func(ctx context.Context) (failure, wrong error) {
		set, err := r.client.ImageSets.Create(ctx, mibitracker.NewImageSet{Name: name, Images: []int64{image.ID}})
		if err != nil {
			return err, nil
		}
		id = set.ID
		if set.Name != name || len(set.Images) != 1 || set.Images[0].ID != image.ID {
			wrong = fmt.Errorf("made %+v", set)
		}
		return nil, wrong
	})
	var there mibitracker.Page[mibitracker.ImageSet]
	err = r.lab.direct.JSON(ctx, mibitracker.Request{Route: "/imagesets/", Query: url.Values{"name": {name}, "paging": {"no"}}}, &there)
	if err != nil {
		return err
	}
	switch n := len(there.Results); {
	case n > 1 && !r.keyless:
		r.wrong("one call made %d image sets", n)
	case made && n == 0, made && n == 1 && there.Results[0].ID != id:
		r.wrong("the call gave image set %d, there are %+v", id, there.Results)
	}
	return nil
}
