-- What waits for somebody, and what has happened to devices: for the operator, who decides nothing
-- by it but whom to call.

-- Answers of several people that stand side by side until one of them chooses, as many of each
-- compartment as were opened at one moment. `opened_ms` is when the second of them was written, by
-- its author's clock. Written with the registers, so that they need not be read for it.
CREATE TABLE open_conflicts (
  compartment INTEGER NOT NULL REFERENCES compartments (number) ON DELETE CASCADE,
  opened_ms   INTEGER NOT NULL,
  count       INTEGER NOT NULL,
  PRIMARY KEY (compartment, opened_ms)
) STRICT, WITHOUT ROWID;

-- Compartments from before that table: they are sealed, so the program counts them, some at a time.
CREATE TABLE uncounted (
  compartment INTEGER PRIMARY KEY REFERENCES compartments (number) ON DELETE CASCADE
) STRICT;

INSERT INTO uncounted SELECT number FROM compartments;

-- Changes that the hub has asked a run of a device to send again, since something has to come
-- first. Gone once it was committed or set apart, or the device has nothing unsent.
-- waits_for: 1 an earlier change of the same author · 2 what its author had seen, by others
-- · 3 a decision of the family's · 4 the same request once more
CREATE TABLE deferrals (
  incarnation INTEGER NOT NULL REFERENCES incarnations (number),
  compartment BLOB NOT NULL,
  actor       INTEGER NOT NULL,
  counter     INTEGER NOT NULL,
  waits_for   INTEGER NOT NULL,
  since_ms    INTEGER NOT NULL,
  PRIMARY KEY (incarnation, compartment, actor, counter)
) STRICT, WITHOUT ROWID;

-- Clones, old states of a disk, new beginnings: once for each kind, device and hour, with how often
-- (`times`) and when last. `earlier`: the run that it began from.
CREATE TABLE identity_events (
  number      INTEGER PRIMARY KEY AUTOINCREMENT,
  at_ms       INTEGER NOT NULL,
  last_ms     INTEGER NOT NULL,
  times       INTEGER NOT NULL DEFAULT 1,
  kind        TEXT NOT NULL,
  device      INTEGER REFERENCES devices (number),
  incarnation INTEGER,
  earlier     INTEGER
) STRICT;

CREATE INDEX identity_events_by_device ON identity_events (device, number);

-- What the audit log has of it.
INSERT INTO identity_events (at_ms, last_ms, times, kind, device)
  SELECT min(a.at_ms), max(a.at_ms), count(*),
    CASE a.action WHEN 'recovery begun' THEN 'hub restored'
      WHEN 'recovery ended by hand' THEN 'recovery ended' WHEN 'device revoked' THEN 'revoked'
      WHEN 'given back' THEN 'gave back' WHEN 'holds what was purged' THEN 'held what was purged'
      ELSE 'rescued unreadable' END,
    d.number
  FROM audit a LEFT JOIN devices d
    ON lower(hex(d.id)) = iif(a.action = 'device revoked', a.subject, a.who)
  WHERE a.action IN ('recovery begun', 'recovery ended by hand', 'device revoked', 'given back',
    'holds what was purged', 'rescued work unreadable')
  GROUP BY a.action, d.number, a.at_ms / 3600000 ORDER BY 1;

-- When a person decided about what was set apart; 0: before this was written down.
ALTER TABLE quarantine ADD COLUMN decided_ms INTEGER NOT NULL DEFAULT 0;
