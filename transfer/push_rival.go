package transfer

import (
	"fmt"
	"strings"
	"time"

	"github.com/openmibi/openmibi/mibitracker"
)

// rivalTime is how long somebody else's file is served before one that was
// pushed counts as replaced by it: the server may still have ours to process,
// and does not say so.
const rivalTime = 2 * time.Minute

// rival is somebody else's file that is served where one that was pushed should
// be. The zero value is none.
type rival struct {
	sha256 string
	since  time.Time // when it was first seen
}

// replaced looks at an image that does not serve ours yet. It is an error that
// wraps ErrReplaced once the image has long served what is neither ours nor what
// it had before: what it had stays served until ours is processed.
func (r *rival) replaced(image *mibitracker.Image, before, ours string) error {
	sum := tiffSHA256(image)
	switch {
	case !image.Available(), sum == "", sum == before, strings.EqualFold(sum, ours):
		*r = rival{}
	case sum != r.sha256:
		*r = rival{sha256: sum, since: time.Now()}
	case time.Since(r.since) >= rivalTime:
		return replacedBy(sum)
	}
	return nil
}

// replacedBy is the error for a file in whose place another one is served.
func replacedBy(sha256 string) error {
	return fmt.Errorf("%w: the server has one with the SHA-256 %s, and keeps it", ErrReplaced, sha256)
}
