-- What people attested, in the order of saving. Rows are added only.
CREATE TABLE attestations (
  no  INTEGER PRIMARY KEY AUTOINCREMENT,
  id  TEXT    NOT NULL UNIQUE,
  at  INTEGER NOT NULL,
  doc TEXT    NOT NULL
) STRICT;
CREATE TRIGGER attestations_stay BEFORE UPDATE ON attestations
  BEGIN SELECT RAISE(ABORT, 'attestations are never changed'); END;
CREATE TRIGGER attestations_remain BEFORE DELETE ON attestations
  BEGIN SELECT RAISE(ABORT, 'attestations are never deleted'); END;
