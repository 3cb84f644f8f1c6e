package policy

import "testing"

// may is the rules once more, as sentences rather than as a table.
func may(action Action, a Account, o Ownership) Decision {
	if a.ID < 1 {
		return NotFound
	}
	if a.Admin {
		if action == Leave {
			return Forbidden // it manages the project instead
		}
		return Allowed
	}
	inProject := o.ProjectID != 0
	isMember := inProject && (o.Role == RoleViewer || o.Role == RoleEditor || o.Role == RoleManager)
	made := !inProject && o.CreatorID == a.ID
	if !isMember && !made && !o.Common && (!inProject || !o.ProjectPublic) {
		return NotFound
	}
	var can bool
	switch action {
	case View:
		can = true
	case Edit:
		can = made || isMember && o.Role != RoleViewer
	case Manage:
		can = made || isMember && o.Role == RoleManager
	case KnowMembers:
		can = made || isMember
	case Leave:
		can = isMember
	case Orphan:
		can = false
	}
	if can {
		return Allowed
	}
	return Forbidden
}

// Every action of every account on every object there is, against the rules in
// other words; and who may do more may do less.
func TestEveryCombination(t *testing.T) {
	t.Parallel()
	n, seen := 0, map[Relation]map[Decision]bool{}
	for _, account := range []Account{{}, {Admin: true}, {ID: -1}, {ID: -7, Admin: true}, {ID: 7}, {ID: 7, Admin: true}} {
		for _, project := range []int64{0, 3} {
			for _, creator := range []int64{-1, 0, 7, 9} {
				for role := RoleNone; role <= RoleManager+1; role++ {
					for bits := range 4 {
						o := Ownership{ProjectID: project, ProjectPublic: bits&1 != 0, Common: bits&2 != 0, CreatorID: creator, Role: role}
						for action := range Action(actions) {
							got := Decide(action, account, o)
							if want := may(action, account, o); got != want {
								t.Errorf("%d of %+v by %+v: %v, want %v", action, o, account, got, want)
							}
							r := RelationOf(account, o)
							if seen[r] == nil {
								seen[r] = map[Decision]bool{}
							}
							seen[r][got] = true
							n++
						}
						view, edit, manage := CanView(account, o), CanEdit(account, o), CanManage(account, o)
						if manage && !edit || edit && !view {
							t.Errorf("%+v, %+v: view %v, edit %v, manage %v", account, o, view, edit, manage)
						}
					}
				}
			}
		}
	}
	if len(seen) != relations {
		t.Errorf("%d relations of %d were met", len(seen), relations)
	}
	for r, decisions := range seen {
		// Who may not know that it is there is never told that it may not.
		if decisions[NotFound] && len(decisions) > 1 {
			t.Errorf("relation %d: %v", r, decisions)
		}
	}
	t.Logf("%d combinations", n)
}
