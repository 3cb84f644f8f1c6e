package inflate

import "encoding/binary"

const (
	// inSlack is how many bytes of src the fast loop needs ahead: each round
	// reads eight bytes three times at most, and goes on by up to seven.
	inSlack = 32
	// outSlack is how much room in dst it needs: a round writes two literals
	// and a match.
	outSlack = reach + 16
	// reach is how far a match of 9 bits of length is written, in steps of 16
	// bytes. No match is longer than 258, but this the compiler sees.
	reach = 528

	every8th = 0x0101010101010101
)

// wholePatterns is how many of eight bytes are whole patterns of so many bytes.
var wholePatterns = [8]uint8{0, 8, 8, 6, 8, 5, 6, 7}

// fast decodes far from the ends of the buffers, up to the end of the block, to
// stop bytes, or near one of the ends.
//
// Nothing is called here. Each round begins with 56 bits at least, and with the
// entry of the first of them: enough for a literal and a match (11 and 11+15+13
// bits), or, filled up once more, for any one match (15+5+15+13 bits). The entry
// of the next round is looked up before a match is copied, and a match is
// written before its length is looked at.
func (d *Decoder) fast(stop int) (ended bool, err error) {
	src, dst := d.src, d.dst
	lit, far := &d.lit, &d.dist
	in, out, held, n := d.in, d.out, d.bits, d.nbits
	inEnd, outEnd := len(src)-inSlack, min(stop-1, len(dst)-outSlack)
	var length, distance int

	held |= binary.LittleEndian.Uint64(src[in:in+8]) << (n & 63)
	in += int((63 - n) >> 3)
	n |= 56
	e := lit[held&(1<<litBits-1)]
loop:
	for in <= inEnd && out <= outEnd {
		if e&literal != 0 {
			held >>= e & 63
			n -= uint(e & 63)
			dst[out] = byte(e >> 16)
			out++
			e = lit[held&(1<<litBits-1)]
			if e&literal != 0 {
				held >>= e & 63
				n -= uint(e & 63)
				dst[out] = byte(e >> 16)
				out++
				held |= binary.LittleEndian.Uint64(src[in:in+8]) << (n & 63)
				in += int((63 - n) >> 3)
				n |= 56
				e = lit[held&(1<<litBits-1)]
				continue
			}
		}
		length = int(e >> 16 & 511)
		if e&odd != 0 {
			held |= binary.LittleEndian.Uint64(src[in:in+8]) << (n & 63)
			in += int((63 - n) >> 3)
			n |= 56
			if e&kind == second {
				e = lit[uint64(e>>16)+held>>litBits&(1<<(e>>8&15)-1)]
				length = int(e >> 16 & 511)
			}
			switch {
			case e&literal != 0:
				held >>= e & 63
				n -= uint(e & 63)
				dst[out] = byte(e >> 16)
				out++
				held |= binary.LittleEndian.Uint64(src[in:in+8]) << (n & 63)
				in += int((63 - n) >> 3)
				n |= 56
				e = lit[held&(1<<litBits-1)]
				continue
			case e&kind == extra:
				length += int(held & (1<<(e&63) - 1) >> (e >> 8 & 15))
			case e&kind == end:
				held >>= e & 63
				n -= uint(e & 63)
				ended = true
				break loop
			default:
				err = corrupt("a code that does not exist")
				break loop
			}
		}
		held >>= e & 63
		n -= uint(e & 63)

		e = far[held&(1<<distBits-1)]
		if e&odd != 0 {
			if e&kind == second {
				e = far[uint64(e>>16)+held>>distBits&(1<<(e>>8&15)-1)]
			}
			if e&odd != 0 {
				err = corrupt("a code that does not exist")
				break
			}
		}
		distance = int(e>>16) + int(held&(1<<(e&63)-1)>>(e>>8&15))
		held >>= e & 63
		n -= uint(e & 63)
		if distance > out {
			err = corrupt("a match from before the first byte")
			break
		}

		held |= binary.LittleEndian.Uint64(src[in:in+8]) << (n & 63)
		in += int((63 - n) >> 3)
		n |= 56
		e = lit[held&(1<<litBits-1)]

		// All that a match may write or read lies before the end of dst: this is
		// looked at once, and not at each step.
		to, from := (*[reach]byte)(dst[out:]), (*[reach]byte)(dst[out-distance:])
		if distance >= 16 {
			*(*[16]byte)(to[:16]) = *(*[16]byte)(from[:16])
			*(*[16]byte)(to[16:32]) = *(*[16]byte)(from[16:32])
			*(*[16]byte)(to[32:48]) = *(*[16]byte)(from[32:48])
			if length > 48 {
				*(*[16]byte)(to[48:64]) = *(*[16]byte)(from[48:64])
				*(*[16]byte)(to[64:80]) = *(*[16]byte)(from[64:80])
				*(*[16]byte)(to[80:96]) = *(*[16]byte)(from[80:96])
				*(*[16]byte)(to[96:112]) = *(*[16]byte)(from[96:112])
				for i := 112; i < length&511; i += 16 {
					*(*[16]byte)(to[i : i+16]) = *(*[16]byte)(from[i : i+16])
				}
			}
		} else if distance == 1 {
			v := uint64(from[0]) * every8th
			binary.LittleEndian.PutUint64(to[:], v)
			binary.LittleEndian.PutUint64(to[8:], v)
			for i := 16; i < length&511; i += 8 {
				binary.LittleEndian.PutUint64(to[i:i+8], v)
			}
		} else if distance >= 8 {
			for i := 0; i < length&511; i += 8 {
				v := binary.LittleEndian.Uint64(from[i : i+8])
				binary.LittleEndian.PutUint64(to[i:i+8], v)
			}
		} else {
			// Eight bytes of the pattern, and as many whole ones a step.
			v := binary.LittleEndian.Uint64(from[:]) & (1<<(8*uint(distance)) - 1)
			for w := 8 * uint(distance); w < 64; w *= 2 {
				v |= v << w
			}
			step := int(wholePatterns[distance])
			for i := 0; i < length&511; i += step {
				binary.LittleEndian.PutUint64(to[i:i+8], v)
			}
		}
		out += length
	}
	d.in, d.out, d.bits, d.nbits = in, out, held, n
	return ended, err
}
