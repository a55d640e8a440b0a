/// A district in one process: a hub, agencies, devices, families and bad luck, all decided by one
/// number.
///
/// The production engine, store, disclosure and codec run unchanged over SQLite in memory; the wire
/// carries their encoded bytes. Around them is only what a machine or a person would do. A history
/// is a list of events, drawn from the seed beforehand and independent of what comes of them, so
/// that any part of it can be played alone: that is how a failure is shrunk.
///
/// Beside the world stand witnesses that never use what they check. `PolicyOracle` says who may
/// hold what, from the entries and the records, by brute force. `ChangeRegistry` remembers every
/// change the hub ever committed, and computes from the changes alone what a replica must show.
/// `WordLedger` knows every word that anybody typed, and where it must still be found. None of them
/// is rolled back when a hub or a device is.
///
/// Clocks are virtual; nothing here depends on the time of day, nor on the order of a hash table.
