-- +goose Up
-- A panel that was made from an earlier one is its next version.
ALTER TABLE panels ADD COLUMN previous_id BIGINT;
CREATE INDEX panels_previous ON panels (previous_id, id);
CREATE TABLE batches (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  panel_id BIGINT NOT NULL REFERENCES panels(id),
  batch_id BIGINT NOT NULL,
  volume DOUBLE PRECISION,
  antibody_volume DOUBLE PRECISION,
  buffer_volume DOUBLE PRECISION,
  is_draft BOOLEAN NOT NULL DEFAULT FALSE,
  UNIQUE (panel_id, batch_id)
);
-- The antibody conjugate that a row is the use of: the row's own id where this
-- is NULL, another row's where several panels use the same one.
ALTER TABLE conjugates ADD COLUMN conjugate_id BIGINT;
CREATE INDEX conjugates_conjugate ON conjugates (conjugate_id);
-- The place in the panel's list; rows of one place are in the order of their ids.
ALTER TABLE conjugates ADD COLUMN position BIGINT NOT NULL DEFAULT 0;
-- Until now a batch was a number that conjugates have.
INSERT INTO batches (panel_id, batch_id)
  SELECT DISTINCT panel_id, batch_id FROM conjugates WHERE batch_id IS NOT NULL ORDER BY panel_id, batch_id;

-- +goose Down
ALTER TABLE conjugates DROP COLUMN position;
DROP INDEX conjugates_conjugate;
ALTER TABLE conjugates DROP COLUMN conjugate_id;
DROP TABLE batches;
DROP INDEX panels_previous;
ALTER TABLE panels DROP COLUMN previous_id;
