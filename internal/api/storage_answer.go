package api

import (
	"encoding/base64"
	"encoding/hex"
	"net/http"
)

// storedAnswer is the answer of [http.ServeContent] in the contract's form: a
// refusal has the body of any other one, and what describes the file is said
// only with the file's bytes.
type storedAnswer struct {
	http.ResponseWriter
	size    int64
	refused bool
}

// WriteHeader begins the answer.
func (s *storedAnswer) WriteHeader(status int) {
	h := s.Header()
	if status != http.StatusOK && status != http.StatusPartialContent {
		h.Del("Repr-Digest")
	}
	switch status {
	case http.StatusRequestedRangeNotSatisfiable:
		s.refuse(newProblem(status, "The file has %d bytes.", s.size))
	case http.StatusPreconditionFailed:
		s.refuse(newProblem(status, "The file is another version than the one asked for."))
	default:
		s.ResponseWriter.WriteHeader(status)
	}
}

func (s *storedAnswer) refuse(p *problem) {
	s.refused = true
	s.Header().Del("Content-Disposition")
	p.write(s.ResponseWriter)
}

// Write sends bytes of the file.
func (s *storedAnswer) Write(p []byte) (int, error) {
	if s.refused {
		return len(p), nil
	}
	return s.ResponseWriter.Write(p)
}

// Unwrap lets [http.ResponseController] through.
func (s *storedAnswer) Unwrap() http.ResponseWriter { return s.ResponseWriter }

// reprDigest is a SHA-256 as RFC 9530 writes it; empty for what is none.
func reprDigest(sha256 string) string {
	sum, err := hex.DecodeString(sha256)
	if err != nil || len(sum) != 32 {
		return ""
	}
	return "sha-256=:" + base64.StdEncoding.EncodeToString(sum) + ":"
}
