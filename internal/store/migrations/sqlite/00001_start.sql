-- +goose Up
CREATE TABLE accounts (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  email TEXT NOT NULL UNIQUE,
  password_hash TEXT NOT NULL,
  admin BOOLEAN NOT NULL DEFAULT FALSE,
  active BOOLEAN NOT NULL DEFAULT TRUE,
  created_at TEXT NOT NULL
);
CREATE TABLE projects (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  name TEXT NOT NULL,
  description TEXT,
  is_public BOOLEAN NOT NULL DEFAULT FALSE,
  can_share_images BOOLEAN NOT NULL DEFAULT FALSE,
  created_by BIGINT NOT NULL REFERENCES accounts(id),
  edited_at TEXT NOT NULL,
  active BOOLEAN NOT NULL DEFAULT TRUE,
  -- Among one person's: that another person has a project of the name is not
  -- for everybody to know.
  UNIQUE (created_by, name)
);
CREATE TABLE project_members (
  project_id BIGINT NOT NULL REFERENCES projects(id),
  account_id BIGINT NOT NULL REFERENCES accounts(id),
  role TEXT NOT NULL CHECK (role IN ('viewer', 'editor', 'manager')),
  PRIMARY KEY (project_id, account_id)
);
CREATE INDEX project_members_account ON project_members (account_id, project_id);
CREATE TABLE instruments (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  name TEXT NOT NULL UNIQUE,
  description TEXT,
  active BOOLEAN NOT NULL DEFAULT TRUE
);
CREATE TABLE apertures (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  code TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL
);
CREATE TABLE tissues (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  description TEXT,
  organ TEXT NOT NULL,
  subsite TEXT NOT NULL DEFAULT '',
  diagnosis TEXT NOT NULL DEFAULT '',
  created_by BIGINT NOT NULL REFERENCES accounts(id),
  active BOOLEAN NOT NULL DEFAULT TRUE
);
CREATE TABLE slides (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  name TEXT NOT NULL,
  description TEXT,
  external_id TEXT,
  source TEXT,
  lot TEXT,
  slide_type TEXT,
  location TEXT,
  project_id BIGINT REFERENCES projects(id),
  created_by BIGINT NOT NULL REFERENCES accounts(id),
  active BOOLEAN NOT NULL DEFAULT TRUE
);
CREATE TABLE panels (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  name TEXT NOT NULL,
  description TEXT,
  dilution DOUBLE PRECISION,
  manufacture_date TEXT,
  is_draft BOOLEAN NOT NULL DEFAULT FALSE,
  project_id BIGINT REFERENCES projects(id),
  created_by BIGINT NOT NULL REFERENCES accounts(id),
  active BOOLEAN NOT NULL DEFAULT TRUE
);
CREATE TABLE conjugates (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  panel_id BIGINT NOT NULL REFERENCES panels(id),
  external_id TEXT,
  target TEXT NOT NULL,
  clone TEXT,
  mass BIGINT NOT NULL,
  element TEXT,
  concentration DOUBLE PRECISION,
  recommended_titer DOUBLE PRECISION,
  titer DOUBLE PRECISION,
  titer_units TEXT,
  volume DOUBLE PRECISION,
  lot TEXT,
  manufacture_date TEXT,
  expiration_date TEXT,
  batch_id BIGINT,
  is_draft BOOLEAN NOT NULL DEFAULT FALSE
);
CREATE INDEX conjugates_panel ON conjugates (panel_id, id);
CREATE TABLE sections (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  position TEXT,
  description TEXT,
  tissue_id BIGINT REFERENCES tissues(id),
  slide_id BIGINT REFERENCES slides(id),
  panel_id BIGINT REFERENCES panels(id),
  block TEXT,
  cut_date TEXT,
  stain_date TEXT,
  receive_date TEXT,
  project_id BIGINT REFERENCES projects(id),
  created_by BIGINT NOT NULL REFERENCES accounts(id),
  active BOOLEAN NOT NULL DEFAULT TRUE
);
CREATE INDEX sections_slide ON sections (slide_id);
CREATE INDEX sections_panel ON sections (panel_id);
CREATE TABLE runs (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  label TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL,
  description TEXT,
  xml_name TEXT NOT NULL,
  xml_key TEXT NOT NULL,
  xml_sha256 TEXT NOT NULL,
  xml_size BIGINT NOT NULL,
  path TEXT NOT NULL UNIQUE,
  filename TEXT NOT NULL,
  run_date TEXT,
  operator TEXT,
  magnification DOUBLE PRECISION,
  fov_size DOUBLE PRECISION,
  aperture_id BIGINT REFERENCES apertures(id),
  project_id BIGINT REFERENCES projects(id),
  instrument_id BIGINT NOT NULL REFERENCES instruments(id),
  created_by BIGINT NOT NULL REFERENCES accounts(id),
  created_at TEXT NOT NULL,
  active BOOLEAN NOT NULL DEFAULT TRUE
);
CREATE INDEX runs_name ON runs (name);
CREATE INDEX runs_project ON runs (project_id);
CREATE TABLE run_slides (
  run_id BIGINT NOT NULL REFERENCES runs(id),
  slide_id BIGINT NOT NULL REFERENCES slides(id),
  PRIMARY KEY (run_id, slide_id)
);
CREATE INDEX run_slides_slide ON run_slides (slide_id, run_id);
CREATE TABLE images (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  run_id BIGINT NOT NULL REFERENCES runs(id),
  project_id BIGINT REFERENCES projects(id),
  description TEXT,
  point TEXT,
  number TEXT NOT NULL,
  folder TEXT NOT NULL,
  dwell_time DOUBLE PRECISION,
  depths BIGINT,
  frame BIGINT,
  fov_size DOUBLE PRECISION,
  mass_gain DOUBLE PRECISION,
  mass_offset DOUBLE PRECISION,
  time_bin DOUBLE PRECISION,
  x_coord DOUBLE PRECISION,
  y_coord DOUBLE PRECISION,
  sed TEXT,
  sed_key TEXT NOT NULL DEFAULT '',
  sed_sha256 TEXT NOT NULL DEFAULT '',
  sed_size BIGINT NOT NULL DEFAULT 0,
  aperture_id BIGINT REFERENCES apertures(id),
  imaging_preset TEXT,
  lens1_voltage DOUBLE PRECISION,
  tissue_id BIGINT REFERENCES tissues(id),
  section_id BIGINT REFERENCES sections(id),
  status TEXT NOT NULL DEFAULT 'U',
  processing_error TEXT,
  tiff_key TEXT NOT NULL DEFAULT '',
  tiff_size BIGINT NOT NULL DEFAULT 0,
  tiff_sha256 TEXT NOT NULL DEFAULT '',
  tiff_width BIGINT NOT NULL DEFAULT 0,
  tiff_height BIGINT NOT NULL DEFAULT 0,
  tiff_updated_at TEXT NOT NULL DEFAULT '',
  settled_job BIGINT NOT NULL DEFAULT 0,
  created_by BIGINT NOT NULL REFERENCES accounts(id),
  created_at TEXT NOT NULL,
  active BOOLEAN NOT NULL DEFAULT TRUE,
  UNIQUE (run_id, folder)
);
CREATE INDEX images_run ON images (run_id, id);
CREATE INDEX images_project ON images (project_id);
CREATE INDEX images_tissue ON images (tissue_id);
CREATE INDEX images_section ON images (section_id);
CREATE TABLE channels (
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
);
CREATE INDEX channels_mass ON channels (mass);
CREATE TABLE imagesets (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  name TEXT NOT NULL,
  description TEXT,
  project_id BIGINT REFERENCES projects(id),
  run_id BIGINT UNIQUE REFERENCES runs(id),
  created_by BIGINT NOT NULL REFERENCES accounts(id),
  created_at TEXT NOT NULL,
  active BOOLEAN NOT NULL DEFAULT TRUE
);
CREATE TABLE imageset_images (
  imageset_id BIGINT NOT NULL REFERENCES imagesets(id),
  image_id BIGINT NOT NULL REFERENCES images(id),
  PRIMARY KEY (imageset_id, image_id)
);
CREATE INDEX imageset_images_image ON imageset_images (image_id, imageset_id);
CREATE TABLE jobs (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  kind TEXT NOT NULL,
  image_id BIGINT NOT NULL REFERENCES images(id),
  upload_id TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('queued', 'running', 'done', 'failed')),
  attempts BIGINT NOT NULL DEFAULT 0,
  failures BIGINT NOT NULL DEFAULT 0,
  run_at DOUBLE PRECISION NOT NULL,
  lease TEXT NOT NULL DEFAULT '',
  lease_until DOUBLE PRECISION NOT NULL DEFAULT 0,
  last_error TEXT,
  created_at TEXT NOT NULL,
  ended_at TEXT
);
CREATE INDEX jobs_open ON jobs (run_at, id) WHERE state IN ('queued', 'running');
CREATE TABLE uploads (
  id TEXT PRIMARY KEY,
  run_id BIGINT NOT NULL REFERENCES runs(id),
  account_id BIGINT NOT NULL REFERENCES accounts(id),
  blob_key TEXT NOT NULL,
  created_at TEXT NOT NULL,
  expires_at TEXT NOT NULL,
  received_at TEXT,
  size BIGINT NOT NULL DEFAULT 0,
  sha256 TEXT NOT NULL DEFAULT '',
  job_id BIGINT REFERENCES jobs(id),
  image_id BIGINT REFERENCES images(id)
);
CREATE INDEX uploads_waiting ON uploads (expires_at) WHERE job_id IS NULL;
CREATE TABLE garbage (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  blob_key TEXT NOT NULL,
  due_at TEXT NOT NULL
);
CREATE INDEX garbage_due ON garbage (due_at);
INSERT INTO apertures (code, name) VALUES ('A', '1 mm'), ('B', '300 µm'), ('C', '100 µm'), ('D', '30 µm'), ('E', '500 µm');
INSERT INTO instruments (name, description) VALUES ('MIBIscope', 'Made with the data folder, so that a first run has an instrument. Rename it as you like.');

-- +goose Down
DROP TABLE garbage;
DROP TABLE uploads;
DROP TABLE jobs;
DROP TABLE imageset_images;
DROP TABLE imagesets;
DROP TABLE channels;
DROP TABLE images;
DROP TABLE run_slides;
DROP TABLE runs;
DROP TABLE sections;
DROP TABLE conjugates;
DROP TABLE panels;
DROP TABLE slides;
DROP TABLE tissues;
DROP TABLE apertures;
DROP TABLE instruments;
DROP TABLE project_members;
DROP TABLE projects;
DROP TABLE accounts;
