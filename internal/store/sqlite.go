package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"net/url"
	"path/filepath"
	"strings"

	sqlite "modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// sqlNow is the database's clock in seconds: leases are measured by it alone,
// so that processes with different clocks agree.
const sqlNow = "unixepoch('subsec')"

// fold is the SQL function that text is compared through where its case does
// not matter. SQLite's own LOWER knows ASCII only; "Überleben" needs more.
const fold = "mibi_fold"

func foldText(v any) string {
	s, _ := v.(string)
	return strings.ToLower(s)
}

// connector opens connections through a driver of our own, which carries our
// functions without registering anything for the whole process.
type connector struct {
	driver *sqlite.Driver
	dsn    string
}

func (c connector) Connect(context.Context) (driver.Conn, error) { return c.driver.Open(c.dsn) }

func (c connector) Driver() driver.Driver { return c.driver }

// openSQLite opens a pool. Every connection gets the same rules:
// synchronous(FULL) makes a committed transaction survive a power cut, which
// the usual setting beside a write-ahead log would not.
func openSQLite(path, extra string) (*sql.DB, error) {
	d := new(sqlite.Driver)
	err := d.RegisterDeterministicScalarFunction(fold, 1, func(_ *sqlite.FunctionContext, args []driver.Value) (driver.Value, error) {
		switch v := args[0].(type) {
		case nil:
			return nil, nil
		case string:
			return strings.ToLower(v), nil
		default:
			return nil, fmt.Errorf("%s: unexpected %T", fold, v)
		}
	})
	if err != nil {
		return nil, fmt.Errorf("register %s: %w", fold, err)
	}
	u := url.URL{Scheme: "file", OmitHost: true, Path: filepath.ToSlash(path)}
	dsn := u.String() + "?_pragma=busy_timeout(10000)&_pragma=journal_mode(WAL)" +
		"&_pragma=synchronous(FULL)&_pragma=foreign_keys(1)&" + extra
	return sql.OpenDB(connector{driver: d, dsn: dsn}), nil
}

// Full tells an error of a disk that has no room left for the database.
func Full(err error) bool {
	var e *sqlite.Error
	return errors.As(err, &e) && e.Code()&0xff == sqlite3.SQLITE_FULL // the rest says more of it
}

// unique tells whether an error is a violated unique constraint.
func unique(err error) bool {
	var e *sqlite.Error
	return errors.As(err, &e) && e.Code() == sqlite3.SQLITE_CONSTRAINT_UNIQUE
}
