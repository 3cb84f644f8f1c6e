//go:build !amd64 || purego

package adler

// Write adds p.
func (s *Sum) Write(p []byte) { s.writeWords(p) }
