package mibitracker

import (
	"bytes"
	"crypto/md5" //nolint:gosec // Google's storage names it; it is no defence against anybody
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"hash"
	"hash/crc32"
	"net/http"
	"strings"
)

// digest is what a storage says a whole content's hash is.
type digest struct {
	name string
	make func() hash.Hash
	sum  []byte
}

const nameSHA256 = "SHA-256"

// digestOf reads the digest that can be trusted to be of the whole content:
// Repr-Digest (RFC 9530), else an ETag that is a SHA-256 (contract: "Uploading
// a MIBItiff"), else Google's. An S3 ETag is none: its form says no more than
// that it is often an MD5. Without one, the digest's sum is nil.
func digestOf(h http.Header) digest {
	if versionOf(h, 0).Encoding != "" {
		return digest{} // it may be of the other form
	}
	if sum := member(h.Values("Repr-Digest"), "sha-256=:", ":", sha256.Size); sum != nil {
		return digest{nameSHA256, sha256.New, sum}
	}
	if tag := h.Get("ETag"); len(tag) == 2*sha256.Size+2 && tag[0] == '"' && tag[len(tag)-1] == '"' {
		if sum, err := hex.DecodeString(tag[1 : len(tag)-1]); err == nil {
			return digest{nameSHA256, sha256.New, sum}
		}
	}
	if stored := h.Get("X-Goog-Stored-Content-Encoding"); stored != "" && stored != "identity" {
		return digest{}
	}
	if sum := member(h.Values("X-Goog-Hash"), "md5=", "", md5.Size); sum != nil {
		return digest{"MD5", md5.New, sum}
	}
	if sum := member(h.Values("X-Goog-Hash"), "crc32c=", "", crc32.Size); sum != nil {
		return digest{"CRC32C", func() hash.Hash { return crc32.New(crc32.MakeTable(crc32.Castagnoli)) }, sum}
	}
	return digest{}
}

// member finds one value in a header's list, in base64.
func member(lines []string, before, after string, size int) []byte {
	for _, line := range lines {
		for one := range strings.SplitSeq(line, ",") {
			value, ok := strings.CutPrefix(strings.TrimSpace(one), before)
			value, closed := strings.CutSuffix(value, after)
			if sum, err := base64.StdEncoding.DecodeString(value); ok && closed && err == nil && len(sum) == size {
				return sum
			}
		}
	}
	return nil
}

// verify is ErrCorrupt where a content's hash is not the one that its storage
// says.
func (d digest) verify(h hash.Hash) error {
	if got := h.Sum(nil); !bytes.Equal(got, d.sum) {
		return fmt.Errorf("%w: its %s is %x, and should be %x", ErrCorrupt, d.name, got, d.sum)
	}
	return nil
}
