-- +goose Up
CREATE TABLE answers (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  account_id BIGINT NOT NULL REFERENCES accounts(id),
  route TEXT NOT NULL,
  idempotency_key TEXT NOT NULL,
  request_sha256 TEXT NOT NULL,
  request_size BIGINT NOT NULL,
  status BIGINT NOT NULL DEFAULT 0,
  content_type TEXT NOT NULL DEFAULT '',
  body BLOB,
  created_at TEXT NOT NULL,
  expires_at TEXT NOT NULL,
  UNIQUE (account_id, route, idempotency_key)
);
CREATE INDEX answers_expires ON answers (expires_at);

-- +goose Down
DROP TABLE answers;
