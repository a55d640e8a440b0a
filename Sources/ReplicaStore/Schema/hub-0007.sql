-- How large the hub's files and tables were, a row per day and thing: what the forecast of a full
-- disk rests on. `day` counts from 1970; `name` is "file …" or "table …". Kept for a year.
CREATE TABLE capacity_samples (
  day   INTEGER NOT NULL,
  name  TEXT NOT NULL,
  bytes INTEGER NOT NULL,
  PRIMARY KEY (day, name)
) STRICT, WITHOUT ROWID;
