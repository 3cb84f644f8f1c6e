package transfer

import "context"

// finishers is how many FOVs more than jobs may be worked on, whose bytes have
// come: they are brought to the disk, or split, while others come.
const finishers = 4

// take waits for one of the lines by which an FOV's bytes come; it may have it
// already. It fails where the context ends.
func (p *puller) take(ctx context.Context, f *PullFOV) error {
	if f.onLine {
		return nil
	}
	select {
	case p.lines <- struct{}{}:
		f.onLine = true
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// came notes that all bytes of an FOV have come, and leaves its line to another.
func (p *puller) came(f *PullFOV) {
	if f.onLine {
		p.mu.Lock()
		p.inRow = 0
		p.mu.Unlock()
	}
	p.give(f)
}

// give leaves the line to another FOV, if this one has it.
func (p *puller) give(f *PullFOV) {
	if f.onLine {
		f.onLine = false
		<-p.lines
	}
}
