package server

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/openmibi/openmibi/internal/auth"
	"github.com/openmibi/openmibi/internal/model"
	"github.com/openmibi/openmibi/internal/store"
)

const keyOwner = "ann@example.org"

// people is a data folder with an account that has a password, and one that
// was invited.
func people(t *testing.T) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "data")
	if _, err := AddUser(t.Context(), dir, keyOwner, "a good password", true); err != nil {
		t.Fatal(err)
	}
	if link, err := Invite(t.Context(), dir, "bob@example.org", false, ""); err != nil || !link.New || !link.User.Invited {
		t.Fatalf("%+v, %v", link, err)
	}
	return dir
}

func TestKeysThatCannotBe(t *testing.T) {
	t.Parallel()
	dir := people(t)
	in := func(d time.Duration) *time.Time { t := time.Now().Add(d); return &t }
	const year = 365 * 24 * time.Hour
	for name, test := range map[string]struct {
		key  NewKey
		want error
	}{
		"good":                      {NewKey{"n", keyOwner, "read", nil}, nil},
		"in any case":               {NewKey{"n", "Ann@Example.ORG", "admin", in(time.Hour)}, nil},
		"of who has no password":    {NewKey{"n", "bob@example.org", "write", in(5 * year)}, nil},
		"a long name":               {NewKey{strings.Repeat("é", 255), keyOwner, "upload", nil}, nil},
		"no name":                   {NewKey{"", keyOwner, "read", nil}, ErrInput},
		"a name of spaces":          {NewKey{" \t", keyOwner, "read", nil}, ErrInput},
		"a name with controls":      {NewKey{"a\x1b[31m", keyOwner, "read", nil}, ErrInput},
		"a name that is no text":    {NewKey{"a\xff", keyOwner, "read", nil}, ErrInput},
		"too long a name":           {NewKey{strings.Repeat("é", 256), keyOwner, "read", nil}, ErrInput},
		"no scope":                  {NewKey{"n", keyOwner, "", nil}, ErrInput},
		"another scope":             {NewKey{"n", keyOwner, "Read", nil}, ErrInput},
		"over":                      {NewKey{"n", keyOwner, "read", in(-time.Second)}, ErrInput},
		"too long":                  {NewKey{"n", keyOwner, "read", in(6 * year)}, ErrInput},
		"no address":                {NewKey{"n", "ann", "read", nil}, ErrInput},
		"nobody's":                  {NewKey{"n", "carl@example.org", "read", nil}, ErrNoUser},
		"an administrator's of bob": {NewKey{"n", "bob@example.org", "admin", nil}, ErrUserState},
	} {
		key, text, err := CreateKey(t.Context(), dir, test.key)
		if !errors.Is(err, test.want) || (err == nil) != (text != "") {
			t.Errorf("%s: %+v, %v, want %v", name, key, err, test.want)
		}
		if err == nil {
			if id, _, err := auth.ParseKey(text); err != nil || id != key.ID {
				t.Errorf("%s: the text is of key %d, %v, want %d", name, id, err, key.ID)
			}
		}
	}
	if keys, err := Keys(t.Context(), dir, "BOB@example.org"); err != nil || len(keys) != 1 || keys[0].Scope != "write" {
		t.Errorf("%+v, %v", keys, err)
	}
	if _, _, err := RevokeKey(t.Context(), dir, 1000); !errors.Is(err, ErrNoKey) {
		t.Errorf("revoke: %v", err)
	}
}

// Keys do not pile up: who revokes one makes room for another.
func TestTooManyKeys(t *testing.T) {
	t.Parallel()
	dir := people(t)
	err := withDatabase(t.Context(), dir, func(db *store.Store) error {
		return db.WriteAs(t.Context(), commandLine(), func(tx *store.Tx) error {
			a, err := tx.AccountByEmail(t.Context(), keyOwner)
			for i := range maxKeys {
				if err == nil {
					_, hash := auth.NewSecret()
					_, err = tx.AddKey(t.Context(), model.APIKey{
						AccountID: a.ID, Name: fmt.Sprint(i), Scope: model.ScopeRead, SecretSHA256: hash, CreatedAt: time.Now(),
					})
				}
			}
			return err
		})
	})
	if err != nil {
		t.Fatal(err)
	}
	one := NewKey{Name: "one more", Email: keyOwner, Scope: "read"}
	if _, _, err := CreateKey(t.Context(), dir, one); !errors.Is(err, ErrUserState) {
		t.Errorf("one more than %d: %v", maxKeys, err)
	}
	if _, changed, err := RevokeKey(t.Context(), dir, 7); err != nil || !changed {
		t.Fatalf("%v, %v", changed, err)
	}
	if _, _, err := CreateKey(t.Context(), dir, one); err != nil {
		t.Errorf("in the place of one that was revoked: %v", err)
	}
}

// A link, a key and a password are secrets: what is kept in the folder are
// their hashes. What was done is in the audit record, without them as well.
func TestSecretsAreNotKept(t *testing.T) {
	t.Parallel()
	dir := people(t)
	link, err := ResetPassword(t.Context(), dir, keyOwner, "https://mibi.example.org/lab/")
	if err != nil {
		t.Fatal(err)
	}
	path, secret, _ := strings.Cut(link.URL, "#token=")
	if path != "https://mibi.example.org/lab/app/password/" || !auth.IsSecret(secret) {
		t.Errorf("the link is %s", link.URL)
	}
	_, key, err := CreateKey(t.Context(), dir, NewKey{Name: "pipeline", Email: keyOwner, Scope: "read"})
	if err != nil {
		t.Fatal(err)
	}
	_, keySecret, err := auth.ParseKey(key)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := SetPassword(t.Context(), dir, keyOwner, "quite another password"); err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	found := false
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		found = found || strings.Contains(string(content), "pipeline")
		for _, s := range []string{secret, keySecret, "quite another password"} {
			if strings.Contains(string(content), s) {
				t.Errorf("%s holds the secret %q", file, s)
			}
		}
	}
	if !found {
		t.Error("the key's name is in none of the files: they were not looked through")
	}
}
