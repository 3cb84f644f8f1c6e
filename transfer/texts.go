package transfer

import "encoding/binary"

// texts holds many short texts one behind the other. A string of each would cost
// more than most of them are long.
type texts struct {
	chunks [][]byte
}

// text is where a text lies among others; the zero text is empty.
type text struct{ chunk, at uint32 }

const textChunk = 64 << 10 // in bytes

// add takes a text over.
func (t *texts) add(s string) text {
	if s == "" {
		return text{}
	}
	need := len(s) + binary.MaxVarintLen64
	last := len(t.chunks) - 1
	if last < 0 || len(t.chunks[last])+need > cap(t.chunks[last]) {
		t.chunks = append(t.chunks, make([]byte, 1, max(textChunk, need+1))) // nothing lies at 0
		last++
	}
	at := text{uint32(last), uint32(len(t.chunks[last]))}
	chunk := binary.AppendUvarint(t.chunks[last], uint64(len(s)))
	t.chunks[last] = append(chunk, s...)
	return at
}

// bytes gives a text, which is not to be changed.
func (t *texts) bytes(at text) []byte {
	if at == (text{}) {
		return nil
	}
	rest := t.chunks[at.chunk][at.at:]
	length, n := binary.Uvarint(rest)
	return rest[n : n+int(length)]
}

// of gives a text.
func (t *texts) of(at text) string { return string(t.bytes(at)) }

// rows holds many rows of one kind, which stay where they are: a slice that grows
// is there twice while it is moved.
type rows[T any] struct {
	chunks [][]T
	n      int
}

const rowChunk = 1 << 10

// add appends a row, and gives its number.
func (r *rows[T]) add(row T) int {
	if r.n == len(r.chunks)*rowChunk {
		r.chunks = append(r.chunks, make([]T, rowChunk))
	}
	*r.at(r.n) = row
	r.n++
	return r.n - 1
}

// at gives a row.
func (r *rows[T]) at(i int) *T { return &r.chunks[i/rowChunk][i%rowChunk] }
