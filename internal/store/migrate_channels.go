package store

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/pressly/goose/v3"

	"github.com/openmibi/openmibi/internal/model"
)

// channelMigration moves the channels from a row each into their sets, and
// back. SQL alone can neither hash nor deflate.
func channelMigration() *goose.Migration {
	return goose.NewGoMigration(9, &goose.GoFunc{RunTx: packAllChannels}, &goose.GoFunc{RunTx: unpackAllChannels})
}

const oldColumns = `id, image_id, kind, name, mass, page, blob_key, file_name, content_type, size, sha256, width, height,
	dtype, min_value, max_value, sum_value, non_zero`

func packAllChannels(ctx context.Context, tx *sql.Tx) error {
	t := &Tx{Queries: &Queries{x: tx}, tx: tx}
	images, err := all(ctx, t.Queries, "SELECT DISTINCT image_id FROM channels WHERE kind = 'sims' ORDER BY image_id", nil, scanInt64)
	if err != nil {
		return err
	}
	for _, image := range images {
		list, err := all(ctx, t.Queries, "SELECT "+oldColumns+" FROM channels WHERE image_id = $1 AND kind = 'sims' ORDER BY page",
			[]any{image}, func(r scanner) (c model.Channel, err error) {
				return c, r.Scan(&c.ID, &c.ImageID, &c.Kind, &c.Name, &c.Mass, &c.Page, &c.Key, &c.FileName, &c.ContentType, &c.Size, &c.SHA256,
					&c.Width, &c.Height, &c.DType, &c.Min, &c.Max, &c.Sum, &c.NonZero)
			})
		if err != nil {
			return err
		}
		if err := t.putChannels(ctx, image, list); err != nil {
			return fmt.Errorf("move the channels of image %d: %w", image, err)
		}
	}
	_, err = t.exec(ctx, `INSERT INTO extra_channels (id, image_id, name, blob_key, file_name, content_type, size, sha256, width, height,
		dtype, min_value, max_value, sum_value, non_zero) SELECT id, image_id, name, blob_key, file_name, content_type, size, sha256,
		width, height, dtype, min_value, max_value, sum_value, non_zero FROM channels WHERE kind = 'extra'`)
	if err != nil {
		return err
	}
	_, err = t.exec(ctx, "DROP TABLE channels")
	return err
}

func unpackAllChannels(ctx context.Context, tx *sql.Tx) error {
	t := &Tx{Queries: &Queries{x: tx}, tx: tx}
	if _, err := t.exec(ctx, oldChannels); err != nil {
		return err
	}
	if _, err := t.exec(ctx, "CREATE INDEX channels_mass ON channels (mass)"); err != nil {
		return err
	}
	images, err := all(ctx, t.Queries, "SELECT image_id FROM image_channels UNION SELECT image_id FROM extra_channels", nil, scanInt64)
	if err != nil {
		return err
	}
	for _, image := range images {
		list, err := t.Channels(ctx, image)
		if err != nil {
			return err
		}
		for _, c := range list {
			if _, err := t.exec(ctx, `INSERT INTO channels (image_id, kind, name, mass, page, blob_key, file_name, content_type, size, sha256,
				width, height, dtype, min_value, max_value, sum_value, non_zero)
				VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)`, image, c.Kind, c.Name, c.Mass, c.Page, c.Key,
				c.FileName, c.ContentType, c.Size, c.SHA256, c.Width, c.Height, c.DType, c.Min, c.Max, c.Sum, c.NonZero); err != nil {
				return fmt.Errorf("move the channels of image %d back: %w", image, err)
			}
		}
	}
	return nil
}

// oldChannels is the table of the migration that this one undoes.
const oldChannels = `CREATE TABLE channels (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  image_id BIGINT NOT NULL REFERENCES images(id),
  kind TEXT NOT NULL CHECK (kind IN ('sims', 'extra')),
  name TEXT NOT NULL,
  mass BIGINT,
  page BIGINT NOT NULL,
  blob_key TEXT NOT NULL,
  file_name TEXT NOT NULL,
  content_type TEXT NOT NULL,
  size BIGINT NOT NULL,
  sha256 TEXT NOT NULL,
  width BIGINT NOT NULL,
  height BIGINT NOT NULL,
  dtype TEXT NOT NULL,
  min_value DOUBLE PRECISION NOT NULL,
  max_value DOUBLE PRECISION NOT NULL,
  sum_value DOUBLE PRECISION NOT NULL,
  non_zero BIGINT NOT NULL,
  UNIQUE (image_id, name)
)`
