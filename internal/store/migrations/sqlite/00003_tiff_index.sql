-- +goose Up
-- What a reader needs to know of a TIFF before its pixels: where in the file
-- its index lies, as JSON of [offset, length] in bytes, and those bytes, one
-- piece after the other, deflated. A table of its own, for lists of images
-- never look at it.
CREATE TABLE tiff_indexes (
  image_id BIGINT PRIMARY KEY REFERENCES images(id),
  tiff_key TEXT NOT NULL,
  spans TEXT NOT NULL,
  packed BLOB NOT NULL
);
-- +goose Down
DROP TABLE tiff_indexes;
