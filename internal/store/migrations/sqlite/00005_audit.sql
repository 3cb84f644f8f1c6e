-- +goose Up
-- Who did what to which object: rows are added and never touched again. On
-- PostgreSQL a trigger function that raises does the same, and the account that
-- serves has no right to UPDATE, DELETE or TRUNCATE here.
CREATE TABLE audit (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  at TEXT NOT NULL,
  action TEXT NOT NULL,
  kind TEXT NOT NULL,
  object_id BIGINT NOT NULL,
  account_id BIGINT REFERENCES accounts(id), -- NULL: nobody who has an account
  actor TEXT NOT NULL,                       -- the address at that time, or which program
  key_id BIGINT,                             -- the API key that was used
  request_id TEXT NOT NULL DEFAULT '',
  -- The project that the object was in before and after: who may read the
  -- values depends on them.
  project_before BIGINT,
  project_after BIGINT,
  before TEXT, -- JSON objects of the fields that changed
  after TEXT
);
CREATE INDEX audit_at ON audit (at, id);
CREATE INDEX audit_kind ON audit (kind, at, id);
CREATE INDEX audit_object ON audit (object_id, kind, at, id);
CREATE INDEX audit_account ON audit (account_id, at, id);
CREATE INDEX audit_action ON audit (action, at, id);
CREATE INDEX audit_key ON audit (key_id, at, id) WHERE key_id IS NOT NULL;
-- +goose StatementBegin
CREATE TRIGGER audit_no_update BEFORE UPDATE ON audit
BEGIN SELECT RAISE(ABORT, 'the audit record is append-only'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit
BEGIN SELECT RAISE(ABORT, 'the audit record is append-only'); END;
-- +goose StatementEnd
-- INSERT OR REPLACE deletes without asking the trigger above.
-- +goose StatementBegin
CREATE TRIGGER audit_no_replace BEFORE INSERT ON audit WHEN EXISTS (SELECT 1 FROM audit WHERE id = NEW.id)
BEGIN SELECT RAISE(ABORT, 'the audit record is append-only'); END;
-- +goose StatementEnd

-- +goose Down
DROP TABLE audit;
