-- What hub and agency share: compartments, each with its exact version vector and its sealed
-- registers. Nothing in this file is readable without the key file beside it.

-- Small facts about this replica by name: who it is, which epoch it last saw.
CREATE TABLE meta (
  name  TEXT PRIMARY KEY,
  value BLOB NOT NULL
) STRICT, WITHOUT ROWID;

-- One row per compartment held. Invariant: `content` is exactly the join of the changes that
-- `vector` counts; both change in one transaction. `number` is never reused, since the key file
-- names keys by it.
CREATE TABLE compartments (
  number    INTEGER PRIMARY KEY AUTOINCREMENT,
  id        BLOB NOT NULL UNIQUE,
  child     BLOB,
  category  INTEGER NOT NULL,
  custodian BLOB NOT NULL,
  vector    BLOB NOT NULL,
  content   BLOB NOT NULL
) STRICT;

CREATE INDEX compartments_by_child ON compartments (child, category) WHERE child IS NOT NULL;
