-- How good each device's line is, hour by hour, for the last days. Counted in memory and written at
-- most every ten minutes, since an idle exchange writes nothing: what a killed hub had not written
-- is lost. Nothing is decided by it.
-- `hour`: hours since 1970. `cut`: requests that came again since their reply was lost. `unsent`:
-- the most that waited at a contact.
CREATE TABLE link_hours (
  device         INTEGER NOT NULL REFERENCES devices (number),
  hour           INTEGER NOT NULL,
  exchanges      INTEGER NOT NULL,
  moved          INTEGER NOT NULL,
  cut            INTEGER NOT NULL,
  received_bytes INTEGER NOT NULL,
  sent_bytes     INTEGER NOT NULL,
  unsent         INTEGER NOT NULL,
  PRIMARY KEY (device, hour)
) STRICT, WITHOUT ROWID;

CREATE INDEX link_hours_by_hour ON link_hours (hour);

-- What a device said at its last contact, written with `link_hours`. `program` is its own word.
CREATE TABLE device_contacts (
  device     INTEGER PRIMARY KEY REFERENCES devices (number),
  at_ms      INTEGER NOT NULL,
  program    TEXT NOT NULL,
  page_bytes INTEGER NOT NULL,
  skew_ms    INTEGER NOT NULL
) STRICT;

-- When each agency's feed moved: positions beyond `after`, up to `feed`, were given from `at_ms`
-- on, within a few minutes. So that of a device behind it can be said since when its news waits.
CREATE TABLE feed_times (
  agency INTEGER NOT NULL REFERENCES agencies (number),
  after  INTEGER NOT NULL,
  feed   INTEGER NOT NULL,
  at_ms  INTEGER NOT NULL,
  PRIMARY KEY (agency, after)
) STRICT, WITHOUT ROWID;
