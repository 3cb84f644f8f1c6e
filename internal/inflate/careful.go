package inflate

import "context"

// codes decodes a block of literals and matches.
func (d *Decoder) codes(ctx context.Context) error {
	for {
		if d.out-d.summed >= piece {
			if err := d.pause(ctx); err != nil {
				return err
			}
		}
		if err := d.ahead(inSlack + 8); err != nil {
			return err
		}
		var ended bool
		var err error
		if d.in <= len(d.src)-inSlack && d.out <= len(d.dst)-outSlack {
			ended, err = d.fast(d.summed + piece)
		} else {
			ended, err = d.careful(d.summed + piece)
		}
		if ended || err != nil {
			return err
		}
	}
}

// careful decodes near the ends of the buffers, symbol by symbol, up to the end
// of the block or to stop bytes, or where more of the stream is wanted.
func (d *Decoder) careful(stop int) (ended bool, err error) {
	for d.out < stop && (d.next == nil || len(d.src)-d.in >= inSlack) {
		d.fill(maxBits + 5)
		e := d.lit[d.bits&(1<<litBits-1)]
		if e&(odd|kind) == odd|second {
			e = d.lit[uint64(e>>16)+d.bits>>litBits&(1<<(e>>8&15)-1)]
		}
		length := uint(e >> 16 & 511)
		if e&odd != 0 {
			switch e & kind {
			case extra:
				length += e.extra(d.bits)
			case end:
			default:
				return false, corrupt("a code that does not exist")
			}
		}
		if e.took() > d.nbits {
			return false, ErrTruncated
		}
		d.bits >>= e.took()
		d.nbits -= e.took()
		if e&(odd|kind) == odd|end {
			return true, nil
		}
		if e&literal != 0 {
			if d.out >= len(d.dst) {
				return false, ErrTooLong
			}
			d.dst[d.out] = byte(e >> 16)
			d.out++
			continue
		}
		if err := d.match(int(length)); err != nil {
			return false, err
		}
	}
	return false, nil
}

// match reads a distance and copies length bytes from there.
func (d *Decoder) match(length int) error {
	d.fill(maxBits + 13)
	e := d.dist[d.bits&(1<<distBits-1)]
	if e&(odd|kind) == odd|second {
		e = d.dist[uint64(e>>16)+d.bits>>distBits&(1<<(e>>8&15)-1)]
	}
	if e&odd != 0 {
		return corrupt("a code that does not exist")
	}
	if e.took() > d.nbits {
		return ErrTruncated
	}
	distance := int(e>>16) + int(e.extra(d.bits))
	d.bits >>= e.took()
	d.nbits -= e.took()
	if distance > d.out {
		return corrupt("a match from before the first byte")
	}
	if length > len(d.dst)-d.out {
		return ErrTooLong
	}
	// What lies between the distance and here is copied over and over.
	from, to := d.dst[d.out-distance:d.out], d.dst[d.out:d.out+length]
	for n := 0; n < length; {
		n += copy(to[n:], from)
	}
	d.out += length
	return nil
}
