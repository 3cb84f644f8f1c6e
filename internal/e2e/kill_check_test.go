package e2e

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"path/filepath"
	"reflect"
	"strings"

	"github.com/openmibi/openmibi/internal/blob"
)

// checkWorker looks, in the server that came after a kill, for everything that
// a worker was told, and takes over what its last request has done.
func (l *killLoad) checkWorker(ctx context.Context, db *sql.DB, w *killWorker) error {
	if err := l.checkFlying(ctx, db, w); err != nil {
		return err
	}
	for _, p := range w.posts[max(0, len(w.posts)-l.repeats):] {
		if err := l.repeat(ctx, w, p); err != nil {
			return err
		}
	}
	w.posts = nil
	for _, o := range w.changed {
		if err := l.checkObject(ctx, w, o); err != nil {
			return err
		}
	}
	w.changed = nil
	for image, sed := range w.seds {
		if strings.Contains(sed, "|") {
			if err := l.checkSED(ctx, w, image, sed); err != nil {
				return err
			}
		}
	}
	return nil
}

// repeat asks a POST again: it answers what it did.
func (l *killLoad) repeat(ctx context.Context, w *killWorker, p *killPost) error {
	status, text, err := w.send(ctx, http.MethodPost, l.url+p.path, &p.body, p.key)
	if err != nil {
		return err
	}
	if status != http.StatusCreated && status != http.StatusOK || text != p.answer {
		return fmt.Errorf("POST %s repeated under its key: %d %s, the first answer was %s", p.path, status, text, p.answer)
	}
	return nil
}

// checkFlying repeats the POST whose answer never came: whether it was done or
// not, it is done once now, and what it made is whole.
func (l *killLoad) checkFlying(ctx context.Context, db *sql.DB, w *killWorker) error {
	p := w.flying
	if p == nil {
		return nil
	}
	w.flying = nil
	before, err := l.rowsOf(ctx, db, w, p)
	if err != nil {
		return err
	}
	if before > 0 {
		l.flewDone.Add(1)
	} else {
		l.flewUndone.Add(1)
	}
	status, text, err := w.send(ctx, http.MethodPost, l.url+p.path, &p.body, p.key)
	if err != nil {
		return err
	}
	if status != http.StatusCreated && status != http.StatusOK {
		return fmt.Errorf("POST %s, which was in flight, repeated: %d %s", p.path, status, text)
	}
	p.answer = text
	made, err := w.acknowledged(p)
	if err != nil {
		return err
	}
	if p.kind == "run" {
		if w.run, err = w.readRun(made); err != nil {
			return err
		}
	}
	if strings.HasPrefix(p.path, "/upload_mibitiff/") {
		w.tiffs[p.image] = true
	}
	if err := l.repeat(ctx, w, p); err != nil {
		return err
	}
	after, err := l.rowsOf(ctx, db, w, p)
	if err == nil && after != 1 {
		err = fmt.Errorf("POST %s, which was in flight, was done %d times", p.path, after)
	}
	return err
}

// rowsOf counts what a POST has made.
func (l *killLoad) rowsOf(ctx context.Context, db *sql.DB, w *killWorker, p *killPost) (n int, err error) {
	switch {
	case p.kind != "":
		k := l.kinds[p.kind]
		err = db.QueryRowContext(ctx, "SELECT COUNT(*) FROM "+k.table+" WHERE "+k.unique+" = $1", p.name).Scan(&n)
		if err == nil && p.kind == "run" && n == 1 {
			var images, members int
			err = db.QueryRowContext(ctx, `SELECT (SELECT COUNT(*) FROM images WHERE run_id = runs.id AND folder NOT LIKE 'w%'),
				(SELECT COUNT(*) FROM imageset_images JOIN imagesets ON imagesets.id = imageset_id WHERE imagesets.run_id = runs.id)
				FROM runs WHERE label = $1`, p.name).Scan(&images, &members)
			if err == nil && (images != 2 || members != 0 && members < 2) {
				err = fmt.Errorf("half of run %s is there: %d images, %d in its set", p.name, images, members)
			}
		}
	case strings.HasSuffix(p.path, "/upload_channel/"):
		err = db.QueryRowContext(ctx, "SELECT COUNT(*) FROM extra_channels WHERE image_id = $1 AND name = $2", p.image, p.name).Scan(&n)
	default:
		err = db.QueryRowContext(ctx, "SELECT COUNT(*) FROM jobs WHERE upload_id = $1", p.name).Scan(&n)
	}
	return n, err
}

// checkObject compares an object with what was acknowledged of it. Where a
// change was in flight, it is there as a whole or not at all.
func (l *killLoad) checkObject(ctx context.Context, w *killWorker, o *killObject) error {
	path := fmt.Sprintf("%s%d/", l.kinds[o.kind].path, o.id)
	status, text, err := w.send(ctx, http.MethodGet, l.url+path, nil, "")
	if err != nil {
		return err
	}
	var got map[string]any
	if err := json.Unmarshal([]byte(text), &got); err != nil || status != http.StatusOK {
		return fmt.Errorf("GET %s, which was acknowledged: %d %s", path, status, text)
	}
	if o.maybe != nil {
		after := maps.Clone(o.fields)
		maps.Copy(after, o.maybe)
		o.maybe = nil
		if differs(got, after) == "" {
			o.fields = after
			return nil
		}
	}
	if diff := differs(got, o.fields); diff != "" {
		return fmt.Errorf("GET %s: %s", path, diff)
	}
	return nil
}

// differs says which field is not what it has to be.
func differs(got, want map[string]any) string {
	for name, value := range want {
		if !reflect.DeepEqual(got[name], value) {
			return fmt.Sprintf("%s is %#v, acknowledged was %#v", name, got[name], value)
		}
	}
	return ""
}

func (l *killLoad) checkSED(ctx context.Context, w *killWorker, image int64, either string) error {
	_, text, err := w.send(ctx, http.MethodGet, fmt.Sprintf("%s/images/%d/", l.url, image), nil, "")
	if err != nil {
		return err
	}
	var got struct{ SED *string }
	if err := json.Unmarshal([]byte(text), &got); err != nil {
		return err
	}
	before, after, _ := strings.Cut(either, "|")
	switch {
	case got.SED == nil && before == "":
		delete(w.seds, image)
	case got.SED != nil && (*got.SED == before || *got.SED == after):
		w.seds[image] = *got.SED
	default:
		return fmt.Errorf("image %d has SED %v, not one of %q", image, got.SED, either)
	}
	return nil
}

// checkDatabase asks the database itself, and looks at every file that it
// speaks of.
func (l *killLoad) checkDatabase(ctx context.Context, db *sql.DB) error {
	var sound string
	if err := db.QueryRowContext(ctx, "PRAGMA integrity_check").Scan(&sound); err != nil || sound != "ok" {
		return fmt.Errorf("integrity check: %s, %w", sound, err)
	}
	broken, err := db.QueryContext(ctx, "PRAGMA foreign_key_check")
	if err != nil {
		return err
	}
	defer func() { _ = broken.Close() }()
	if broken.Next() {
		return errors.New("a foreign key names no row")
	}
	if err := broken.Err(); err != nil {
		return err
	}
	files, err := db.QueryContext(ctx, `SELECT xml_key, xml_sha256 FROM runs
		UNION SELECT tiff_key, tiff_sha256 FROM images WHERE tiff_key <> ''
		UNION SELECT sed_key, sed_sha256 FROM images WHERE sed_key <> ''
		UNION SELECT blob_key, sha256 FROM extra_channels
		UNION SELECT blob_key, sha256 FROM uploads WHERE received_at IS NOT NULL AND job_id IS NULL`)
	if err != nil {
		return err
	}
	defer func() { _ = files.Close() }()
	blobs, err := blob.OpenLocal(filepath.Join(l.data, "blobs"))
	if err != nil {
		return err
	}
	defer func() { _ = blobs.Close() }()
	for files.Next() {
		var key, want string
		if err := files.Scan(&key, &want); err != nil {
			return err
		}
		if l.hashed[key] == want {
			_, err = blobs.Stat(ctx, key)
		} else {
			err = checkHash(ctx, blobs, key, want)
		}
		if err != nil {
			return fmt.Errorf("file %s: %w", key, err)
		}
		l.hashed[key] = want
	}
	return files.Err()
}

func checkHash(ctx context.Context, blobs *blob.Local, key, want string) error {
	o, err := blobs.Open(ctx, key)
	if err != nil {
		return err
	}
	defer func() { _ = o.Close() }()
	sum := sha256.New()
	if _, err := io.Copy(sum, io.NewSectionReader(o, 0, o.Info().Size)); err != nil {
		return err
	}
	if got := hex.EncodeToString(sum.Sum(nil)); got != want {
		return fmt.Errorf("its hash is %s, not %s", got, want)
	}
	return nil
}
