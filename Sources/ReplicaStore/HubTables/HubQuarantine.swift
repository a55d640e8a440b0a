package import CaseRecords
package import Causality
import SQLite
package import SyncProtocol

package enum HubQuarantineState: Int64, Sendable { case waiting = 0, released = 1, returned = 2 }

/// A change set apart, with its text.
package struct HubQuarantine: Hashable, Sendable {
  package let number: Int64
  package let state: HubQuarantineState
  package let incarnation: Int64
  package let compartment: CompartmentID
  package let dot: Dot
  package let reason: QuarantineReason
  package let atMilliseconds: UInt64
  /// What its author's device said of a compartment that the hub did not have.
  package let described: Compartment?
  /// Its context holds only what had been delivered to its author.
  package let change: Change
}

/// The same as an operator may see it.
package struct HubQuarantineMark: Hashable, Sendable {
  package let number: Int64
  package let state: HubQuarantineState
  package let compartment: CompartmentID
  package let reason: QuarantineReason
  package let atMilliseconds: UInt64
  package let incarnation: Int64
  /// When a person decided about it; nil: not yet, or before that was written down.
  package let decidedMilliseconds: UInt64?
}

extension ReplicaStore {
  /// Keeps a change apart; what is set apart already stays as it is. `digest` is of the change as
  /// its author sent it.
  package func quarantineHub(
    _ change: Change, digest: [UInt8], in compartment: CompartmentID, described: Compartment?,
    from incarnation: Int64, reason: QuarantineReason, atMilliseconds: UInt64
  ) throws {
    let page = Page(
      compartments: described.map { [$0] } ?? [], items: [.change(compartment, change)])
    _ = try database.run(
      "INSERT INTO quarantine (incarnation, compartment, actor, counter, reason, at_ms, digest, "
        + "body) VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING", .integer(incarnation),
      .id(compartment), .actor(change.dot.actor), .uint(change.dot.counter),
      .uint(reason.rawValue), .uint(atMilliseconds), .blob(digest),
      .blob(try seal(page.encoded().bytes, in: KeyVault.ownNumber)))
  }

  /// Why this change was once set apart, whatever has been decided since; nil when it was not.
  package func isQuarantined(
    _ dot: Dot, digest: [UInt8], in compartment: CompartmentID
  ) throws -> QuarantineReason? {
    try database.first(
      "SELECT reason FROM quarantine WHERE compartment = ? AND actor = ? AND counter = ? "
        + "AND digest = ?", .id(compartment), .actor(dot.actor), .uint(dot.counter), .blob(digest)
    ) { $0.unsigned(0) }.flatMap(QuarantineReason.init(rawValue:))
  }

  /// Dots set apart here while other words stand under them: a copy had used the same names.
  package func dotsOfCopies(in stored: StoredCompartment) throws -> [Dot] {
    try database.query(
      "SELECT DISTINCT changes.actor, changes.counter FROM quarantine JOIN changes "
        + "USING (actor, counter) WHERE quarantine.compartment = ? AND changes.compartment = ? "
        + "AND changes.digest <> quarantine.digest", .id(stored.id), .integer(stored.number)
    ) { Dot(actor: $0.actor(0), counter: $0.unsigned(1)) }
  }

  /// What waits for a decision, in the order in which it came.
  package func hubQuarantine() throws -> [HubQuarantine] {
    try hubQuarantine(where: "state = ?1", HubQuarantineState.waiting.rawValue)
  }

  /// Nil when there is none, or its text is not here any more.
  package func hubQuarantine(number: Int64) throws -> HubQuarantine? {
    try hubQuarantine(where: "number = ?1", number).first
  }

  /// What waits for a decision, or every change that was ever set apart: in the order in which they
  /// came, those after number `after`.
  package func hubQuarantineMarks(
    waitingOnly: Bool, after: Int64, limit: Int
  ) throws -> [HubQuarantineMark] {
    try database.query(
      "SELECT number, state, compartment, reason, at_ms, incarnation, decided_ms FROM quarantine "
        + "WHERE number > ? AND (state = 0 OR ?) ORDER BY number LIMIT ?", .integer(after),
      .integer(waitingOnly ? 0 : 1), .integer(Int64(limit))
    ) { row in
      HubQuarantineMark(
        number: row.int(0), state: HubQuarantineState(rawValue: row.int(1)) ?? .waiting,
        compartment: try row.id(2),
        reason: QuarantineReason(rawValue: row.unsigned(3)) ?? .notHeld,
        atMilliseconds: row.unsigned(4), incarnation: row.int(5),
        decidedMilliseconds: row.int(6) == 0 ? nil : row.unsigned(6))
    }
  }

  package func hubQuarantineCount(waitingOnly: Bool, after: Int64) throws -> Int {
    Int(
      try database.first(
        "SELECT count(*) FROM quarantine WHERE number > ? AND (state = 0 OR ?)", .integer(after),
        .integer(waitingOnly ? 0 : 1)
      ) { $0.int(0) } ?? 0)
  }

  /// What waits for a decision, by the device that wrote it: how much, and since when.
  package func quarantineByDevice() throws -> [(device: Int64, count: Int, since: UInt64)] {
    try database.query(
      "SELECT i.device, count(*), min(q.at_ms) FROM quarantine q "
        + "JOIN incarnations i ON i.number = q.incarnation WHERE q.state = 0 GROUP BY i.device "
        + "ORDER BY i.device"
    ) { ($0.int(0), Int($0.int(1)), $0.unsigned(2)) }
  }

  package func hubQuarantineState(_ number: Int64) throws -> HubQuarantineState? {
    try database.first("SELECT state FROM quarantine WHERE number = ?", .integer(number)) {
      HubQuarantineState(rawValue: $0.int(0))
    } ?? nil
  }

  /// The first that its author wrote into the same compartment before this one, and that waits.
  package func undecidedQuarantine(before later: HubQuarantine) throws -> Int64? {
    try database.first(
      "SELECT number FROM quarantine WHERE state = 0 AND compartment = ? AND actor = ? "
        + "AND counter < ? ORDER BY counter LIMIT 1", .id(later.compartment),
      .actor(later.dot.actor), .uint(later.dot.counter)
    ) { $0.int(0) }
  }

  /// Records a decision; `forgetting` the text when it stands in the record, or may stand nowhere.
  package func decideQuarantine(
    _ number: Int64, _ state: HubQuarantineState, forgetting: Bool, atMilliseconds: UInt64
  ) throws {
    _ = try database.run(
      "UPDATE quarantine SET state = ?1, body = iif(?2, x'', body), decided_ms = ?4 "
        + "WHERE number = ?3", .integer(state.rawValue), .integer(forgetting ? 1 : 0),
      .integer(number), .uint(atMilliseconds))
  }

  package func quarantineCounts() throws -> [(reason: QuarantineReason, count: Int)] {
    try database.query(
      "SELECT reason, count(*) FROM quarantine WHERE state = 0 GROUP BY reason ORDER BY reason"
    ) { (QuarantineReason(rawValue: $0.unsigned(0)) ?? .notHeld, Int($0.int(1))) }
  }

  /// Since when the oldest of what waits for a decision waits.
  package func quarantinedSince() throws -> UInt64? {
    try database.first("SELECT min(at_ms) FROM quarantine WHERE state = 0") {
      $0.isNull(0) ? nil : $0.unsigned(0)
    } ?? nil
  }

  private func hubQuarantine(where clause: String, _ value: Int64) throws -> [HubQuarantine] {
    try database.query(
      "SELECT number, incarnation, state, actor, counter, reason, at_ms, body FROM quarantine "
        + "WHERE body <> x'' AND " + clause + " ORDER BY number", .integer(value)
    ) { row in
      let page = try Page(encoded: open(row.blob(7), in: KeyVault.ownNumber))
      guard case .change(let id, let change)? = page.items.first else {
        throw StoreError.damaged(
          file: "replica.sqlite", detail: "quarantine \(row.int(0)) holds no change")
      }
      return HubQuarantine(
        number: row.int(0), state: HubQuarantineState(rawValue: row.int(2)) ?? .waiting,
        incarnation: row.int(1), compartment: id,
        dot: Dot(actor: row.actor(3), counter: row.unsigned(4)),
        reason: QuarantineReason(rawValue: row.unsigned(5)) ?? .notHeld,
        atMilliseconds: row.unsigned(6), described: page.compartments.first, change: change)
    }
  }

  // MARK: Actors of releases

  /// The hub's actor for what it releases of one author's: bound to that author's incarnation, so
  /// that it counts as that agency's word, and not the device's to write under.
  package func bindRelease(_ actor: Actor, in compartment: Int64, for incarnation: Int64) throws {
    _ = try database.run(
      "INSERT INTO actors VALUES (?, ?, ?, 1) ON CONFLICT DO NOTHING", .actor(actor),
      .integer(compartment), .integer(incarnation))
  }

  /// The counters, under `actor`, of what was released of another actor's: in the order of release.
  package func released(
    as actor: Actor, of author: Actor, in compartment: Int64
  ) throws -> [(counter: UInt64, origin: UInt64)] {
    try database.query(
      "SELECT counter, origin_counter FROM reminted WHERE compartment = ? AND actor = ? "
        + "AND origin_actor = ? ORDER BY counter", .integer(compartment), .actor(actor),
      .actor(author)
    ) { ($0.unsigned(0), $0.unsigned(1)) }
  }
}
