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

		{"guest, private", guest, member(RoleNone), no, no, no},
		{"guest, public", guest, public(RoleNone), no, no, no},
		{"guest, with a role all the same", guest, public(RoleManager), no, no, no},
		{"guest, nobody's", guest, Ownership{}, no, no, no},
		{"administrator without an id", Account{Admin: true}, Ownership{}, no, no, no},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			for _, ask := range []struct {
				what     string
				want     string
				decision Decision
				can      bool
			}{
				{"view", test.view, decide(CanView(test.account, test.object), true), CanView(test.account, test.object)},
				{"edit", test.edit, Edit(test.account, test.object), CanEdit(test.account, test.object)},
				{"manage", test.manage, Manage(test.account, test.object), CanManage(test.account, test.object)},
			} {
				if got := ask.decision.String(); got != ask.want {
					t.Errorf("%s: %s, want %s", ask.what, got, ask.want)
				}
				if ask.can != (ask.want == yes) {
					t.Errorf("%s: Can... says %v, want %s", ask.what, ask.can, ask.want)
				}
			}
		})
	}
}

// Who may do more may do less: checked on every account and object there is.
func TestRightsInclude(t *testing.T) {
	t.Parallel()
	for _, account := range []Account{{}, {ID: 7}, {ID: 7, Admin: true}} {
		for _, project := range []int64{0, 3} {
			for _, public := range []bool{false, true} {
				for _, creator := range []int64{0, 7, 9} {
					for role := RoleNone; role <= RoleManager+1; role++ {
						o := Ownership{ProjectID: project, ProjectPublic: public, CreatorID: creator, Role: role}
						view, edit, manage := CanView(account, o), CanEdit(account, o), CanManage(account, o)
						if manage && !edit || edit && !view {
							t.Errorf("%+v, %+v: view %v, edit %v, manage %v", account, o, view, edit, manage)
						}
					}
				}
			}
		}
	}
}

func TestDecide(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		view, may bool
		want      Decision
	}{
		{false, false, NotFound}, {false, true, NotFound}, {true, false, Forbidden}, {true, true, Allowed},
	} {
		if got := decide(test.view, test.may); got != test.want {
			t.Errorf("decide(%v, %v) = %v, want %v", test.view, test.may, got, test.want)
		}
	}
	var zero Decision
	if zero == Allowed {
		t.Error("the zero decision allows")
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
