package inflate

import "context"

// partSlack is how much of a stream must be at hand where a block begins: a
// stored one, or the tables of another, and what the fast loop reads ahead.
const partSlack = maxStored + 5 + 1<<10

// ZlibParts is [Decoder.ZlibPieces] for a stream that comes in parts. next is
// called with the bytes that are not decoded yet, less than 128 KiB of them; it
// returns these same bytes with some that follow them in the stream, in memory
// of any kind that stays as it is until the next call, or only these where the
// stream has no more. What next returns as an error ends the decoding.
//
// The first call of next is with no bytes.
func (d *Decoder) ZlibParts(ctx context.Context, size, align int, next func(rest []byte) ([]byte, error), more uint64, take func(piece []byte) error) error {
	if d.window == nil {
		d.window = make([]byte, WindowBytes)
	}
	d.start(d.window, nil, 0)
	defer d.release()
	d.sink = sink{take: take, align: max(align, 1), rest: size, more: more}
	d.next = next
	if err := d.ahead(maxHead); err != nil {
		return err
	}
	in, err := zlibHead(d.src)
	if err != nil {
		return err
	}
	d.in = in
	_, err = d.zlib(ctx)
	return err
}

// maxHead is the longest head of a zlib stream: with the check of a dictionary.
const maxHead = 6

// ahead makes n bytes of the stream to be at hand, if it has them.
func (d *Decoder) ahead(n int) error {
	if d.next == nil || len(d.src)-d.in >= n {
		return nil
	}
	// Whole bytes among the bits are given back: what comes follows them.
	d.in -= int(d.nbits / 8)
	d.nbits %= 8
	d.bits &= 1<<d.nbits - 1
	for len(d.src)-d.in < n {
		rest := d.src[d.in:]
		src, err := d.next(rest)
		if err != nil {
			return err
		}
		d.src, d.in = src, 0
		if len(src) <= len(rest) {
			d.next = nil
			break
		}
	}
	return nil
}
