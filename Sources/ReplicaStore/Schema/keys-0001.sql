-- The key file: one random key per compartment, wrapped by the replica's master key, which stands
-- in neither file. Committed before the compartment's row and destroyed before it; a key without a
-- row is swept at start. Number 0 is the replica's own key (policy, outbox, quarantine, staging).
CREATE TABLE keys (
  number  INTEGER PRIMARY KEY,
  wrapped BLOB NOT NULL
) STRICT;
