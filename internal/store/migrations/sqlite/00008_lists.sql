-- +goose Up
-- The channels of a TIFF as most images of a run share them: pages, names and
-- masses, each list once. What differs by image is one packed row of it: 40
-- rows an image would be 40 million for a lab's million images.
CREATE TABLE channel_sets (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  sha256 TEXT NOT NULL UNIQUE -- of the members
);
CREATE TABLE channel_members (
  set_id BIGINT NOT NULL REFERENCES channel_sets(id),
  page BIGINT NOT NULL,
  name TEXT NOT NULL,
  mass BIGINT,
  PRIMARY KEY (set_id, page)
);
ALTER TABLE images ADD COLUMN channel_set_id BIGINT REFERENCES channel_sets(id);
CREATE TABLE image_channels (
  image_id INTEGER PRIMARY KEY REFERENCES images(id),
  packed BLOB NOT NULL -- deflated JSON, in the order of the set's pages
);
-- Channels that were added to an image beside its TIFF's own.
CREATE TABLE extra_channels (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  image_id BIGINT NOT NULL REFERENCES images(id),
  name TEXT NOT NULL,
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
);
-- What changed of all that lists of images look at, and of what images relate
-- to, newest last. Whoever holds
-- such lists in memory reads on from the number that it has read up to; who is
-- too far behind reads everything again. Triggers write it, so that no writer
-- can forget to.
CREATE TABLE list_changes (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  kind TEXT NOT NULL,
  object_id BIGINT NOT NULL
);
-- +goose StatementBegin
CREATE TRIGGER list_changes_few AFTER INSERT ON list_changes
BEGIN DELETE FROM list_changes WHERE seq <= NEW.seq - 50000; END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER list_changes_images_insert AFTER INSERT ON images
BEGIN INSERT INTO list_changes (kind, object_id) VALUES ('image', NEW.id); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER list_changes_images_update AFTER UPDATE ON images
BEGIN INSERT INTO list_changes (kind, object_id) VALUES ('image', NEW.id); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER list_changes_images_delete AFTER DELETE ON images
BEGIN INSERT INTO list_changes (kind, object_id) VALUES ('image', OLD.id); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER list_changes_runs_insert AFTER INSERT ON runs
BEGIN INSERT INTO list_changes (kind, object_id) VALUES ('run', NEW.id); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER list_changes_runs_update AFTER UPDATE ON runs
BEGIN INSERT INTO list_changes (kind, object_id) VALUES ('run', NEW.id); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER list_changes_runs_delete AFTER DELETE ON runs
BEGIN INSERT INTO list_changes (kind, object_id) VALUES ('run', OLD.id); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER list_changes_sections_insert AFTER INSERT ON sections
BEGIN INSERT INTO list_changes (kind, object_id) VALUES ('section', NEW.id); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER list_changes_sections_update AFTER UPDATE ON sections
BEGIN INSERT INTO list_changes (kind, object_id) VALUES ('section', NEW.id); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER list_changes_sections_delete AFTER DELETE ON sections
BEGIN INSERT INTO list_changes (kind, object_id) VALUES ('section', OLD.id); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER list_changes_slides_insert AFTER INSERT ON slides
BEGIN INSERT INTO list_changes (kind, object_id) VALUES ('slide', NEW.id); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER list_changes_slides_update AFTER UPDATE ON slides
BEGIN INSERT INTO list_changes (kind, object_id) VALUES ('slide', NEW.id); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER list_changes_slides_delete AFTER DELETE ON slides
BEGIN INSERT INTO list_changes (kind, object_id) VALUES ('slide', OLD.id); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER list_changes_panels_insert AFTER INSERT ON panels
BEGIN INSERT INTO list_changes (kind, object_id) VALUES ('panel', NEW.id); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER list_changes_panels_update AFTER UPDATE ON panels
BEGIN INSERT INTO list_changes (kind, object_id) VALUES ('panel', NEW.id); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER list_changes_panels_delete AFTER DELETE ON panels
BEGIN INSERT INTO list_changes (kind, object_id) VALUES ('panel', OLD.id); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER list_changes_conjugates_insert AFTER INSERT ON conjugates
BEGIN INSERT INTO list_changes (kind, object_id) VALUES ('panel', NEW.panel_id); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER list_changes_conjugates_update AFTER UPDATE ON conjugates
BEGIN INSERT INTO list_changes (kind, object_id) VALUES ('panel', NEW.panel_id); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER list_changes_conjugates_delete AFTER DELETE ON conjugates
BEGIN INSERT INTO list_changes (kind, object_id) VALUES ('panel', OLD.panel_id); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER list_changes_tissues_insert AFTER INSERT ON tissues
BEGIN INSERT INTO list_changes (kind, object_id) VALUES ('tissue', NEW.id); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER list_changes_tissues_update AFTER UPDATE ON tissues
BEGIN INSERT INTO list_changes (kind, object_id) VALUES ('tissue', NEW.id); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER list_changes_tissues_delete AFTER DELETE ON tissues
BEGIN INSERT INTO list_changes (kind, object_id) VALUES ('tissue', OLD.id); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER list_changes_projects_insert AFTER INSERT ON projects
BEGIN INSERT INTO list_changes (kind, object_id) VALUES ('project', NEW.id); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER list_changes_projects_update AFTER UPDATE ON projects
BEGIN INSERT INTO list_changes (kind, object_id) VALUES ('project', NEW.id); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER list_changes_projects_delete AFTER DELETE ON projects
BEGIN INSERT INTO list_changes (kind, object_id) VALUES ('project', OLD.id); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER list_changes_project_members_insert AFTER INSERT ON project_members
BEGIN INSERT INTO list_changes (kind, object_id) VALUES ('member', NEW.account_id); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER list_changes_project_members_update AFTER UPDATE ON project_members
BEGIN INSERT INTO list_changes (kind, object_id) VALUES ('member', NEW.account_id); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER list_changes_project_members_delete AFTER DELETE ON project_members
BEGIN INSERT INTO list_changes (kind, object_id) VALUES ('member', OLD.account_id); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER list_changes_instruments_insert AFTER INSERT ON instruments
BEGIN INSERT INTO list_changes (kind, object_id) VALUES ('instrument', NEW.id); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER list_changes_instruments_update AFTER UPDATE ON instruments
BEGIN INSERT INTO list_changes (kind, object_id) VALUES ('instrument', NEW.id); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER list_changes_instruments_delete AFTER DELETE ON instruments
BEGIN INSERT INTO list_changes (kind, object_id) VALUES ('instrument', OLD.id); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER list_changes_extra_channels_insert AFTER INSERT ON extra_channels
BEGIN INSERT INTO list_changes (kind, object_id) VALUES ('image', NEW.image_id); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER list_changes_extra_channels_update AFTER UPDATE ON extra_channels
BEGIN INSERT INTO list_changes (kind, object_id) VALUES ('image', NEW.image_id); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER list_changes_extra_channels_delete AFTER DELETE ON extra_channels
BEGIN INSERT INTO list_changes (kind, object_id) VALUES ('image', OLD.image_id); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER list_changes_run_slides_insert AFTER INSERT ON run_slides
BEGIN INSERT INTO list_changes (kind, object_id) VALUES ('relation', NEW.run_id); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER list_changes_run_slides_delete AFTER DELETE ON run_slides
BEGIN INSERT INTO list_changes (kind, object_id) VALUES ('relation', OLD.run_id); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER list_changes_imagesets_insert AFTER INSERT ON imagesets
BEGIN INSERT INTO list_changes (kind, object_id) VALUES ('relation', NEW.id); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER list_changes_imagesets_update AFTER UPDATE ON imagesets
BEGIN INSERT INTO list_changes (kind, object_id) VALUES ('relation', NEW.id); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER list_changes_apertures_insert AFTER INSERT ON apertures
BEGIN INSERT INTO list_changes (kind, object_id) VALUES ('relation', NEW.id); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER list_changes_apertures_update AFTER UPDATE ON apertures
BEGIN INSERT INTO list_changes (kind, object_id) VALUES ('relation', NEW.id); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER list_changes_accounts_update AFTER UPDATE OF email ON accounts
BEGIN INSERT INTO list_changes (kind, object_id) VALUES ('relation', NEW.id); END;
-- +goose StatementEnd

-- +goose Down
DROP TRIGGER list_changes_run_slides_insert;
DROP TRIGGER list_changes_run_slides_delete;
DROP TRIGGER list_changes_imagesets_insert;
DROP TRIGGER list_changes_imagesets_update;
DROP TRIGGER list_changes_apertures_insert;
DROP TRIGGER list_changes_apertures_update;
DROP TRIGGER list_changes_accounts_update;
DROP TRIGGER list_changes_images_insert;
DROP TRIGGER list_changes_images_update;
DROP TRIGGER list_changes_images_delete;
DROP TRIGGER list_changes_runs_insert;
DROP TRIGGER list_changes_runs_update;
DROP TRIGGER list_changes_runs_delete;
DROP TRIGGER list_changes_sections_insert;
DROP TRIGGER list_changes_sections_update;
DROP TRIGGER list_changes_sections_delete;
DROP TRIGGER list_changes_slides_insert;
DROP TRIGGER list_changes_slides_update;
DROP TRIGGER list_changes_slides_delete;
DROP TRIGGER list_changes_panels_insert;
DROP TRIGGER list_changes_panels_update;
DROP TRIGGER list_changes_panels_delete;
DROP TRIGGER list_changes_conjugates_insert;
DROP TRIGGER list_changes_conjugates_update;
DROP TRIGGER list_changes_conjugates_delete;
DROP TRIGGER list_changes_tissues_insert;
DROP TRIGGER list_changes_tissues_update;
DROP TRIGGER list_changes_tissues_delete;
DROP TRIGGER list_changes_projects_insert;
DROP TRIGGER list_changes_projects_update;
DROP TRIGGER list_changes_projects_delete;
DROP TRIGGER list_changes_project_members_insert;
DROP TRIGGER list_changes_project_members_update;
DROP TRIGGER list_changes_project_members_delete;
DROP TRIGGER list_changes_instruments_insert;
DROP TRIGGER list_changes_instruments_update;
DROP TRIGGER list_changes_instruments_delete;
DROP TRIGGER list_changes_extra_channels_insert;
DROP TRIGGER list_changes_extra_channels_update;
DROP TRIGGER list_changes_extra_channels_delete;
DROP TABLE list_changes;
DROP TABLE extra_channels;
DROP TABLE image_channels;
ALTER TABLE images DROP COLUMN channel_set_id;
DROP TABLE channel_members;
DROP TABLE channel_sets;
