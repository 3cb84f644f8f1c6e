package policy

import "testing"

func TestEditVocabulary(t *testing.T) {
	t.Parallel()
	user, admin := Account{ID: 7}, Account{ID: 1, Admin: true}
	for _, test := range []struct {
		name    string
		account Account
		creator int64
		want    Decision
	}{
		{"its creator", user, 7, Allowed},
		{"another's", user, 9, Forbidden},
		{"the administrators'", user, 0, Forbidden},
		{"administrator, another's", admin, 9, Allowed},
		{"administrator, the administrators'", admin, 0, Allowed},
		{"guest", Account{}, 0, NotFound},
		{"guest, another's", Account{}, 9, NotFound},
		{"administrator without an id", Account{Admin: true}, 9, NotFound},
	} {
		if got := EditVocabulary(test.account, test.creator); got != test.want {
			t.Errorf("%s: %v, want %v", test.name, got, test.want)
		}
	}
}
