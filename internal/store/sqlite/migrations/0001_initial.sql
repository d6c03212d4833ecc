-- Scans, and who runs them. gen orders what scans wrote.
CREATE TABLE scans (
  gen        INTEGER PRIMARY KEY AUTOINCREMENT,
  id         TEXT    NOT NULL,
  status     TEXT    NOT NULL CHECK (status IN ('running', 'complete', 'aborted')),
  provider   TEXT    NOT NULL,
  started_at INTEGER NOT NULL,
  heartbeat  INTEGER NOT NULL,
  host       TEXT    NOT NULL,
  pid        INTEGER NOT NULL,
  process    TEXT    NOT NULL,
  doc        TEXT    NOT NULL
) STRICT;
CREATE UNIQUE INDEX scans_id ON scans (id) WHERE status <> 'aborted';
CREATE INDEX scans_running ON scans (gen) WHERE status = 'running';

-- Interned names: asset types by account, controls, and all other short names.
CREATE TABLE parts (
  no       INTEGER PRIMARY KEY,
  provider TEXT NOT NULL,
  account  TEXT NOT NULL,
  type     TEXT NOT NULL,
  UNIQUE (provider, account, type)
) STRICT;
CREATE TABLE controls (no INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;
CREATE TABLE names    (no INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;

-- Which generation of a part readers see.
CREATE TABLE visible (
  part INTEGER PRIMARY KEY REFERENCES parts (no),
  gen  INTEGER NOT NULL REFERENCES scans (gen)
) STRICT;
-- Which parts a generation has rows of.
CREATE TABLE extents (
  gen  INTEGER NOT NULL REFERENCES scans (gen),
  part INTEGER NOT NULL REFERENCES parts (no),
  PRIMARY KEY (gen, part)
) STRICT, WITHOUT ROWID;

-- Compressed blocks. A reference to an entry is no << 16 | position.
CREATE TABLE blocks (
  no   INTEGER PRIMARY KEY,
  gen  INTEGER NOT NULL,
  part INTEGER NOT NULL, -- 0: not of one part
  kind INTEGER NOT NULL,
  data BLOB    NOT NULL
) STRICT;
CREATE INDEX blocks_owner ON blocks (gen, part, kind);

-- Where the document of a hash is stored.
CREATE TABLE docs (
  hash ANY     NOT NULL PRIMARY KEY,
  ref  INTEGER NOT NULL,
  gen  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE assets (
  part   INTEGER NOT NULL,
  gen    INTEGER NOT NULL,
  id     TEXT    NOT NULL,
  region INTEGER NOT NULL,
  hash   ANY     NOT NULL,
  doc    INTEGER NOT NULL,
  meta   INTEGER NOT NULL,
  since  INTEGER NOT NULL, -- generation that first saw this version
  at     INTEGER NOT NULL, -- when it was seen first
  PRIMARY KEY (part, gen, id)
) STRICT, WITHOUT ROWID;

-- Versions of assets that are no longer in the table assets.
CREATE TABLE history (
  id    TEXT    NOT NULL,
  since INTEGER NOT NULL,
  at    INTEGER NOT NULL,
  hash  ANY     NOT NULL,
  doc   INTEGER NOT NULL,
  PRIMARY KEY (id, since, hash)
) STRICT, WITHOUT ROWID;

-- The assets that findings are about, and the findings: key is
-- targets.no << 20 | controls.no, so that the findings of an asset are one
-- range and writing is appending.
CREATE TABLE targets (
  no     INTEGER PRIMARY KEY,
  part   INTEGER NOT NULL,
  gen    INTEGER NOT NULL,
  asset  TEXT    NOT NULL,
  region INTEGER NOT NULL,
  ref    INTEGER NOT NULL,
  UNIQUE (part, gen, asset)
) STRICT;
CREATE TABLE findings (
  key         INTEGER PRIMARY KEY,
  verdict     INTEGER NOT NULL,
  severity    INTEGER NOT NULL,
  state       INTEGER NOT NULL,
  risk        INTEGER NOT NULL,
  first_seen  INTEGER,
  last_seen   INTEGER,
  changed_at  INTEGER,
  resolved_at INTEGER,
  reopened    INTEGER NOT NULL,
  scan        INTEGER NOT NULL,
  version     INTEGER NOT NULL,
  body        INTEGER NOT NULL
) STRICT;
-- Ranges of targets.no that a generation wrote for a part.
CREATE TABLE segments (
  gen  INTEGER NOT NULL,
  part INTEGER NOT NULL,
  low  INTEGER NOT NULL,
  high INTEGER NOT NULL,
  PRIMARY KEY (gen, part, low)
) STRICT, WITHOUT ROWID;

-- Sorted runs of (hash of an id, where it is), in chunks.
CREATE TABLE runs (
  kind INTEGER NOT NULL,
  gen  INTEGER NOT NULL,
  run  INTEGER NOT NULL,
  PRIMARY KEY (kind, gen, run)
) STRICT, WITHOUT ROWID;
CREATE TABLE chunks (
  no    INTEGER PRIMARY KEY,
  kind  INTEGER NOT NULL,
  gen   INTEGER NOT NULL,
  run   INTEGER NOT NULL,
  first INTEGER NOT NULL,
  data  BLOB    NOT NULL
) STRICT;
CREATE INDEX chunks_first ON chunks (kind, gen, run, first);

CREATE TABLE gaps (
  part   INTEGER NOT NULL,
  gen    INTEGER NOT NULL,
  key    TEXT    NOT NULL,
  region TEXT    NOT NULL,
  doc    TEXT    NOT NULL,
  PRIMARY KEY (part, gen, key)
) STRICT, WITHOUT ROWID;
CREATE TABLE coverage (
  part   INTEGER NOT NULL,
  gen    INTEGER NOT NULL,
  key    TEXT    NOT NULL,
  region TEXT    NOT NULL,
  doc    TEXT    NOT NULL,
  PRIMARY KEY (part, gen, key)
) STRICT, WITHOUT ROWID;
