package api

import (
	"errors"
	"math"
	"strconv"
)

// text is JSON in the making. What it writes of a value is to the byte what
// [marshal] writes, without its reflection. The first error stays.
type text struct {
	b   []byte
	err error
}

var errNotFinite = errors.New("a number that is not finite has no JSON")

// raw writes what is JSON already.
func (t *text) raw(json string) { t.b = append(t.b, json...) }

func (t *text) bool(v bool) { t.b = strconv.AppendBool(t.b, v) }

func (t *text) int(v int64) { t.b = strconv.AppendInt(t.b, v, 10) }

// string writes a string. One that needs more than quotes is left to [marshal].
func (t *text) string(s string) {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c == '"' || c == '\\' || c > '~' {
			t.value(s)
			return
		}
	}
	t.b = append(t.b, '"')
	t.b = append(t.b, s...)
	t.b = append(t.b, '"')
}

// float writes a number as [float] does.
func (t *text) float(v float64) {
	if t.finite(v) {
		t.b = float(v).append(t.b)
	}
}

// number writes a number as encoding/json does.
func (t *text) number(v float64) {
	if !t.finite(v) {
		return
	}
	if abs := math.Abs(v); abs == 0 || abs >= 1e-6 && abs < 1e21 {
		t.b = strconv.AppendFloat(t.b, v, 'f', -1, 64)
		return
	}
	t.b = strconv.AppendFloat(t.b, v, 'e', -1, 64)
	if n := len(t.b); t.b[n-4] == 'e' && t.b[n-3] == '-' && t.b[n-2] == '0' {
		t.b = append(t.b[:n-2], t.b[n-1]) // e-09 is e-9
	}
}

func (t *text) finite(v float64) bool {
	if !math.IsNaN(v) && !math.IsInf(v, 0) {
		return true
	}
	if t.err == nil {
		t.err = errNotFinite
	}
	return false
}

// value writes any value.
func (t *text) value(v any) {
	encoded, err := marshal(v)
	if err != nil && t.err == nil {
		t.err = err
	}
	t.b = append(t.b, encoded...)
}

// orNull writes what may be absent.
func orNull[V any](t *text, v *V, write func(V)) {
	if v == nil {
		t.raw("null")
		return
	}
	write(*v)
}

// texts are objects of one kind, by their ids, that stand in many rows.
type texts map[int64][]byte

// shared writes an object that other rows may have, too: it is encoded once.
// All that are written with the same known and the same id look the same.
func shared[M, T any](t *text, known texts, id int64, object *M, wire func(M) T) {
	if _, ok := known[id]; !ok {
		var one text
		one.value(wire(*object))
		if one.err != nil {
			t.err = one.err
			return
		}
		known[id] = one.b
	}
	t.b = append(t.b, known[id]...)
}
