package faulty

import (
	"fmt"
	"net/http"
	"time"
)

// Kind says what goes wrong with a request.
type Kind string

// The kinds of fault. "Lost" means that the backend did what it was asked to,
// and the client is not told so: the dangerous ones.
const (
	// None lets the request and its answer pass.
	None Kind = ""
	// Refused answers with Fault.Status before the backend hears of it.
	Refused Kind = "refused"
	// RefusedLost answers with Fault.Status after the backend has acted.
	RefusedLost Kind = "refused, lost"
	// ResetFirst resets the connection before the backend hears of the request.
	ResetFirst Kind = "reset first"
	// ResetRequest resets the connection within the request's body; the backend
	// gets as much of it.
	ResetRequest Kind = "reset in the request"
	// ResetHeader resets the connection within the header of the answer.
	ResetHeader Kind = "reset in the header, lost"
	// ResetBody resets the connection within the body of the answer.
	ResetBody Kind = "reset in the body, lost"
	// Unauthorized answers 401 to one request.
	Unauthorized Kind = "unauthorized"
	// TokenEnds answers 401 to this and every further request with its token,
	// and refuses to refresh it, until a login gives it out again.
	TokenEnds Kind = "token ends"
	// LinkEnds answers 403, as a storage in XML, to this and every further
	// request of a signed link, until the API gives it out again.
	LinkEnds Kind = "link ends"
	// LinkEndsHalfway resets the connection within the body, and ends the link.
	LinkEndsHalfway Kind = "link ends halfway"
	// StallFirst is silent from the first byte on; the backend hears nothing.
	StallFirst Kind = "stall first"
	// StallRequest stops to read within the request's body, and is silent.
	StallRequest Kind = "stall in the request"
	// StallAnswer is silent after the backend has acted.
	StallAnswer Kind = "stall before the answer, lost"
	// StallBody falls silent within the body of the answer.
	StallBody Kind = "stall in the body, lost"
	// Truncated closes the connection cleanly within the body of the answer.
	Truncated Kind = "truncated, lost"
	// TooLong claims a Content-Length that is too large, and closes after the body.
	TooLong Kind = "Content-Length too large, lost"
	// TooShort claims a Content-Length that is too small, and sends all of it.
	TooShort Kind = "Content-Length too small, lost"
	// SlowFirst waits Fault.Delay before the first byte: nothing is wrong.
	SlowFirst Kind = "slow first byte"
	// SlowDrip waits Fault.Delay between the parts of the answer: nothing is wrong.
	SlowDrip Kind = "slow drip"
)

// Kinds are all kinds but None.
func Kinds() []Kind {
	return []Kind{
		Refused, RefusedLost, ResetFirst, ResetRequest, ResetHeader, ResetBody, Unauthorized, TokenEnds, LinkEnds,
		LinkEndsHalfway, StallFirst, StallRequest, StallAnswer, StallBody, Truncated, TooLong, TooShort, SlowFirst, SlowDrip,
	}
}

// Harmless says that a client has to get its answer in spite of the fault,
// without a second attempt.
func (k Kind) Harmless() bool { return k == None || k == SlowFirst || k == SlowDrip }

// fits says whether a fault can befall a request.
func (k Kind) fits(r Request) bool {
	switch k {
	case ResetRequest, StallRequest:
		return r.Size != 0
	case Unauthorized, TokenEnds:
		return r.Authorized
	case LinkEnds, LinkEndsHalfway:
		return r.Signed
	}
	return true
}

// Fault is what goes wrong with one request. Fields that its kind does not
// need are zero.
type Fault struct {
	Kind Kind
	// At is the place within a body, as a share of its length from 0 to 1.
	At float64
	// Status is that of Refused and RefusedLost.
	Status int
	// RetryAfter is the header's value; empty for none.
	RetryAfter string
	// Page gives a refusal a body of HTML, as proxies make it; else it is empty.
	Page bool
	// Storm is how many further requests of the class are refused alike.
	Storm int
	// Delay is that of SlowFirst and SlowDrip.
	Delay time.Duration
}

// String is the fault in a few words, for logs.
func (f Fault) String() string {
	switch f.Kind {
	case None:
		return "-"
	case Refused, RefusedLost:
		s := fmt.Sprintf("%s with %d", f.Kind, f.Status)
		if f.RetryAfter != "" {
			s += ", Retry-After " + f.RetryAfter
		}
		if f.Storm > 0 {
			s += fmt.Sprintf(", and %d more", f.Storm)
		}
		return s
	case SlowFirst, SlowDrip:
		return fmt.Sprintf("%s, %v", f.Kind, f.Delay)
	case ResetRequest, ResetBody, LinkEndsHalfway, StallRequest, StallBody, Truncated, TooLong, TooShort:
		return fmt.Sprintf("%s at %.2f", f.Kind, f.At)
	}
	return string(f.Kind)
}

// Request is what a plan decides by.
type Request struct {
	// Class is the method and the route without what differs between objects:
	// "GET /images/#/", or "PUT signed".
	Class string
	// N is how many requests of the class came before.
	N int
	// Authorized says that it carries credentials.
	Authorized bool
	// Signed says that it goes to a signed link.
	Signed bool
	// Size is the body's length in bytes; -1 where it is not known.
	Size int64
}

func (p *Proxy) classify(r *http.Request) Request {
	out := Request{
		Authorized: r.Header.Get("Authorization") != "",
		Signed:     r.URL.Query().Has(p.cfg.Grant),
		Size:       r.ContentLength,
	}
	switch {
	case out.Signed:
		out.Class = r.Method + " signed"
	default:
		out.Class = r.Method + " " + withoutNumbers(r.URL.Path)
	}
	return out
}

func withoutNumbers(path string) string {
	out := make([]byte, 0, len(path))
	for i := range len(path) {
		switch digit := path[i] >= '0' && path[i] <= '9'; {
		case !digit:
			out = append(out, path[i])
		case len(out) == 0 || out[len(out)-1] != '#':
			out = append(out, '#')
		}
	}
	return string(out)
}
