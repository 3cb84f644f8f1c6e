package inflate

import "context"

// blocks decodes to the end of the last block, and gives the bytes back that
// were read ahead.
func (d *Decoder) blocks(ctx context.Context) error {
	for count := 1; ; count++ {
		if count%askBlocks == 0 {
			if err := ctx.Err(); err != nil {
				return err
			}
		}
		if err := d.ahead(partSlack); err != nil {
			return err
		}
		head, err := d.take(3)
		if err != nil {
			return err
		}
		switch head >> 1 {
		case 0:
			err = d.stored(ctx)
		case 1:
			d.buildFixed()
			err = d.codes(ctx)
		case 2:
			if err = d.readTables(); err == nil {
				err = d.codes(ctx)
			}
		default:
			err = corrupt("a block of the reserved kind")
		}
		if err != nil {
			return err
		}
		if head&1 == 1 {
			d.align()
			return nil
		}
	}
}

// fill reads bytes until n bits are there, or the stream ends.
func (d *Decoder) fill(n uint) {
	for d.nbits < n && d.in < len(d.src) {
		d.bits |= uint64(d.src[d.in]) << d.nbits
		d.in++
		d.nbits += 8
	}
}

// take returns the next n bits, 16 at most.
func (d *Decoder) take(n uint) (uint, error) {
	d.fill(n)
	if d.nbits < n {
		return 0, ErrTruncated
	}
	v := uint(d.bits & (1<<n - 1))
	d.bits >>= n
	d.nbits -= n
	return v, nil
}

// align drops the rest of a byte and gives whole bytes back.
func (d *Decoder) align() {
	d.in -= int(d.nbits / 8)
	d.bits, d.nbits = 0, 0
}

// stored copies a block of RFC 1951, section 3.2.4.
func (d *Decoder) stored(ctx context.Context) error {
	d.align()
	if len(d.src)-d.in < 4 {
		return ErrTruncated
	}
	head := d.src[d.in : d.in+4]
	n := int(head[0]) | int(head[1])<<8
	if n^(int(head[2])|int(head[3])<<8) != 0xffff {
		return corrupt("a stored block whose two lengths differ")
	}
	d.in += 4
	if n > len(d.src)-d.in {
		return ErrTruncated
	}
	if n > len(d.dst)-d.out {
		return ErrTooLong
	}
	copy(d.dst[d.out:], d.src[d.in:d.in+n])
	d.in += n
	d.out += n
	return d.pause(ctx)
}

// buildFixed makes the tables of RFC 1951, section 3.2.6. Their last two symbols
// are codes that no stream may use.
func (d *Decoder) buildFixed() {
	if d.fixed {
		return
	}
	var lengths [288]uint8
	for i := range lengths {
		switch {
		case i < 144 || i >= 280:
			lengths[i] = 8
		case i < 256:
			lengths[i] = 9
		default:
			lengths[i] = 7
		}
	}
	d.buildLit(lengths[:])
	for i := range 32 {
		lengths[i] = 5
	}
	d.buildDist(lengths[:32])
	d.fixed = true
}

// lengthOrder is the order in which the lengths of the code of code lengths come.
var lengthOrder = [19]uint8{16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15}

// readTables reads the codes of a dynamic block: RFC 1951, section 3.2.7.
func (d *Decoder) readTables() error {
	d.fixed = false
	head, err := d.take(14)
	if err != nil {
		return err
	}
	lits, dists, lens := int(head&31)+257, int(head>>5&31)+1, int(head>>10)+4
	if lits > maxLit || dists > maxDist {
		return corrupt("more codes than there are")
	}
	var order [19]uint8
	for _, symbol := range lengthOrder[:lens] {
		n, err := d.take(3)
		if err != nil {
			return err
		}
		order[symbol] = uint8(n)
	}
	if !d.buildLength(order[:]) {
		return corrupt("the code of code lengths is incomplete")
	}
	if err := d.readLengths(d.lengths[:lits+dists]); err != nil {
		return err
	}
	if !d.buildLit(d.lengths[:lits]) {
		return corrupt("the code of literals is incomplete")
	}
	if !d.buildDist(d.lengths[lits : lits+dists]) {
		return corrupt("the code of distances is incomplete")
	}
	return nil
}

// readLengths reads code lengths, with their repetitions.
func (d *Decoder) readLengths(lengths []uint8) error {
	for i := 0; i < len(lengths); {
		d.fill(lengthBits)
		e := d.length[d.bits&(1<<lengthBits-1)]
		n := uint(e & 7)
		if n == 0 {
			return corrupt("a code length that does not exist")
		}
		if n > d.nbits {
			return ErrTruncated
		}
		d.bits >>= n
		d.nbits -= n
		symbol := e >> 3
		if symbol < 16 {
			lengths[i] = symbol
			i++
			continue
		}
		value, times, more := uint8(0), 3, uint(2)
		switch symbol {
		case 16:
			if i == 0 {
				return corrupt("the first code length repeats one before it")
			}
			value = lengths[i-1]
		case 17:
			more = 3
		default:
			times, more = 11, 7
		}
		v, err := d.take(more)
		if err != nil {
			return err
		}
		times += int(v)
		if times > len(lengths)-i {
			return corrupt("more code lengths than there are codes")
		}
		for range times {
			lengths[i] = value
			i++
		}
	}
	return nil
}
