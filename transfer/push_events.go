package transfer

import "fmt"

// event is something that happened to a file of a push.
func (t *telling) event(kind EventKind, f *PushFile, moved int64, err error) {
	t.tell(Event{Kind: kind, FOV: f.FOV, ImageID: f.ImageID, Path: f.Path, Moved: moved, Total: f.Size, Err: err})
}

// away tells once that the server does not answer.
func (r *pushing) away(err error) {
	r.mu.Lock()
	told := r.told
	if told == nil {
		r.told = fmt.Errorf("the server does not answer, and is asked again for a minute: %w", err)
		err = r.told
	}
	r.mu.Unlock()
	if told == nil {
		r.tell(Event{Kind: Waiting, Total: -1, Err: err})
	}
}

// back tells that the server answers again, where it was told that it did not.
func (r *pushing) back() {
	r.mu.Lock()
	told := r.told
	r.told = nil
	r.mu.Unlock()
	if told != nil {
		r.tell(Event{Kind: Resumed, Total: -1, Err: told})
	}
}

// eventBytes is how many bytes of a file move between two events.
const eventBytes = 256 << 10

// every passes on how far a file of this size is, but not so often.
func every(bytes, size int64, moved func(int64)) func(int64) {
	told := int64(0)
	return func(at int64) {
		if at-told >= bytes || at == size {
			told = at
			moved(at)
		}
	}
}
