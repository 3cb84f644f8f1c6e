-- +goose Up
-- An aperture that is not offered any more stays with what was imaged through it.
ALTER TABLE apertures ADD COLUMN active BOOLEAN NOT NULL DEFAULT TRUE;

-- +goose Down
ALTER TABLE apertures DROP COLUMN active;
