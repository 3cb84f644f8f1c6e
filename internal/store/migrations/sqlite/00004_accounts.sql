-- +goose Up
ALTER TABLE accounts ADD COLUMN name TEXT;
-- Login tokens of logins before this time are refused: a whole second.
ALTER TABLE accounts ADD COLUMN tokens_from TEXT;
ALTER TABLE accounts ADD COLUMN last_login_at TEXT;
CREATE TABLE api_keys (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  account_id BIGINT NOT NULL REFERENCES accounts(id),
  name TEXT NOT NULL,
  scope TEXT NOT NULL,
  secret_sha256 TEXT NOT NULL,
  created_at TEXT NOT NULL,
  expires_at TEXT,
  last_used_at TEXT,
  revoked_at TEXT,
  active BOOLEAN NOT NULL DEFAULT TRUE
);
CREATE INDEX api_keys_account ON api_keys (account_id, id);
-- What an invitation or a reset sends somebody, to set a password once.
CREATE TABLE password_links (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  account_id BIGINT NOT NULL REFERENCES accounts(id),
  kind TEXT NOT NULL,
  token_sha256 TEXT NOT NULL UNIQUE,
  created_at TEXT NOT NULL,
  expires_at TEXT NOT NULL
);
CREATE INDEX password_links_account ON password_links (account_id);

-- +goose Down
DROP TABLE password_links;
DROP TABLE api_keys;
ALTER TABLE accounts DROP COLUMN last_login_at;
ALTER TABLE accounts DROP COLUMN tokens_from;
ALTER TABLE accounts DROP COLUMN name;
