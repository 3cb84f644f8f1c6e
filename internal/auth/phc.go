package auth

import (
	"encoding/base64"
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/crypto/argon2"
)

const sumLen = 32 // bytes of a new password hash

// Bounds on what a stored hash may ask for, so that a broken or planted one
// cannot take all memory.
const (
	maxMemory  = 1 << 20 // KiB
	maxTime    = 64
	maxThreads = 64
	maxEncoded = 512 // bytes
)

// params is the cost of an argon2id hash; memory is in KiB.
type params struct {
	memory, time uint32
	threads      uint8
}

// phc is a password hash in the PHC string format.
type phc struct {
	params
	salt, sum []byte
}

func (h phc) String() string {
	b64 := base64.RawStdEncoding
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s",
		argon2.Version, h.memory, h.time, h.threads, b64.EncodeToString(h.salt), b64.EncodeToString(h.sum))
}

// parsePHC reads what String writes, and argon2id hashes of other programs in
// the same form. Its errors wrap ErrHash and never carry the hash.
func parsePHC(encoded string) (phc, error) {
	if len(encoded) > maxEncoded {
		return phc{}, fmt.Errorf("%w (longer than %d bytes)", ErrHash, maxEncoded)
	}
	parts := strings.Split(encoded, "$")
	if len(parts) != 6 || parts[0] != "" {
		return phc{}, fmt.Errorf("%w (not in PHC form)", ErrHash)
	}
	if parts[1] != "argon2id" {
		return phc{}, fmt.Errorf("%w (made with %.16q, not argon2id)", ErrHash, parts[1])
	}
	if parts[2] != "v="+strconv.Itoa(argon2.Version) {
		return phc{}, fmt.Errorf("%w (another version of argon2)", ErrHash)
	}
	var h phc
	var err error
	if h.params, err = parseParams(parts[3]); err != nil {
		return phc{}, err
	}
	b64 := base64.RawStdEncoding.Strict()
	if h.salt, err = b64.DecodeString(parts[4]); err != nil || len(h.salt) < 8 {
		return phc{}, fmt.Errorf("%w (its salt)", ErrHash)
	}
	if h.sum, err = b64.DecodeString(parts[5]); err != nil || len(h.sum) < 16 {
		return phc{}, fmt.Errorf("%w (its sum)", ErrHash)
	}
	return h, nil
}

// parseParams reads "m=19456,t=2,p=1".
func parseParams(s string) (params, error) {
	fields := strings.Split(s, ",")
	limits := []struct {
		name string
		max  uint64
	}{{"m", maxMemory}, {"t", maxTime}, {"p", maxThreads}}
	if len(fields) != len(limits) {
		return params{}, fmt.Errorf("%w (its cost)", ErrHash)
	}
	var values [3]uint32
	for i, limit := range limits {
		text, found := strings.CutPrefix(fields[i], limit.name+"=")
		n, err := strconv.ParseUint(text, 10, 32)
		if !found || err != nil || n < 1 || n > limit.max {
			return params{}, fmt.Errorf("%w (its cost)", ErrHash)
		}
		values[i] = uint32(n)
	}
	return params{memory: values[0], time: values[1], threads: uint8(values[2])}, nil
}
