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

// decide returns the decision for something that needs more than seeing: may
// says whether the account may do it, and view whether it may see the object
// at all. Who may not see it is told that it is not there, whatever may says.
func decide(view, may bool) Decision {
	switch {
	case !view:
		return NotFound
	case !may:
		return Forbidden
	default:
		return Allowed
	}
}

// Edit is the decision for changing the object.
func Edit(a Account, o Ownership) Decision { return decide(CanView(a, o), CanEdit(a, o)) }

// Manage is the decision for changing the project itself, and its members.
func Manage(a Account, o Ownership) Decision { return decide(CanView(a, o), CanManage(a, o)) }
