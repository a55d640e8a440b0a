-- The hub's side: who the agencies and their devices are, what each may hold, what each does hold,
-- and the log of changes between the two.

-- `policy_position` counts the entries that this agency's own policy feed has had.
CREATE TABLE agencies (
  number          INTEGER PRIMARY KEY AUTOINCREMENT,
  id              BLOB NOT NULL UNIQUE,
  name            TEXT NOT NULL UNIQUE,
  sector          TEXT NOT NULL,
  locality        TEXT NOT NULL,
  is_sensitive    INTEGER NOT NULL DEFAULT 0,
  policy_position INTEGER NOT NULL DEFAULT 0,
  feed            INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE TABLE devices (
  number        INTEGER PRIMARY KEY AUTOINCREMENT,
  id            BLOB NOT NULL UNIQUE,
  agency        INTEGER NOT NULL REFERENCES agencies (number),
  name          TEXT NOT NULL,
  secret_digest BLOB NOT NULL,
  enrolled_ms   INTEGER NOT NULL,
  revoked_ms    INTEGER
) STRICT;

-- One-time codes. `tries` counts the wrong ones; `device` is set once used, so that the same device
-- asking again with the same secret gets the same answer.
CREATE TABLE enrolment_codes (
  selector   TEXT PRIMARY KEY,
  digest     BLOB NOT NULL,
  agency     INTEGER NOT NULL REFERENCES agencies (number),
  expires_ms INTEGER NOT NULL,
  tries      INTEGER NOT NULL DEFAULT 0,
  device     BLOB
) STRICT, WITHOUT ROWID;

-- One run of a device's replica. `exchange` counts the exchanges that moved state; what the last of
-- them changed can be taken back (`…_before`), because its reply may have been lost and the same
-- request come again.
CREATE TABLE incarnations (
  number          INTEGER PRIMARY KEY AUTOINCREMENT,
  id              BLOB NOT NULL UNIQUE,
  device          INTEGER NOT NULL REFERENCES devices (number),
  fork_of         INTEGER,
  exchange        INTEGER NOT NULL DEFAULT 0,
  cursor          INTEGER NOT NULL DEFAULT 0,
  cursor_before   INTEGER NOT NULL DEFAULT 0,
  digest          BLOB NOT NULL,
  digest_before   BLOB NOT NULL,
  last_contact_ms INTEGER NOT NULL DEFAULT 0,
  unsent          INTEGER NOT NULL DEFAULT 0,
  skew_ms         INTEGER NOT NULL DEFAULT 0,
  policy_seen     INTEGER NOT NULL DEFAULT 0,
  recovered_epoch INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE INDEX incarnations_by_device ON incarnations (device);

-- Whose actor it is. Never deleted, never reused. `is_release`: the hub mints under it what it
-- releases from quarantine of this incarnation; the device itself does not.
CREATE TABLE actors (
  actor       INTEGER NOT NULL,
  compartment INTEGER NOT NULL,
  incarnation INTEGER NOT NULL REFERENCES incarnations (number),
  is_release  INTEGER NOT NULL,
  PRIMARY KEY (compartment, actor)
) STRICT, WITHOUT ROWID;

CREATE INDEX actors_by_actor ON actors (actor);

-- What each incarnation has been sent: `vector` after its exchange number `exchange`, `before` it
-- until then. `revoked_ms` is set when the last basis is gone, and the row goes with the receipt.
-- state_due: what the device has is known by its own word alone, so the state is sent next, and no
-- older values. 0 no · 1 yes · 2 not any more once exchange number `exchange` is confirmed
CREATE TABLE holds (
  incarnation INTEGER NOT NULL REFERENCES incarnations (number),
  compartment INTEGER NOT NULL REFERENCES compartments (number),
  vector      BLOB NOT NULL,
  before      BLOB NOT NULL,
  exchange    INTEGER NOT NULL,
  revoked_ms  INTEGER,
  state_due   INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (incarnation, compartment)
) STRICT, WITHOUT ROWID;

CREATE INDEX holds_by_compartment ON holds (compartment);
-- What one exchange moved: taken back at a retry, confirmed by the next token.
CREATE INDEX holds_by_exchange ON holds (incarnation, exchange);
CREATE INDEX holds_revoked ON holds (incarnation, compartment) WHERE revoked_ms IS NOT NULL;

-- The cache of Disclosure's answer, and the feed of each agency: `feed` is the agency's own count
-- at the compartment's last news. Recomputed from policy; losing it costs time, never data.
CREATE TABLE entitlements (
  agency      INTEGER NOT NULL REFERENCES agencies (number),
  compartment INTEGER NOT NULL REFERENCES compartments (number),
  is_allowed  INTEGER NOT NULL,
  basis       TEXT NOT NULL,
  expires_ms  INTEGER,
  feed        INTEGER NOT NULL,
  PRIMARY KEY (compartment, agency)
) STRICT, WITHOUT ROWID;

CREATE INDEX entitlements_by_feed ON entitlements (agency, feed);
CREATE INDEX entitlements_by_expiry ON entitlements (expires_ms) WHERE expires_ms IS NOT NULL;

-- Every committed change, sealed under its compartment's key, in the order of commitment. `digest`
-- tells a retry from another content under the same dot, and stays; `body` is emptied once it is
-- old: whoever lacks it gets the compartment's state.
CREATE TABLE changes (
  sequence    INTEGER PRIMARY KEY AUTOINCREMENT,
  compartment INTEGER NOT NULL REFERENCES compartments (number),
  actor       INTEGER NOT NULL,
  counter     INTEGER NOT NULL,
  digest      BLOB NOT NULL,
  at_ms       INTEGER NOT NULL,
  body        BLOB NOT NULL,
  UNIQUE (compartment, actor, counter)
) STRICT;

-- States too large for a page, as they were when their first part was sent: so that a cut back-fill
-- goes on although the compartment has moved. Sealed under the compartment's key; dropped a day
-- later, and at the first withdrawal.
CREATE TABLE frozen (
  incarnation INTEGER NOT NULL REFERENCES incarnations (number),
  compartment INTEGER NOT NULL REFERENCES compartments (number) ON DELETE CASCADE,
  digest      BLOB NOT NULL,
  vector      BLOB NOT NULL,
  at_ms       INTEGER NOT NULL,
  body        BLOB NOT NULL,
  PRIMARY KEY (compartment, incarnation)
) STRICT, WITHOUT ROWID;

-- Operations committed under another dot than their first: where the first may yet arrive, or they
-- themselves once more. Twins may have used one first dot for different operations.
CREATE TABLE reminted (
  compartment    INTEGER NOT NULL,
  origin_actor   INTEGER NOT NULL,
  origin_counter INTEGER NOT NULL,
  actor          INTEGER NOT NULL,
  counter        INTEGER NOT NULL,
  PRIMARY KEY (compartment, origin_actor, origin_counter, actor, counter)
) STRICT, WITHOUT ROWID;

-- The policy journal's copy inside the database. The journal file beside it is written first.
CREATE TABLE policy (
  sequence INTEGER PRIMARY KEY AUTOINCREMENT,
  id       BLOB NOT NULL UNIQUE,
  child    BLOB,
  agency   BLOB NOT NULL,
  at_ms    INTEGER NOT NULL,
  body     BLOB NOT NULL
) STRICT;

CREATE INDEX policy_by_child ON policy (child);

-- What each agency has been told, in its own numbering: the projection as it was sent, sealed under
-- the hub's own key. A projection that has changed is told again, at the end of the feed.
CREATE TABLE policy_feed (
  agency   INTEGER NOT NULL REFERENCES agencies (number),
  position INTEGER NOT NULL,
  policy   INTEGER NOT NULL REFERENCES policy (sequence),
  digest   BLOB NOT NULL,
  body     BLOB NOT NULL,
  PRIMARY KEY (agency, position)
) STRICT, WITHOUT ROWID;

CREATE INDEX policy_feed_by_policy ON policy_feed (agency, policy, position);

-- Whose practitioner an author is: the agency whose list named the identifier first.
CREATE TABLE employers (
  practitioner BLOB PRIMARY KEY,
  agency       INTEGER NOT NULL REFERENCES agencies (number)
) STRICT, WITHOUT ROWID;

-- Who has, or had, a record of a child, and of which category: stays when the hub lets go of its
-- copy, since its custodian is to hear when it may come back.
CREATE TABLE custodians (
  child    BLOB NOT NULL,
  agency   INTEGER NOT NULL REFERENCES agencies (number),
  category INTEGER NOT NULL,
  PRIMARY KEY (child, agency, category)
) STRICT, WITHOUT ROWID;

-- What the records say of a child's situation (CaseFacts), so that entitlements can be recomputed
-- without opening compartments.
CREATE TABLE facts (
  child BLOB PRIMARY KEY,
  body  BLOB NOT NULL
) STRICT, WITHOUT ROWID;

-- Desk threads that tell of children, each under every identifier that what they tell rests on: a
-- thread may be held while all of them may be enquired about, and until the first of them expires.
CREATE TABLE desk_subjects (
  compartment INTEGER NOT NULL REFERENCES compartments (number) ON DELETE CASCADE,
  child       BLOB NOT NULL,
  expires_ms  INTEGER NOT NULL,
  PRIMARY KEY (compartment, child)
) STRICT, WITHOUT ROWID;

CREATE INDEX desk_subjects_by_child ON desk_subjects (child);

-- Changes set apart, each a page sealed under the hub's own key: released or returned by a person,
-- never lost. The row stays so that the same change is told alike when it comes again; its body
-- goes once it stands in the record, or may stand nowhere since the child's record is erased.
-- state: 0 waiting · 1 released · 2 returned
CREATE TABLE quarantine (
  number      INTEGER PRIMARY KEY AUTOINCREMENT,
  incarnation INTEGER NOT NULL,
  compartment BLOB NOT NULL,
  actor       INTEGER NOT NULL,
  counter     INTEGER NOT NULL,
  reason      INTEGER NOT NULL,
  at_ms       INTEGER NOT NULL,
  state       INTEGER NOT NULL DEFAULT 0,
  digest      BLOB NOT NULL,
  body        BLOB NOT NULL,
  UNIQUE (compartment, actor, counter, digest)
) STRICT;

-- Work rescued from an expired lease that this hub cannot open, as it came: nobody else has it.
CREATE TABLE unreadable (
  digest      BLOB PRIMARY KEY,
  incarnation INTEGER NOT NULL,
  at_ms       INTEGER NOT NULL,
  body        BLOB NOT NULL
) STRICT;

-- Who held what, from when to when, on which basis. Never deleted: it names no child but by id.
CREATE TABLE disclosures (
  number      INTEGER PRIMARY KEY AUTOINCREMENT,
  agency      INTEGER NOT NULL,
  compartment BLOB NOT NULL,
  child       BLOB,
  category    INTEGER NOT NULL,
  basis       TEXT NOT NULL,
  from_ms     INTEGER NOT NULL,
  until_ms    INTEGER
) STRICT;

CREATE INDEX disclosures_open ON disclosures (compartment, agency) WHERE until_ms IS NULL;
CREATE INDEX disclosures_by_child ON disclosures (child);

-- Purges confirmed, with the device's proof; `exchange` is that of the incarnation that brought it.
CREATE TABLE purge_receipts (
  number      INTEGER PRIMARY KEY AUTOINCREMENT,
  incarnation INTEGER NOT NULL,
  exchange    INTEGER NOT NULL,
  compartment BLOB NOT NULL,
  certificate BLOB NOT NULL,
  proof       BLOB NOT NULL,
  ordered_ms  INTEGER NOT NULL,
  at_ms       INTEGER NOT NULL
) STRICT;

CREATE INDEX purge_receipts_by_exchange ON purge_receipts (incarnation, exchange);

-- Compartments that the hub may not keep any more, until its copy is gone: others have to purge
-- theirs first, and the custodian has to have everything. Looked at again in each exchange of the
-- custodian's.
CREATE TABLE letting_go (
  compartment INTEGER PRIMARY KEY REFERENCES compartments (number) ON DELETE CASCADE
) STRICT;

-- Erased compartments: absorbing. What comes for one of them is quarantined unread.
CREATE TABLE erased (
  compartment BLOB PRIMARY KEY,
  at_ms       INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- The hub's own copies that are to be destroyed: decided in a transaction, carried out after it or
-- at the next start. `at_ms` is when it was decided.
CREATE TABLE hub_purges (
  compartment INTEGER PRIMARY KEY,
  at_ms       INTEGER NOT NULL
) STRICT;

-- How often the hub has destroyed its copy of a compartment. Begun again, the compartment has none
-- of the hub's earlier dots, so the hub writes under another actor each time. Only its custodian
-- may still have it: a copy of a device, unknown until then, that lists it is told to purge it.
CREATE TABLE destroyed_copies (
  compartment BLOB PRIMARY KEY,
  custodian   INTEGER NOT NULL REFERENCES agencies (number),
  times       INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Of which the hub has no copy, and which a device of this agency has said to be another's.
CREATE TABLE foreign_copies (
  compartment BLOB NOT NULL,
  agency      INTEGER NOT NULL REFERENCES agencies (number),
  PRIMARY KEY (compartment, agency)
) STRICT, WITHOUT ROWID;

-- What a restored hub had ordered purged before it forgot: shown by the devices' certificates.
-- Denied until the family decides anew. over_consent: 0 what a part in the case opens · 1 also what
-- consent opens, which may have ended since.
CREATE TABLE certified_revocations (
  agency       INTEGER NOT NULL REFERENCES agencies (number),
  compartment  BLOB NOT NULL,
  over_consent INTEGER NOT NULL,
  PRIMARY KEY (agency, compartment)
) STRICT, WITHOUT ROWID;

-- Compartments that a restored hub lets nobody have until everyone who could know of a withdrawal
-- has been heard, unless its policy journal is proven complete.
CREATE TABLE recovering (
  compartment INTEGER PRIMARY KEY
) STRICT;

-- Devices that have not given back yet what a restored hub lost: any of them may know of a
-- withdrawal. Empty unless the policy journal was lost as well.
CREATE TABLE unheard (
  device INTEGER PRIMARY KEY
) STRICT;

-- Who did what. Each row's chain is the digest of the row before and its own fields.
CREATE TABLE audit (
  number  INTEGER PRIMARY KEY AUTOINCREMENT,
  at_ms   INTEGER NOT NULL,
  who     TEXT NOT NULL,
  action  TEXT NOT NULL,
  subject TEXT NOT NULL,
  chain   BLOB NOT NULL
) STRICT;
