package mibitracker

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"sync"
)

// flight is a piece of the file that is on its way. Who needs of it what
// another fetches waits for that, and copies.
type flight struct {
	span
	buf     []byte
	ours    bool         // the buffer, rather than a caller's
	came    func([]byte) // told of the caller's as it fills; nil for nobody
	guess   bool         // nobody has asked for it
	landed  chan struct{}
	err     error // once it landed
	waiters sync.WaitGroup
}

// ReadAt reads as io.ReaderAt says. A file that was replaced since it was
// opened is ErrChanged; an answer that breaks off, and cannot be continued, a
// *BrokenError; an answer that is not the one asked for ErrUnexpected.
func (f *RemoteFile) ReadAt(p []byte, off int64) (int, error) { return f.readAt(p, off, nil) }

// ReadAtTelling is [RemoteFile.ReadAt] that calls came, from this goroutine, with
// each piece of p as soon as it is there: one after the other, without a gap. So
// who keeps them loses little of a large read if the process ends. However small
// it is, it fetches no more than it asks for. came must not hold on to a piece.
func (f *RemoteFile) ReadAtTelling(p []byte, off int64, came func(piece []byte)) (int, error) {
	return f.readAt(p, off, came)
}

func (f *RemoteFile) readAt(p []byte, off int64, came func([]byte)) (int, error) {
	if f.ctx.Err() != nil {
		return 0, fmt.Errorf("the remote file is closed: %w", context.Cause(f.ctx))
	}
	if off < 0 {
		return 0, errors.New("mibitracker: negative offset")
	}
	want := min(int64(len(p)), max(f.seen.Size-off, 0))
	if came == nil {
		f.mu.Lock()
		f.pattern.observe(off, want)
		f.mu.Unlock()
	}
	done := int64(0)
	for done < want {
		n, err := f.part(p[done:want], off+done, came)
		done += int64(n)
		if err != nil {
			return int(done), err
		}
	}
	if done < int64(len(p)) {
		return int(done), io.EOF
	}
	return int(done), nil
}

// part reads the beginning of p, or all of it, and tells came of it.
func (f *RemoteFile) part(p []byte, off int64, came func([]byte)) (int, error) {
	f.mu.Lock()
	if n := f.cache.read(p, off); n > 0 {
		f.mu.Unlock()
		return told(p[:n], came), nil
	}
	for _, other := range f.flights {
		if other.from <= off && off < other.to {
			other.waiters.Add(1)
			f.mu.Unlock()
			n, err := other.join(p, off)
			if err != nil && other.guess && f.ctx.Err() == nil {
				// One request more may have been too much: what is needed has its own.
				return f.part(p, off, came)
			}
			if err != nil {
				return n, err
			}
			return told(p[:n], came), nil
		}
	}
	var foretold []span
	var wanted span
	if want := int64(len(p)); want >= bulkRead || came != nil {
		wanted = f.stretch(off, want)
	} else {
		wanted = f.gap(off, max(want, f.pattern.ahead(off)))
		if f.pattern.at.from <= off && off-f.pattern.at.from <= f.pattern.length() {
			foretold = f.pattern.foretell(f.seen.Size)
		}
	}
	own := f.depart(wanted, p)
	if !own.ours {
		own.came = came
	}
	var more []*flight
	for _, s := range foretold {
		for _, missing := range f.cache.missing(s) {
			if f.gap(missing.from, missing.length()) == missing {
				guess := f.depart(missing, nil)
				guess.guess = true
				more = append(more, guess)
			}
		}
	}
	f.mu.Unlock()
	var others sync.WaitGroup
	others.Go(func() { parallel(more, f.fly) })
	f.fly(own)
	others.Wait()
	// The bytes of p are the caller's once this returns.
	own.waiters.Wait()
	if own.err != nil {
		return 0, own.err
	}
	if !own.ours {
		return len(own.buf), nil
	}
	return told(p[:copy(p, own.buf)], came), nil
}

// told tells of a piece that is there, and gives its length.
func told(piece []byte, came func([]byte)) int {
	if came != nil {
		came(piece)
	}
	return len(piece)
}

// gap is the longest piece of at most n bytes at off that is neither known
// nor on its way. It is empty where the byte at off is on its way.
func (f *RemoteFile) gap(off, n int64) span {
	to := min(off+n, f.cache.next(off), f.seen.Size)
	for _, other := range f.flights {
		if other.to > off {
			to = min(to, max(other.from, off))
		}
	}
	return span{off, to}
}

// bridge is how many known bytes between two unknown pieces a large read
// fetches again: they cost less than another request.
const bridge = 16 << 10

// stretch is what is fetched for a large read of n bytes at off, which are
// unknown.
func (f *RemoteFile) stretch(off, n int64) span {
	s := f.gap(off, n)
	for _, next := range f.cache.missing(span{s.to, min(off+n, f.seen.Size)}) {
		if next.from-s.to > bridge || f.gap(next.from, next.length()) != next {
			break
		}
		s.to = next.to
	}
	return s
}

// depart announces a piece that will be fetched, into p where it fits there.
func (f *RemoteFile) depart(s span, p []byte) *flight {
	fl := &flight{span: s, ours: s.length() > int64(len(p)), landed: make(chan struct{})}
	if fl.ours {
		fl.buf = make([]byte, s.length())
	} else {
		fl.buf = p[:s.length()]
	}
	f.flights = append(f.flights, fl)
	return fl
}

// fly fetches an announced piece. What is small is kept.
func (f *RemoteFile) fly(fl *flight) {
	fl.err = errors.New("mibitracker: fetching a range did not end") // for a transport that panics
	defer func() {
		f.mu.Lock()
		defer f.mu.Unlock()
		f.flights = slices.DeleteFunc(f.flights, func(other *flight) bool { return other == fl })
		switch {
		case fl.err != nil:
		case fl.ours:
			f.cache.add(fl.from, fl.buf, false)
		case fl.length() < bulkRead: // the caller may write into its buffer
			f.cache.add(fl.from, slices.Clone(fl.buf), false)
		}
		close(fl.landed)
	}()
	fl.err = f.fetch(fl.buf, fl.from, fl.came)
}

// join waits for a piece that another fetches, and copies of it.
func (fl *flight) join(p []byte, off int64) (int, error) {
	defer fl.waiters.Done()
	<-fl.landed
	if fl.err != nil {
		return 0, fl.err
	}
	return copy(p, fl.buf[off-fl.from:]), nil
}

// atOnce is how many requests for one file run at the same time, of those that
// were not asked for one by one.
const atOnce = 8

// parallel calls do for each item, and waits for all.
func parallel[T any](items []T, do func(T)) {
	var wg sync.WaitGroup
	next := make(chan T)
	for range min(atOnce, len(items)) {
		wg.Go(func() {
			for item := range next {
				do(item)
			}
		})
	}
	for _, item := range items {
		next <- item
	}
	close(next)
	wg.Wait()
}
