package deflate_test

import (
	"bytes"
	"sync"
	"testing"

	"github.com/openmibi/openmibi/internal/deflate"
)

// FuzzZlib takes bytes as they are. The encoder may encode others in between.
func FuzzZlib(f *testing.F) {
	for _, src := range samples() {
		f.Add(src[:min(len(src), 3000)], uint8(2), false)
	}
	f.Fuzz(check)
}

// FuzzWritten takes bytes for orders: so many of these, or what was there before
// once more. A few make a plane that is longer than all tables.
func FuzzWritten(f *testing.F) {
	f.Add([]byte{0, 40, 1, 3, 7, 200, 2, 9, 9, 3, 255, 255}, uint8(2), true)
	f.Add([]byte{1, 255, 0, 255, 4, 40, 40, 4, 90, 90, 2, 250, 0}, uint8(1), true)
	f.Add([]byte{5, 200, 7, 5, 201, 8, 3, 255, 255, 1, 9, 4, 1, 255}, uint8(4), false)
	f.Fuzz(func(t *testing.T, orders []byte, elem uint8, used bool) {
		check(t, written(orders), elem, used)
	})
}

// others fill the tables of an encoder.
var others = sync.OnceValue(func() []byte { return plane(1, 40_000, 2, 0.4) })

// check has an encoder encode these bytes after none, after others, and again.
func check(t *testing.T, src []byte, elem uint8, used bool) {
	var e deflate.Encoder
	out := roundTrip(t, &e, src, int(elem))
	if used {
		e.Raw(nil, others(), 2)
	}
	if again := e.Zlib(nil, src, int(elem)); !bytes.Equal(again, out) {
		t.Fatal("another stream for the same bytes")
	}
}

func written(orders []byte) []byte {
	const most = 600_000
	var out []byte
	next := func() int {
		if len(orders) == 0 {
			return 0
		}
		v := orders[0]
		orders = orders[1:]
		return int(v)
	}
	for len(orders) > 0 && len(out) < most {
		switch order, n := next(), next(); order % 6 {
		case 0: // zeros, few
			out = append(out, make([]byte, n)...)
		case 1: // zeros, many
			out = append(out, make([]byte, n*n*2)...)
		case 2: // one value
			out = append(out, bytes.Repeat([]byte{byte(next())}, n*(n%17+1))...)
		case 3: // values as they come
			for range min(n, len(orders)) {
				out = append(out, byte(next()))
			}
		case 4: // again
			back := min(len(out), n*next())
			out = append(out, out[len(out)-back:]...)
		case 5: // chance
			out = append(out, random(uint64(n), n*n, next()+1)...)
		}
	}
	return out[:min(len(out), most)]
}
