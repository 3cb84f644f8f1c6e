package policy

// Action is what an account wants to do with an object.
type Action uint8

// The actions.
const (
	// View reads the object, finds it in lists, and names it in others.
	View Action = iota
	// Edit changes or deletes the object, and adds to it. It also lets know who
	// has changed it.
	Edit
	// Manage decides over a project: its name, its members, whether it is public.
	Manage
	// KnowMembers reads who is in the object's project.
	KnowMembers
	// Leave gives up one's own membership of a project.
	Leave
	// Orphan takes a project's last manager away: only who can name another
	// one at any time.
	Orphan

	actions = iota
)

// Relation is what an account is to an object. An account has just one: the
// strongest.
type Relation uint8

// The relations.
const (
	// Nobody has no account.
	Nobody Relation = iota
	// Stranger has nothing to do with it.
	Stranger
	// Reader may read what everybody may: it is in a public project, or is the
	// lab's common vocabulary.
	Reader
	// Viewer, Editor and Manager are the roles of members.
	Viewer
	// Editor is a member who changes things.
	Editor
	// Manager is a member who decides over the project.
	Manager
	// Creator has made what is in no project.
	Creator
	// Administrator is one, whatever else it is.
	Administrator

	relations = iota
)

// table is who may do what: all the rules there are about objects.
var table = [actions][relations]Decision{
	//            Nobody    Stranger  Reader     Viewer     Editor     Manager  Creator  Administrator
	View:        {NotFound, NotFound, Allowed, Allowed, Allowed, Allowed, Allowed, Allowed},
	Edit:        {NotFound, NotFound, Forbidden, Forbidden, Allowed, Allowed, Allowed, Allowed},
	Manage:      {NotFound, NotFound, Forbidden, Forbidden, Forbidden, Allowed, Allowed, Allowed},
	KnowMembers: {NotFound, NotFound, Forbidden, Allowed, Allowed, Allowed, Allowed, Allowed},
	Leave:       {NotFound, NotFound, Forbidden, Allowed, Allowed, Allowed, Forbidden, Forbidden},
	Orphan:      {NotFound, NotFound, Forbidden, Forbidden, Forbidden, Forbidden, Forbidden, Allowed},
}

// Decide answers whether the account may do something with an object.
func Decide(action Action, a Account, o Ownership) Decision {
	if int(action) >= actions {
		return NotFound
	}
	return table[action][RelationOf(a, o)]
}

// RelationOf returns what the account is to an object.
func RelationOf(a Account, o Ownership) Relation {
	member := Stranger
	switch o.Role {
	case RoleViewer:
		member = Viewer
	case RoleEditor:
		member = Editor
	case RoleManager:
		member = Manager
	}
	switch {
	case a.ID <= 0:
		return Nobody
	case a.Admin:
		return Administrator
	case o.ProjectID == 0 && o.CreatorID == a.ID:
		return Creator
	case o.ProjectID != 0 && member != Stranger:
		return member
	case o.Common, o.ProjectID != 0 && o.ProjectPublic:
		return Reader
	}
	return Stranger
}
