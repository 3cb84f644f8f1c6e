package api

import (
	"bytes"
	"errors"
	"fmt"
	"net/http"
)

// How many rows of a list are read at once. A row may be a panel of a megabyte:
// there are more of them only while they are small.
const (
	firstRows = 10
	mostRows  = 256
	mostBytes = 1 << 20 // of rows that are read at once, about
)

// rowWriter writes a list as it is read, so that no answer is put together in
// memory. The first rows are read before the answer begins, so that a failure
// there still has a status.
type rowWriter struct {
	w                   http.ResponseWriter
	begin, between, end string
	flushes             bool // what is there is sent at once

	began bool
}

// rowsOf makes texts of rows.
func rowsOf[T any](load func([]int64) ([]T, error)) func([]int64, func(any) error) error {
	return func(ids []int64, each func(any) error) error {
		rows, err := load(ids)
		if err != nil {
			return err
		}
		for _, row := range rows {
			if err := each(row); err != nil {
				return err
			}
		}
		return nil
	}
}

// write writes the rows of ids.
func (w *rowWriter) write(ids []int64, read func([]int64, func(any) error) error) error {
	var text bytes.Buffer
	text.WriteString(w.begin)
	first, size := true, firstRows
	for {
		part := ids[:min(size, len(ids))]
		ids = ids[len(part):]
		had := text.Len()
		var err error
		if len(part) > 0 {
			err = read(part, func(row any) error {
				encoded, err := marshal(row)
				if err != nil {
					return fmt.Errorf("encode the answer: %w", err)
				}
				if !first {
					text.WriteString(w.between)
				}
				first = false
				text.Write(encoded)
				return nil
			})
		}
		if err != nil && w.began {
			return fmt.Errorf("%w: %w", errAnswered, err)
		}
		if err != nil {
			return err
		}
		size = nextRows(size, text.Len()-had)
		if len(ids) == 0 {
			text.WriteString(w.end)
		}
		if err := w.send(text.Bytes()); err != nil || len(ids) == 0 {
			return err
		}
		text.Reset()
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
