// Package storeseed fills a database with a made-up lab of any size: for
// measurements. It goes past the rules of package store, many rows a
// transaction, and must never touch a database that holds anything else.
package storeseed

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/url"
	"path/filepath"

	_ "modernc.org/sqlite" // the driver of sql.Open below

	"github.com/openmibi/openmibi/internal/store"
)

// Plan says how large the lab is.
type Plan struct {
	Images int
	PerRun int // images of a run
	// Hash is the password hash of every account.
	Hash string
	Seed uint64
	// Progress, if set, hears of what was done.
	Progress func(what string)
}

// The accounts of a lab, by what they see.
const (
	Admin  = "root@lab.example"  // everything
	Five   = "five@lab.example"  // five projects of twenty
	Small  = "small@lab.example" // one project of one run
	Nobody = "none@lab.example"  // no project but the public one, which has one run
)

// seeder writes into one database.
type seeder struct {
	Plan
	db  *sql.DB
	rnd *rand.Rand

	accounts, projects, tissues, slides, panels, sections, sets []int64
	runs                                                        []seededRun
	packed                                                      [][]byte
}

// Fill makes the database at path, which must not hold any run, and fills it.
func Fill(ctx context.Context, path string, plan Plan) (err error) {
	s, err := store.Open(ctx, path)
	if err != nil {
		return err
	}
	counts, err := s.Counts(ctx)
	if err := errors.Join(err, s.Close()); err != nil {
		return err
	}
	if counts.Runs > 0 {
		return fmt.Errorf("%s holds %d runs already", path, counts.Runs)
	}
	u := url.URL{Scheme: "file", OmitHost: true, Path: filepath.ToSlash(path)}
	// What is half seeded is thrown away: nothing need be durable.
	db, err := sql.Open("sqlite", u.String()+"?_pragma=journal_mode(WAL)&_pragma=synchronous(OFF)&_pragma=cache_size(-200000)&_txlock=immediate")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	db.SetMaxOpenConns(1)
	if plan.Progress == nil {
		plan.Progress = func(string) {}
	}
	w := &seeder{Plan: plan, db: db, rnd: rand.New(rand.NewPCG(plan.Seed, 5))}
	return w.fill(ctx)
}

func (w *seeder) fill(ctx context.Context) error {
	// Nobody reads along: whoever opens the database reads all of it.
	triggers, err := w.dropTriggers(ctx)
	if err != nil {
		return err
	}
	if err := w.write(ctx, w.surroundings); err != nil {
		return err
	}
	if err := w.write(ctx, w.addRuns); err != nil {
		return err
	}
	const part = 200 // runs
	for i := 0; i < len(w.runs); i += part {
		runs := w.runs[i:min(i+part, len(w.runs))]
		if err := w.write(ctx, func(tx *tx) error { return w.addImages(tx, runs) }); err != nil {
			return err
		}
		w.Progress(fmt.Sprintf("%d of %d runs", i+len(runs), len(w.runs)))
	}
	for _, statement := range append(triggers, "ANALYZE", "PRAGMA wal_checkpoint(TRUNCATE)") {
		if _, err := w.db.ExecContext(ctx, statement); err != nil {
			return fmt.Errorf("%s: %w", statement, err)
		}
	}
	return nil
}

// dropTriggers takes the triggers away that note changes of lists, and returns
// what makes them again.
func (w *seeder) dropTriggers(ctx context.Context) (again []string, err error) {
	rows, err := w.db.QueryContext(ctx, "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'list_changes_%'")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	var names []string
	for rows.Next() {
		var name, text string
		if err := rows.Scan(&name, &text); err != nil {
			return nil, err
		}
		names, again = append(names, name), append(again, text)
	}
	if err := errors.Join(rows.Err(), rows.Close()); err != nil { // before the connection is used again
		return nil, err
	}
	for _, name := range names {
		if _, err := w.db.ExecContext(ctx, "DROP TRIGGER "+name); err != nil {
			return nil, err
		}
	}
	return again, nil
}
