//go:build !amd64 || purego

package inflate

func (s *adler32) write(p []byte) { s.writeWords(p) }
