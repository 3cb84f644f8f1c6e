package inflate

import "context"

const (
	// history is how far back a match may reach.
	history = 32 << 10
	// windowBytes is room for the history; for what is decoded before it is
	// summed, which ends with a match; and for a stored block: the fast loop
	// never comes near the end.
	windowBytes = history + piece + maxLength + maxStored + outSlack

	maxLength = 258
	maxStored = 64<<10 - 1
)

// sink is where the window of a stream goes that may be longer than the
// caller's buffer.
type sink struct {
	used bool
	rest []byte // the part of the caller's buffer that is not filled
	more uint64 // how many bytes may follow it
}

// ZlibPrefix is [Decoder.Zlib] for a stream that may go on after dst is full,
// for more bytes at most. These are decoded, too, and the Adler-32 is that of
// all of them, but none is kept: whatever more is, it takes 130 KB of memory,
// which the decoder keeps for the next stream.
func (d *Decoder) ZlibPrefix(ctx context.Context, dst, src []byte, more uint64) (int, error) {
	in, err := zlibHead(src)
	if err != nil {
		return 0, err
	}
	if d.window == nil {
		d.window = make([]byte, windowBytes)
	}
	d.start(d.window, src, in)
	defer d.release()
	d.sink = sink{used: true, rest: dst, more: more}
	return d.zlib(ctx)
}

// slide hands on what is new in the window, and keeps the history alone.
func (d *Decoder) slide(fresh []byte) error {
	n := copy(d.sink.rest, fresh)
	d.sink.rest = d.sink.rest[n:]
	n = len(fresh) - n
	if uint64(n) > d.sink.more {
		return ErrTooLong
	}
	d.sink.more -= uint64(n)
	if gone := d.out - history; gone > 0 {
		copy(d.dst, d.dst[gone:d.out])
		d.out -= gone
		d.summed -= gone
		d.asked -= gone
	}
	return nil
}
