-- Since when the hub waits before it lets go of a copy; 0: since before this was written down.
ALTER TABLE letting_go ADD COLUMN since_ms INTEGER NOT NULL DEFAULT 0;

-- Why devices were ordered to destroy what they held, for whoever watches that it is done: one row
-- for each decision, and for each moment at which time or the case ended somebody's right.
-- kind: that of the policy entry, as the audit log names it; else 'expiry' (`policy` is what ran
-- out, if it was a consent or an override) · 'part ended' · 'order from before a restore' ·
-- 'reported' (a device says that it holds what it was not given) · 'unrecorded' (from before this
-- table)
CREATE TABLE withdrawals (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  kind   TEXT NOT NULL,
  policy BLOB,
  child  BLOB,
  at_ms  INTEGER NOT NULL
) STRICT;

CREATE INDEX withdrawals_by_time ON withdrawals (at_ms);

-- What each run of a device was ordered to destroy. Written with `holds.revoked_ms`, and never
-- deleted; `confirmed_ms` comes with the receipt.
CREATE TABLE withdrawal_orders (
  withdrawal   INTEGER NOT NULL REFERENCES withdrawals (number),
  incarnation  INTEGER NOT NULL,
  compartment  BLOB NOT NULL,
  category     INTEGER NOT NULL,
  ordered_ms   INTEGER NOT NULL,
  confirmed_ms INTEGER,
  PRIMARY KEY (compartment, incarnation, withdrawal)
) STRICT, WITHOUT ROWID;

CREATE INDEX withdrawal_orders_by_withdrawal ON withdrawal_orders (withdrawal);
CREATE INDEX withdrawal_orders_open ON withdrawal_orders (incarnation, withdrawal)
  WHERE confirmed_ms IS NULL;

-- What waits already. The audit log says which entry was taken at that very moment.
CREATE TEMP TABLE waiting AS
  SELECT h.incarnation, c.id AS compartment, c.category, h.revoked_ms AS at_ms, p.id AS policy,
    iif(p.id IS NULL, c.child, p.child) AS child
  FROM holds h JOIN compartments c ON c.number = h.compartment
  LEFT JOIN policy p ON p.sequence = (
    SELECT max(sequence) FROM policy
    WHERE (child = c.child OR child IS NULL) AND at_ms = h.revoked_ms)
  WHERE h.revoked_ms IS NOT NULL;
INSERT INTO withdrawals (kind, policy, child, at_ms)
  SELECT DISTINCT coalesce(substr(a.action, 8), 'unrecorded'), w.policy, w.child, w.at_ms
  FROM waiting w LEFT JOIN audit a ON a.at_ms = w.at_ms AND a.action LIKE 'policy %'
    AND a.subject = lower(hex(w.policy));
INSERT INTO withdrawal_orders
  SELECT (SELECT min(number) FROM withdrawals
    WHERE at_ms = w.at_ms AND policy IS w.policy AND child IS w.child),
    w.incarnation, w.compartment, w.category, w.at_ms, NULL
  FROM waiting w;
DROP TABLE waiting;
