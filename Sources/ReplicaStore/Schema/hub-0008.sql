-- How long a device's line takes. A round trip: from an answer that brought something until what
-- the device asked next was there, so the way to it, its work and the way back, with the bytes of
-- both bodies. Pauses are none.
ALTER TABLE link_hours ADD COLUMN round_trips INTEGER NOT NULL DEFAULT 0;
ALTER TABLE link_hours ADD COLUMN round_trip_ms INTEGER NOT NULL DEFAULT 0;
ALTER TABLE link_hours ADD COLUMN round_trip_bytes INTEGER NOT NULL DEFAULT 0;
