package inflate

import "context"

const (
	// history is how far back a match may reach.
	history = 32 << 10
	// WindowBytes is the memory of a stream that is decoded piece by piece. It
	// stays in a processor's own cache.
	WindowBytes = 256 << 10
	// room is for what is decoded before it is summed, which ends with a match;
	// and for a stored block: the fast loop never comes near the end.
	room = piece + maxLength + maxStored + outSlack

	maxLength = 258
	maxStored = 64<<10 - 1
)

// sink is where the window of a stream goes.
type sink struct {
	take  func(piece []byte) error // nil: there is no window
	align int                      // bytes of a sample
	given int                      // how much of the window was taken
	rest  int                      // how many bytes take has still to get
	more  uint64                   // how many may follow them
}

// ZlibPieces is [Decoder.Zlib] for who needs the bytes only once: take gets size
// of them, piece by piece, each of whole samples of align bytes, which size is a
// multiple of. A piece must be neither kept nor changed. What take returns ends
// the decoding.
//
// The stream may go on after that, for more bytes at most. These are decoded, and
// the Adler-32 is that of all of them, but nobody gets them. Whatever size and
// more are, it takes [WindowBytes] of memory, which the decoder keeps for the next
// stream.
func (d *Decoder) ZlibPieces(ctx context.Context, size, align int, src []byte, more uint64, take func(piece []byte) error) (int, error) {
	in, err := zlibHead(src)
	if err != nil {
		return 0, err
	}
	if d.window == nil {
		d.window = make([]byte, WindowBytes)
	}
	d.start(d.window, src, in)
	defer d.release()
	d.sink = sink{take: take, align: max(align, 1), rest: size, more: more}
	return d.zlib(ctx)
}

// hand hands on what is new in the window. Near the window's end it keeps the
// history, and what is not handed on, alone.
func (d *Decoder) hand() error {
	s := &d.sink
	fresh := d.dst[s.given:d.out]
	if n := min(len(fresh), s.rest); n > 0 {
		if n < s.rest {
			n -= n % s.align
		}
		if err := s.take(fresh[:n]); err != nil {
			return err
		}
		s.given += n
		s.rest -= n
	}
	if s.rest == 0 {
		over := uint64(d.out - s.given)
		if over > s.more {
			return ErrTooLong
		}
		s.more -= over
		s.given = d.out
	}
	if gone := d.out - history; len(d.dst)-d.out < room && gone > 0 {
		copy(d.dst, d.dst[gone:d.out])
		d.out -= gone
		d.summed -= gone
		d.asked -= gone
		s.given -= gone
	}
	return nil
}
