package api

import (
	"errors"
	"fmt"
	"net/http"

	"github.com/openmibi/openmibi/internal/model"
)

// How many rows of a list are read at once. A row may be a panel of a megabyte:
// there are more of them only while they are small.
const (
	firstRows = 10
	firstSets = 1 // of what may hold thousands of others
	mostRows  = 256
	mostBytes = 1 << 20 // of rows that are read at once, about
)

// rowsFirst is how many rows to read before any has told its size.
func rowsFirst[M any]() int {
	switch any(*new(M)).(type) {
	case model.ImageSet, model.Panel, model.Run:
		return firstSets
	}
	return firstRows
}

// rowWriter writes a list as it is read, so that no answer is put together in
// memory. The first rows are read before the answer begins, so that a failure
// there still has a status.
type rowWriter struct {
	w                   http.ResponseWriter
	rows                int // to read first
	begin, between, end string
	flushes             bool // what is there is sent at once

	began bool
}

// encoder appends the JSON of a row.
type encoder[M any] func(b []byte, row *M) ([]byte, error)

// encoded makes encoders of what encoding/json writes of rows.
func encoded[M, T any](wire func(M) T) func() encoder[M] {
	return func() encoder[M] {
		return func(b []byte, row *M) ([]byte, error) {
			text, err := marshal(wire(*row))
			return append(b, text...), err
		}
	}
}

// rowsOf reads rows and appends their texts. Rows that are read together, and so
// in one state of the database, share an encoder.
func rowsOf[M any](load func([]int64) ([]M, error), encoders func() encoder[M]) readRows {
	return func(b []byte, ids []int64, between func([]byte) []byte) ([]byte, error) {
		rows, err := load(ids)
		if err != nil {
			return b, err
		}
		encode := encoders()
		for i := range rows {
			if b, err = encode(between(b), &rows[i]); err != nil {
				return b, fmt.Errorf("encode the answer: %w", err)
			}
		}
		return b, nil
	}
}

// readRows appends the rows of some ids, and what is between them.
type readRows func(b []byte, ids []int64, between func([]byte) []byte) ([]byte, error)

// write writes the rows of ids.
func (w *rowWriter) write(ids []int64, read readRows) error {
	text := []byte(w.begin)
	first, size := true, w.rows
	between := func(b []byte) []byte {
		if first {
			first = false
			return b
		}
		return append(b, w.between...)
	}
	for {
		part := ids[:min(size, len(ids))]
		ids = ids[len(part):]
		had := len(text)
		var err error
		if len(part) > 0 {
			text, err = read(text, part, between)
		}
		if err != nil && w.began {
			return fmt.Errorf("%w: %w", errAnswered, err)
		}
		if err != nil {
			return err
		}
		size = nextRows(size, len(text)-had)
		if len(ids) == 0 {
			text = append(text, w.end...)
		}
		if err := w.send(text); err != nil || len(ids) == 0 {
			return err
		}
		text = text[:0]
	}
}

// nextRows is how many rows to read next, after some that took so many bytes.
func nextRows(rows, took int) int {
	fit := rows * 2
	if took > 0 {
		fit = min(fit, int(int64(rows)*mostBytes/int64(took)))
	}
	return min(max(fit, 1), mostRows)
}

// send sends a piece of the answer.
func (w *rowWriter) send(text []byte) error {
	if !w.began {
		w.began = true
		w.w.Header().Set("Content-Type", mediaJSON)
		w.w.WriteHeader(http.StatusOK)
	}
	if _, err := w.w.Write(text); err != nil {
		return fmt.Errorf("%w: %w", errAnswered, err)
	}
	if !w.flushes {
		return nil
	}
	if err := http.NewResponseController(w.w).Flush(); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return fmt.Errorf("%w: %w", errAnswered, err)
	}
	return nil
}
