package transfer

import (
	"context"
	"errors"

	"github.com/openmibi/openmibi/mibitracker"
)

// wait waits until the server has processed a file that it took, or keeps
// somebody else's.
func (r *pushing) wait(ctx context.Context, f *PushFile) {
	f.State, f.Err = PushProcessing, nil
	var other rival
	err := r.plan.patience.try(ctx, r.away,
		func() error {
			_, err := r.plan.client.Images.WaitAvailableUnless(ctx, f.ImageID, f.SHA256, func(image *mibitracker.Image) error {
				return other.replaced(image, f.row.hash(), f.SHA256)
			})
			return err
		})
	if err == nil || errors.Is(err, mibitracker.ErrProcessing) || errors.Is(err, ErrReplaced) {
		r.back()
	}
	switch {
	case err == nil:
		f.State = PushAvailable
		r.event(Done, f, f.Size, nil)
	case errors.Is(err, mibitracker.ErrProcessing):
		r.failed(f, err)
	case ctx.Err() != nil:
	case errors.Is(err, mibitracker.ErrUnauthorized), errors.Is(err, mibitracker.ErrForbidden), away(err):
		r.stop(&StoppedError{Advice: "The server has the files that it took, and may still process some: the same push shows what is left.", Err: err})
	default:
		r.failed(f, err)
	}
}
