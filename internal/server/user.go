package server

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/openmibi/openmibi/internal/auth"
	"github.com/openmibi/openmibi/internal/model"
	"github.com/openmibi/openmibi/internal/store"
)

// Errors of what is done to the accounts of a data folder.
var (
	// ErrUserExists says that there is an account with that e-mail address.
	ErrUserExists = errors.New("there is an account with this e-mail address")
	// ErrNoUser says that there is no such account.
	ErrNoUser = errors.New("there is no account with this e-mail address")
	// ErrUserState says that an account is not one to which this can be done.
	ErrUserState = errors.New("nothing was changed")
)

// User is an account, for whoever has the data folder at hand.
type User struct {
	ID        int64
	Email     string // lower case
	Name      *string
	Admin     bool
	Active    bool // one that is not can do nothing
	Invited   bool // it has no password yet
	CreatedAt time.Time
	LastLogin *time.Time // nil: never
}

func userOf(a model.Account) User {
	return User{
		ID: a.ID, Email: a.Email, Name: a.Name, Admin: a.Admin, Active: a.Active, Invited: a.Invited(),
		CreatedAt: a.CreatedAt, LastLogin: a.LastLoginAt,
	}
}

// AddUser adds an account to a data folder, which is made if absent. A server
// may be serving it meanwhile: the account can log in at once. It returns the
// account's id.
//
// Errors: [ErrInput], [ErrUserExists], those of a new password in package auth,
// and what opening the database says.
func AddUser(ctx context.Context, dataDir, email, password string, admin bool) (id int64, err error) {
	email, err = userEmail(email)
	if err != nil {
		return 0, err
	}
	hash, err := auth.NewHasher(1).HashPassword(ctx, password)
	if err != nil {
		return 0, fmt.Errorf("add user %s: %w", email, err)
	}
	if err := makeDataDir(dataDir); err != nil {
		return 0, err
	}
	db, err := openDatabase(ctx, dataDir)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	err = db.WriteAs(ctx, commandLine(), func(t *store.Tx) (err error) {
		id, err = t.AddAccount(ctx, email, hash, admin)
		return err
	})
	if errors.Is(err, store.ErrConflict) {
		return 0, fmt.Errorf("%w: %s", ErrUserExists, email)
	}
	if err != nil {
		return 0, fmt.Errorf("add user %s: %w", email, err)
	}
	return id, nil
}

// Users lists the accounts of a data folder, in the order they were made.
//
// Errors: [ErrNoData], and what reading the database says.
func Users(ctx context.Context, dataDir string) (users []User, err error) {
	err = withDatabase(ctx, dataDir, func(db *store.Store) error {
		accounts, err := db.Accounts(ctx)
		for _, a := range accounts {
			users = append(users, userOf(a))
		}
		return err
	})
	return users, err
}

// SetPassword gives an account a new password. That ends its logins and the
// links that were made for it; its API keys stay.
//
// Errors: [ErrNoData], [ErrNoUser], and those of a new password in package auth.
func SetPassword(ctx context.Context, dataDir, email, password string) (User, error) {
	hash, err := auth.NewHasher(1).HashPassword(ctx, password)
	if err != nil {
		return User{}, fmt.Errorf("change the password of %s: %w", email, err)
	}
	return changeUser(ctx, dataDir, email, func(t *store.Tx, a model.Account) error {
		return t.SetPassword(ctx, a.ID, hash, time.Now())
	})
}

// SetActive disables an account, or lets it in again. Disabling ends its
// logins, its API keys and the links that were made for it, all for good; what
// the account has made stays. It reports whether the account was another way
// before.
//
// Errors: [ErrNoData], [ErrNoUser], and [ErrUserState] for the last active
// administrator.
func SetActive(ctx context.Context, dataDir, email string, active bool) (user User, changed bool, err error) {
	user, err = changeUser(ctx, dataDir, email, func(t *store.Tx, a model.Account) error {
		if changed = a.Active != active; !changed {
			return nil
		}
		err := t.SetActive(ctx, a.ID, active, time.Now())
		if errors.Is(err, store.ErrLastAdmin) {
			return fmt.Errorf("%s is the last active administrator who can log in: %w; let another one be an administrator first", a.Email, ErrUserState)
		}
		return err
	})
	return user, changed, err
}

// changeUser changes one account in one transaction, and gives it as it is then.
func changeUser(ctx context.Context, dataDir, email string, change func(*store.Tx, model.Account) error) (user User, err error) {
	email, err = userEmail(email)
	if err != nil {
		return User{}, err
	}
	err = withDatabase(ctx, dataDir, func(db *store.Store) error {
		return db.WriteAs(ctx, commandLine(), func(t *store.Tx) error {
			a, err := findUser(ctx, t.Queries, dataDir, email)
			if err != nil {
				return err
			}
			if err := change(t, a); err != nil {
				return err
			}
			a, err = t.Account(ctx, a.ID)
			user = userOf(a)
			return err
		})
	})
	return user, err
}

// findUser finds an account, or says where there is none.
func findUser(ctx context.Context, q *store.Queries, dataDir, email string) (model.Account, error) {
	a, err := q.AccountByEmail(ctx, email)
	if errors.Is(err, store.ErrNotFound) {
		return a, fmt.Errorf("%w: %s, in the data folder %s", ErrNoUser, email, dataDir)
	}
	return a, err
}

// userEmail is an address as accounts have it.
func userEmail(email string) (string, error) {
	normal, err := model.NormalEmail(email)
	if err != nil {
		return "", fmt.Errorf("%q is not an e-mail address: %w", email, ErrInput)
	}
	return normal, nil
}

// commandLine is who the audit record names: whoever may open the data folder.
func commandLine() store.Actor { return store.Actor{Name: store.ActorCommandLine} }
