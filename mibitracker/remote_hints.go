package mibitracker

import (
	"bytes"
	"compress/flate"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strings"
)

const (
	// preferIndex asks a server for a TIFF's index together with the signed
	// URL, in the header Prefer (RFC 7240). One that does not know it passes
	// over it.
	preferIndex = "tiff-index"
	// maxHintText, maxHints and maxHinted are how many bytes of JSON, how many
	// pieces and how many bytes of a file are believed to be its index.
	maxHintText = 1 << 20
	maxHints    = 4096
	maxHinted   = 8 << 20
	// maxInflation is the most that deflate can make of a byte.
	maxInflation = 1032
	// maxSize is a size that no storage can say of a file (see
	// parseContentRange), and sums of places below it do not overflow.
	maxSize = 1 << 62
)

// hint is what a server says of a file before anything of it was read: which
// version it is, and pieces of it, with their bytes.
type hint struct {
	seen   version
	pieces []piece
}

// signIndexed gives a signed URL of a file and, where the server has it, its
// index.
func (s *FilesService) signIndexed(ctx context.Context, path string) (string, *hint, error) {
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
	return answer.URL, parseHint(answer.Index), nil
}

// parseHint reads what a server says of a file. It saves requests and is
// nothing to rely on: what makes no sense is nil. Only with a strong ETag can
// it be told whether the storage has the same version.
func parseHint(text []byte) *hint {
	var said struct {
		ETag    string     `json:"etag"`
		Size    int64      `json:"size"`
		Spans   [][2]int64 `json:"spans"`
		Deflate []byte     `json:"deflate"`
	}
	if len(text) == 0 || len(text) > maxHintText || json.Unmarshal(text, &said) != nil ||
		said.Size >= maxSize || len(said.Spans) == 0 || len(said.Spans) > maxHints || len(said.ETag) < 3 || !strings.HasPrefix(said.ETag, `"`) {
		return nil
	}
	total := int64(0)
	for _, s := range said.Spans {
		if s[0] < 0 || s[1] <= 0 || s[0] > said.Size || s[1] > said.Size-s[0] {
			return nil
		}
		if total += s[1]; total > min(maxHinted, said.Size, maxInflation*int64(len(said.Deflate))) {
			return nil
		}
	}
	data := make([]byte, total)
	inflated := flate.NewReader(bytes.NewReader(said.Deflate))
	if _, err := io.ReadFull(inflated, data); err != nil {
		return nil
	}
	if n, err := inflated.Read(make([]byte, 1)); n != 0 || err != io.EOF {
		return nil
	}
	h := &hint{seen: version{ETag: said.ETag, Validator: said.ETag, Size: said.Size}}
	for _, s := range said.Spans {
		h.pieces = append(h.pieces, piece{offset: s[0], data: data[:s[1]:s[1]]})
		data = data[s[1]:]
	}
	return h
}
