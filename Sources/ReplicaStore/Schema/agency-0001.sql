-- The agency's side of the exchange.

-- What the hub and this replica agree on about a compartment. `acknowledged` is the vector that
-- the hub knows this device to have: the holdings digest is their sum. `actor` is the one that new
-- changes are minted under; NULL until the first write of this hold. Invariant: the compartment's
-- vector is `acknowledged` plus this device's unsent dots.
-- state: 0 held · 1 revoked (not shown; drained, then purged) · 2 kept until rebased after a RESEED
-- · 3 own record that the hub may keep again: submitted anew after the next exchange
CREATE TABLE holds (
  compartment  INTEGER PRIMARY KEY REFERENCES compartments (number) ON DELETE CASCADE,
  acknowledged BLOB NOT NULL,
  actor        INTEGER,
  state        INTEGER NOT NULL DEFAULT 0,
  certificate  BLOB,
  received_by_others BLOB NOT NULL DEFAULT x'80'
) STRICT;

CREATE INDEX holds_in_transition ON holds (state) WHERE state <> 0;

-- Changes that the hub has not acknowledged, in the order they were saved.
-- in_flight: 0 never sent · 1 in the last request, whose outcome is unknown: exactly they are sent
-- again before anything new · 2 in an earlier request
CREATE TABLE outbox (
  position    INTEGER PRIMARY KEY AUTOINCREMENT,
  compartment INTEGER NOT NULL REFERENCES compartments (number),
  actor       INTEGER NOT NULL,
  counter     INTEGER NOT NULL,
  body        BLOB NOT NULL,
  in_flight   INTEGER NOT NULL DEFAULT 0,
  UNIQUE (compartment, actor, counter)
) STRICT;

-- Names that unsent changes had before they were given new ones, in that order. A form that was
-- opened before still says the old ones, and another device may have used them for other words.
CREATE TABLE renamed (
  position    INTEGER PRIMARY KEY AUTOINCREMENT,
  compartment INTEGER NOT NULL REFERENCES compartments (number) ON DELETE CASCADE,
  actor       INTEGER NOT NULL,
  old_actor   INTEGER NOT NULL,
  old_counter INTEGER NOT NULL
) STRICT;

CREATE INDEX renamed_by_compartment ON renamed (compartment);

-- Parts of large snapshots, until they are whole. Sealed under the compartment's own key, so that a
-- purge reaches them too.
CREATE TABLE staged (
  compartment INTEGER NOT NULL REFERENCES compartments (number) ON DELETE CASCADE,
  digest      BLOB NOT NULL,
  first_byte  INTEGER NOT NULL,
  byte_count  INTEGER NOT NULL,
  body        BLOB NOT NULL,
  PRIMARY KEY (compartment, first_byte)
) STRICT, WITHOUT ROWID;

-- Policy entries known here, sealed under the replica's own key. `position` is the place in this
-- agency's feed; NULL while the hub has not committed the entry.
-- state: 0 to be sent · 1 committed · 2 refused (returned to a person; `note` says why)
CREATE TABLE policy (
  id       BLOB PRIMARY KEY,
  child    BLOB,
  position INTEGER,
  state    INTEGER NOT NULL,
  note     TEXT NOT NULL DEFAULT '',
  body     BLOB NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX policy_by_child ON policy (child);
CREATE INDEX policy_unsent ON policy (state) WHERE state = 0;

-- Purges carried out. The hub counts `held` (the vector it knew this device to have) until it has
-- the receipt, so the digest does too. The certificate stays for the day the hub is restored.
-- state: 0 rows deleted, files not proven clean yet · 1 receipt may be sent · 2 hub has the receipt
CREATE TABLE purges (
  compartment    BLOB NOT NULL,
  certificate    BLOB NOT NULL,
  proof          BLOB NOT NULL,
  held           BLOB NOT NULL,
  purged_ms      INTEGER NOT NULL,
  state          INTEGER NOT NULL,
  PRIMARY KEY (compartment, certificate)
) STRICT, WITHOUT ROWID;

CREATE INDEX purges_open ON purges (state) WHERE state < 2;

-- Work set apart, with the author's text: sealed under the replica's own key. What the hub releases
-- goes from here; a person takes up or discards the rest.
-- state: 0 at the hub too, nobody has decided · 1 returned by the hub · 2 never left this device
CREATE TABLE quarantine (
  number      INTEGER PRIMARY KEY AUTOINCREMENT,
  compartment BLOB NOT NULL,
  actor       INTEGER NOT NULL,
  counter     INTEGER NOT NULL,
  reason      INTEGER NOT NULL,
  at_ms       INTEGER NOT NULL,
  state       INTEGER NOT NULL,
  body        BLOB NOT NULL
) STRICT;

-- Unsent work of a replica whose lease ran out, sealed to the hub's sealing key: unreadable here,
-- delivered at the next contact.
CREATE TABLE rescued (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  body   BLOB NOT NULL
) STRICT;
