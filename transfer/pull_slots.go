package transfer

import "context"

// finishers is how many FOVs more than jobs may be worked on, whose bytes have
// come: they are brought to the disk, or split, while others come.
const finishers = 4

// take waits for one of the slots for FOVs whose bytes come; it may have it
// already. It fails where the context ends.
func (p *puller) take(ctx context.Context, f *PullFOV) error {
	if f.hasSlot {
		return nil
	}
	select {
	case p.slots <- struct{}{}:
		f.hasSlot = true
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// came notes that all bytes of an FOV have come, and leaves its slot to another.
func (p *puller) came(f *PullFOV) {
	if f.hasSlot {
		p.mu.Lock()
		p.inRow = 0
		p.mu.Unlock()
	}
	p.give(f)
}

// give leaves the slot to another FOV, if this one has it.
func (p *puller) give(f *PullFOV) {
	if f.hasSlot {
		f.hasSlot = false
		<-p.slots
	}
}
