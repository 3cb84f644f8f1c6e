package policy

import "testing"

func TestRules(t *testing.T) {
	t.Parallel()
	const (
		no  = "not found"
		see = "forbidden" // sees it, and may not do it
		yes = "allowed"
	)
	var (
		guest  = Account{}
		user   = Account{ID: 7}
		admin  = Account{ID: 1, Admin: true}
		member = func(r Role) Ownership { return Ownership{ProjectID: 3, CreatorID: 9, Role: r} }
		public = func(r Role) Ownership { return Ownership{ProjectID: 3, ProjectPublic: true, CreatorID: 9, Role: r} }
	)
	tests := []struct {
		name               string
		account            Account
		object             Ownership
		view, edit, manage string
	}{
		{"administrator, private project", admin, member(RoleNone), yes, yes, yes},
		{"administrator, public project", admin, public(RoleNone), yes, yes, yes},
		{"administrator who is a viewer", admin, member(RoleViewer), yes, yes, yes},
		{"administrator, no project", admin, Ownership{CreatorID: 9}, yes, yes, yes},
		{"administrator, no project, no creator", admin, Ownership{}, yes, yes, yes},
		{"administrator, vocabulary", admin, Vocabulary(9), yes, yes, yes},
		{"administrator, server", admin, Server(), yes, yes, yes},

		{"no member", user, member(RoleNone), no, no, no},
		{"viewer", user, member(RoleViewer), yes, see, see},
		{"editor", user, member(RoleEditor), yes, yes, see},
		{"manager", user, member(RoleManager), yes, yes, yes},
		{"a role that does not exist", user, member(RoleManager + 1), no, no, no},

		{"public, no member", user, public(RoleNone), yes, see, see},
		{"public, viewer", user, public(RoleViewer), yes, see, see},
		{"public, editor", user, public(RoleEditor), yes, yes, see},
		{"public, manager", user, public(RoleManager), yes, yes, yes},

		{"creator, no project", user, Ownership{CreatorID: 7}, yes, yes, yes},
		{"another's, no project", user, Ownership{CreatorID: 9}, no, no, no},
		{"nobody's, no project", user, Ownership{}, no, no, no},
		{"no project, public all the same", user, Ownership{ProjectPublic: true}, no, no, no},
		{"no project, a role all the same", user, Ownership{Role: RoleManager}, no, no, no},
		{"creator, in a project since", user, Ownership{ProjectID: 3, CreatorID: 7}, no, no, no},
		{"creator, in a project as viewer", user, Ownership{ProjectID: 3, CreatorID: 7, Role: RoleViewer}, yes, see, see},

		{"vocabulary, its creator", user, Vocabulary(7), yes, yes, yes},
		{"vocabulary, another's", user, Vocabulary(9), yes, see, see},
		{"vocabulary, the administrators'", user, Vocabulary(0), yes, see, see},
		{"server", user, Server(), yes, see, see},

		{"guest, private", guest, member(RoleNone), no, no, no},
		{"guest, public", guest, public(RoleNone), no, no, no},
		{"guest, with a role all the same", guest, public(RoleManager), no, no, no},
		{"guest, nobody's", guest, Ownership{}, no, no, no},
		{"guest, vocabulary", guest, Vocabulary(0), no, no, no},
		{"guest, server", guest, Server(), no, no, no},
		{"administrator without an id", Account{Admin: true}, Ownership{}, no, no, no},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			for _, ask := range []struct {
				what   string
				want   string
				action Action
				can    bool
			}{
				{"view", test.view, View, CanView(test.account, test.object)},
				{"edit", test.edit, Edit, CanEdit(test.account, test.object)},
				{"manage", test.manage, Manage, CanManage(test.account, test.object)},
			} {
				if got := Decide(ask.action, test.account, test.object).String(); got != ask.want {
					t.Errorf("%s: %s, want %s", ask.what, got, ask.want)
				}
				if ask.can != (ask.want == yes) {
					t.Errorf("%s: Can... says %v, want %s", ask.what, ask.can, ask.want)
				}
			}
		})
	}
}

func TestDecisions(t *testing.T) {
	t.Parallel()
	var zero Decision
	if zero == Allowed {
		t.Error("the zero decision allows")
	}
	for d, want := range map[Decision]string{NotFound: "not found", Forbidden: "forbidden", Allowed: "allowed", Allowed + 1: "unknown"} {
		if d.String() != want {
			t.Errorf("%d is %q", d, d.String())
		}
	}
	if got := Decide(actions, Account{ID: 1, Admin: true}, Ownership{}); got != NotFound {
		t.Errorf("an action that does not exist: %v", got)
	}
}

func TestCanJoin(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name       string
		set, owner int64
		shared     bool
		want       bool
	}{
		{"a set of one's own", 0, 0, false, true},
		{"a set of one's own, of a project", 0, 4, false, true},
		{"of the set's project", 3, 3, false, true},
		{"of another project", 3, 4, false, false},
		{"of another project that shares", 3, 4, true, true},
		{"of none", 3, 0, false, false},
		{"of none, shared all the same", 3, 0, true, false},
	} {
		if got := CanJoin(test.set, test.owner, test.shared); got != test.want {
			t.Errorf("%s: %v", test.name, got)
		}
	}
}

func TestRoleNames(t *testing.T) {
	t.Parallel()
	for r := RoleNone; r <= RoleManager; r++ {
		if got, ok := ParseRole(r.String()); !ok || got != r {
			t.Errorf("ParseRole(%q) = %v, %v", r.String(), got, ok)
		}
	}
	for _, name := range []string{"", "Viewer", "owner", "unknown"} {
		if got, ok := ParseRole(name); ok || got != RoleNone {
			t.Errorf("ParseRole(%q) = %v, %v", name, got, ok)
		}
	}
}
