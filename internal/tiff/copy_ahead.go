package tiff

import (
	"io"
	"iter"
	"sync"
)

const (
	// stretchBytes is the most that one read fetches of pieces that lie together;
	// stretchGap how far apart they may lie: a page's directory and description.
	stretchBytes = 512 << 10
	stretchGap   = 16 << 10
	// stretchPieces bounds what is remembered of a stretch.
	stretchPieces = 4 << 10
	// aheadBytes and aheadReads bound what is read before it is wanted.
	aheadBytes = 3 * stretchBytes
	aheadReads = 8
)

// readAhead reads pieces of a file before they are wanted: those that lie
// together at once, and some such stretches at the same time. It is for one
// goroutine.
type readAhead struct {
	r      io.ReaderAt
	pieces func() (span, bool)
	stop   func()
	// spare is the piece that the last stretch did not take, ready the stretch
	// that there was no room for.
	spare *span
	ready *stretch
	queue []*stretch // in the order of their pieces
	held  uint64     // bytes of the queue
	first int        // of all pieces, the first of the queue
	free  [][]byte
	reads sync.WaitGroup
}

// stretch is what one read fetches.
type stretch struct {
	span
	pieces []span
	buf    []byte
	landed chan struct{}
	err    error // once it landed
}

func newReadAhead(r io.ReaderAt, pieces iter.Seq[span]) *readAhead {
	a := &readAhead{r: r}
	a.pieces, a.stop = iter.Pull(pieces)
	return a
}

// close waits for what is being read.
func (a *readAhead) close() {
	a.reads.Wait()
	a.stop()
}

// take gives piece n; what was taken before is no longer valid, and n never goes
// back.
func (a *readAhead) take(n int) ([]byte, error) {
	a.fill()
	for n >= a.first+len(a.queue[0].pieces) {
		gone := a.queue[0]
		<-gone.landed
		a.queue = a.queue[1:]
		a.first += len(gone.pieces)
		a.held -= gone.length
		a.free = append(a.free[:min(len(a.free), 1)], gone.buf)
		a.fill()
	}
	s := a.queue[0]
	<-s.landed
	if s.err != nil {
		return nil, s.err
	}
	piece := s.pieces[n-a.first]
	return s.buf[piece.offset-s.offset:][:piece.length], nil
}

// fill begins to read what there is room for, one stretch at least.
func (a *readAhead) fill() {
	for len(a.queue) < aheadReads {
		if a.ready == nil {
			if a.ready = a.collect(); a.ready == nil {
				return
			}
		}
		s := a.ready
		if len(a.queue) > 0 && a.held+s.length > aheadBytes {
			return
		}
		a.ready = nil
		s.buf = a.memory(s.length)
		a.held += s.length
		a.queue = append(a.queue, s)
		a.reads.Go(func() {
			defer close(s.landed)
			s.err = readFull(a.r, s.buf, s.offset)
		})
	}
	a.free = nil
}

// memory gives memory of a stretch that was used, or new.
func (a *readAhead) memory(n uint64) []byte {
	for i, b := range a.free {
		if uint64(cap(b)) >= n {
			a.free = append(a.free[:i], a.free[i+1:]...)
			return b[:n]
		}
	}
	return make([]byte, n)
}

// collect gathers the pieces that lie together; nil where there are no more.
func (a *readAhead) collect() *stretch {
	var s *stretch
	for {
		p, ok := a.piece()
		if !ok {
			return s
		}
		if s == nil {
			s = &stretch{span: p, landed: make(chan struct{})}
		}
		end := max(s.offset+s.length, p.offset+p.length)
		apart := p.offset < s.offset || p.offset > s.offset+s.length+stretchGap || end-s.offset > max(stretchBytes, s.length)
		if len(s.pieces) > 0 && (apart || len(s.pieces) == stretchPieces) {
			a.spare = &p
			return s
		}
		s.length = end - s.offset
		s.pieces = append(s.pieces, p)
	}
}

func (a *readAhead) piece() (span, bool) {
	if p := a.spare; p != nil {
		a.spare = nil
		return *p, true
	}
	return a.pieces()
}
