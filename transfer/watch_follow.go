package transfer

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/openmibi/openmibi/mibitracker"
)

// askedAtOnce is how many images one look asks for.
const askedAtOnce = 20

// follow asks what became of the files that the server has taken. Its error
// ends the watch.
func (w *watcher) follow(ctx context.Context) error {
	var names []string
	for name, e := range w.state.mine.Files {
		if e.State == watchPushed {
			names = append(names, name)
		}
	}
	now := time.Now()
	if len(names) == 0 || now.Before(w.asked) {
		return nil
	}
	files := w.state.mine.Files
	slices.SortFunc(names, func(a, b string) int {
		return cmp.Or(files[a].At.Compare(files[b].At), strings.Compare(a, b))
	})
	// What a server works on for an hour is not done the next second.
	newest := now.Sub(files[names[len(names)-1]].At)
	w.asked = now.Add(min(max(newest/8, w.Interval), longestWait) - w.Interval/2)
	first := w.turn % len(names)
	w.turn = first + askedAtOnce
	for _, name := range slices.Concat(names[first:], names[:first])[:min(len(names), askedAtOnce)] {
		image, err := w.client.Images.Get(ctx, files[name].ImageID)
		if errors.Is(err, mibitracker.ErrNotFound) {
			// It was deleted: the file is as new, and is told not to fit.
			delete(files, name)
			delete(w.rivals, name)
			w.state.dirty = true
			continue
		}
		if err != nil {
			return w.serverFailed(ctx, err)
		}
		w.resume(&w.server)
		w.processed(name, *files[name], image)
	}
	return nil
}

// processed notes how far an image is.
func (w *watcher) processed(name string, e watchEntry, image *mibitracker.Image) {
	event := Event{FOV: e.FOV, ImageID: e.ImageID, Path: w.path(name), Moved: e.Size, Total: e.Size}
	known := image.TIFFSHA256 != "" && e.SHA256 != ""
	switch {
	case image.Available() && (!known || strings.EqualFold(image.TIFFSHA256, e.SHA256)):
		e.State, event.Kind = watchAvailable, Done
		w.done.Available++
	case image.Failed():
		e.State, e.Reason, event.Kind = watchFailed, image.ProcessingError, Failed
	default:
		other := w.rivals[name]
		if !known || other.replaced(image, e.Before, e.SHA256) == nil {
			w.rivals[name] = other
			return
		}
		e.State, e.Reason, event.Kind = watchReplaced, other.sha256, Failed
	}
	delete(w.rivals, name)
	event.Err = e.failure()
	w.state.set(name, e)
	w.tell(event)
}
