-- What the ledger is asked: the proofs that a compartment is gone, and what one agency held.
CREATE INDEX purge_receipts_by_compartment ON purge_receipts (compartment);
CREATE INDEX disclosures_by_agency ON disclosures (agency);
