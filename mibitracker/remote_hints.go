package mibitracker

import (
	"cmp"
	"context"
	"encoding/json"
	"math"
	"net/http"
	"slices"
)

const (
	// preferIndex asks a server for the places of a TIFF's index, in the header
	// Prefer (RFC 7240). One that does not know it passes over it.
	preferIndex = "tiff-index"
	// maxHints, maxHintText and maxHinted are how many places, in how many
	// bytes of JSON, and with how many bytes of the file are believed to be an
	// index.
	maxHints    = 4096
	maxHintText = 256 << 10
	maxHinted   = 8 << 20
	// smallIndex is the size up to which an index may be most of its file.
	smallIndex = 256 << 10
)

// signIndexed gives a signed URL of a file and, where the server knows them,
// the places of its index.
func (s *FilesService) signIndexed(ctx context.Context, path string) (string, []span, error) {
	const route = "/download/"
	var answer struct {
		URL   string          `json:"url"`
		Index json.RawMessage `json:"index"`
	}
	r := Request{Route: route, Query: query("path", path), Header: http.Header{"Prefer": {preferIndex}}}
	if err := s.client.JSON(ctx, r, &answer); err != nil {
		return "", nil, err
	}
	if answer.URL == "" {
		return "", nil, &UnexpectedAnswerError{Reason: "GET " + route + " answered without a URL"}
	}
	return answer.URL, hints(answer.Index), nil
}

// hints reads [[offset, length], ...] into places that do not touch, in the
// file's order. They save requests and are nothing to rely on: where one makes
// no sense, there are none.
func hints(text []byte) []span {
	var pairs [][]int64
	if len(text) == 0 || len(text) > maxHintText || json.Unmarshal(text, &pairs) != nil || len(pairs) > maxHints {
		return nil
	}
	spans := make([]span, 0, len(pairs))
	for _, p := range pairs {
		if len(p) != 2 || p[0] < 0 || p[1] <= 0 || p[0] > math.MaxInt64/2 || p[1] > maxHinted {
			return nil
		}
		spans = append(spans, span{p[0], p[0] + p[1]})
	}
	if spans = merged(spans, 0); total(spans) > maxHinted {
		return nil
	}
	return spans
}

// merged sorts places, and joins those that are no more than gap apart.
func merged(spans []span, gap int64) []span {
	slices.SortFunc(spans, func(a, b span) int { return cmp.Compare(a.from, b.from) })
	out := spans[:0]
	for _, s := range spans {
		if n := len(out); n > 0 && s.from-out[n-1].to <= gap {
			out[n-1].to = max(out[n-1].to, s.to)
		} else {
			out = append(out, s)
		}
	}
	return out
}

func total(spans []span) int64 {
	n := int64(0)
	for _, s := range spans {
		n += s.length()
	}
	return n
}

// inside gives the parts of places that lie in a file of some size, or none
// where they are too much of it for an index.
func inside(spans []span, size int64) []span {
	var out []span
	for _, s := range spans {
		if s.to = min(s.to, size); s.from < s.to {
			out = append(out, s)
		}
	}
	if total(out) > max(size/2, smallIndex) {
		return nil
	}
	return out
}
