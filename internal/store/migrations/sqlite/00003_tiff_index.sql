-- +goose Up
-- Where the index of the image's TIFF lies in the file: a list of
-- [offset, length] in bytes, as JSON; empty where it is not known.
ALTER TABLE images ADD COLUMN tiff_index TEXT NOT NULL DEFAULT '';
-- +goose Down
ALTER TABLE images DROP COLUMN tiff_index;
