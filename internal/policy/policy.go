// Package policy says who may do what. It is pure: it is told the facts (an
// account, an object's ownership) and knows neither where they come from nor
// how an answer is sent.
//
// The rules, which the table in table.go spells out:
//   - An administrator may do everything.
//   - A member of a project may see what is in it; its editors may change it
//     as well; its managers may also manage the project itself.
//   - Every account may see what is in a public project, but not who is in the
//     project.
//   - What is in no project is its creator's and the administrators' alone.
//   - The lab's vocabulary is seen by every account, and changed by who made
//     the word and by administrators.
package policy

// Account is who asks. The zero value is nobody: it may do nothing.
type Account struct {
	// ID is the account's id in the database; ids start at 1.
	ID int64
	// Admin is whether the account is an administrator.
	Admin bool
}

// Role is what an account is in a project. A greater one includes the smaller.
type Role uint8

// The roles.
const (
	// RoleNone is no member.
	RoleNone Role = iota
	// RoleViewer sees.
	RoleViewer
	// RoleEditor sees and changes.
	RoleEditor
	// RoleManager sees, changes, and manages the project and its members.
	RoleManager
)

// String returns the role's name as the API spells it.
func (r Role) String() string {
	switch r {
	case RoleNone:
		return "none"
	case RoleViewer:
		return "viewer"
	case RoleEditor:
		return "editor"
	case RoleManager:
		return "manager"
	default:
		return "unknown"
	}
}

// ParseRole returns the role of that name, and whether there is one.
func ParseRole(name string) (Role, bool) {
	for r := RoleNone; r <= RoleManager; r++ {
		if r.String() == name {
			return r, true
		}
	}
	return RoleNone, false
}

// Ownership is whose an object is, as seen by one account.
type Ownership struct {
	// ProjectID is the project that the object is in, or 0 for none.
	ProjectID int64
	// ProjectPublic is whether every account may see that project.
	ProjectPublic bool
	// CreatorID is the account that made the object, or 0 where that is not
	// known. It counts only for what is in no project.
	CreatorID int64
	// Role is what the asking account is in that project.
	Role Role
	// Common is whether it is a word of the lab's vocabulary (a tissue, an
	// instrument, an aperture), or the server itself: every account sees it.
	Common bool
}

// Vocabulary is whose a word of the lab's vocabulary is. creatorID 0 is for
// what administrators alone make.
func Vocabulary(creatorID int64) Ownership { return Ownership{CreatorID: creatorID, Common: true} }

// Server is whose the server is: the administrators'. Who may edit it may call
// the routes that are theirs, and make keys that can do the same.
func Server() Ownership { return Ownership{Common: true} }

// CanView reports whether the account may see the object.
func CanView(a Account, o Ownership) bool { return Decide(View, a, o) == Allowed }

// CanEdit reports whether the account may change or delete the object, or add to it.
func CanEdit(a Account, o Ownership) bool { return Decide(Edit, a, o) == Allowed }

// CanManage reports whether the account may decide over the object's project:
// its name, its members, whether it is public. What is in no project has its
// creator as manager.
func CanManage(a Account, o Ownership) bool { return Decide(Manage, a, o) == Allowed }

// CanJoin reports whether an image may be put into a set, by an account that
// sees the image. set is the set's project, or 0: then the set is its
// creator's, who may put in it whatever it sees. owner is the image's project,
// or 0; shared is whether the account sees that project, and the project lets
// its images be in sets of others.
func CanJoin(set, owner int64, shared bool) bool {
	return set == 0 || owner == set || owner != 0 && shared
}
