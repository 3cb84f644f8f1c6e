// Package policy says who may do what. It is pure: it is told the facts (an
// account, an object's ownership) and knows neither where they come from nor
// how an answer is sent.
//
// The rules:
//   - An administrator may do everything.
//   - A member of a project may see what is in it; its editors may change it
//     as well; its managers may also manage the project itself.
//   - Every account may see what is in a public project.
//   - What is in no project is its creator's and the administrators' alone.
package policy

// Account is who asks. The zero value is nobody: it may do nothing.
type Account struct {
	// ID is the account's id in the database; ids start at 1.
	ID int64
	// Admin is whether the account is an administrator.
	Admin bool
}

// known reports whether there is an account at all.
func (a Account) known() bool { return a.ID > 0 }

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
}

// CanView reports whether the account may see the object.
func CanView(a Account, o Ownership) bool {
	return allowed(a, o, RoleViewer) || a.known() && o.ProjectID != 0 && o.ProjectPublic
}

// CanEdit reports whether the account may change or delete the object, or add to it.
func CanEdit(a Account, o Ownership) bool { return allowed(a, o, RoleEditor) }

// CanManage reports whether the account may decide over the object's project:
// its name, its members, whether it is public. What is in no project has its
// creator as manager.
func CanManage(a Account, o Ownership) bool { return allowed(a, o, RoleManager) }

// allowed is the rules without public projects.
func allowed(a Account, o Ownership, least Role) bool {
	switch {
	case !a.known():
		return false
	case a.Admin:
		return true
	case o.ProjectID == 0:
		return o.CreatorID == a.ID
	default:
		return o.Role >= least && o.Role <= RoleManager
	}
}
