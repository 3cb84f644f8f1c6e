package api

import (
	"fmt"
	"strings"

	"github.com/openmibi/openmibi/internal/store"
)

// An answer that holds a secret (a new API key, a link to set a password) is
// kept for repetitions as any other, but sealed: who reads the database or a
// copy of it has no use of it without the data folder's secrets, and who has
// those can make tokens anyway.

// sealedMedia begins the media type of an answer that is kept sealed.
const sealedMedia = "sealed:"

// secret says that the answer of the route holds a secret. Its handler calls
// it before [write].
func (c *Call) secret() { c.sealed = true }

// place is where an answer is kept: it opens nowhere else.
func place(k store.AnswerKey) string {
	return fmt.Sprintf("%d %q %q", k.AccountID, k.Route, k.Key)
}

// seal makes of an answer what is kept of it.
func (o *once) seal(media string, body []byte) (string, []byte) {
	if !o.call.sealed {
		return media, body
	}
	return sealedMedia + media, o.call.api.Sealer.Seal(body, place(o.key))
}

// unseal makes the answer of what was kept.
func (o *once) unseal(kept store.Answer) (store.Answer, error) {
	media, sealed := strings.CutPrefix(kept.ContentType, sealedMedia)
	if !sealed {
		return kept, nil
	}
	body, err := o.call.api.Sealer.Open(kept.Body, place(o.key))
	if err != nil {
		return kept, fmt.Errorf("open a kept answer: %w", err)
	}
	kept.ContentType, kept.Body = media, body
	return kept, nil
}
