package policy

// Decision is the answer to an account that wants to do something.
type Decision uint8

// The decisions. The zero value refuses.
const (
	// NotFound refuses as if the object did not exist, since the account may
	// not know that it does (HTTP 404).
	NotFound Decision = iota
	// Forbidden refuses openly: the account sees the object anyway (HTTP 403).
	Forbidden
	// Allowed lets it happen.
	Allowed
)

// String names the decision for logs.
func (d Decision) String() string {
	switch d {
	case NotFound:
		return "not found"
	case Forbidden:
		return "forbidden"
	case Allowed:
		return "allowed"
	default:
		return "unknown"
	}
}
