import CaseRecords
import Causality
import Cryptography
import ReplicaStore
import SyncProtocol

/// What the hub concludes from a committed change: the search index, the facts of the case, the CAF
/// flag, the answers and prompts of the desk.
///
/// Everything here is level-triggered and idempotent: it compares what should stand with what does,
/// and writes the difference under an actor of the hub's own. The same event twice changes nothing.
extension HubExchange {
  /// The day of this exchange, UTC.
  var today: CalendarDate? { CalendarDate(millisecondsSince1970: now) }

  /// `stored` is the compartment that `change` was applied to.
  mutating func derive(from change: Change, in stored: StoredCompartment) throws {
    if change.isVoid { return }
    try derive(kinds: Set(change.writes.map(\.kind)), in: stored)
  }

  /// After a state was taken in whole: everything it may bear on.
  mutating func deriveAll(in stored: StoredCompartment) throws {
    guard let entry = try workspace.entry(stored.id) else { return }
    try derive(kinds: Set(entry.content.records.values.map(\.kind)), in: stored)
  }

  private mutating func derive(kinds: Set<String>, in stored: StoredCompartment) throws {
    let custodian = stored.compartment.custodian
    if stored.compartment.category == .desk {
      if kinds.contains("enquiry") { try answerEnquiries(in: stored) }
      return
    }
    if stored.compartment.category == .practitioners { return try noteEmployers(in: stored) }
    guard let child = stored.compartment.child else { return }
    switch stored.compartment.category {
    case .index:
      if kinds.contains("child") { try refreshSearchIndex(stored, child: child) }
      if !kinds.isDisjoint(with: CaseFactsReader.kinds) {
        try refreshFacts(of: child, custodian: custodian)
      }
      // The CAF may have come before the index entry that bears its flag.
      if kinds.contains("child") || kinds.contains("cafFlag") {
        try refreshFlag(of: child, custodian: custodian)
      }
    case .plan:
      if !kinds.isDisjoint(with: CaseFactsReader.kinds) {
        try refreshFacts(of: child, custodian: custodian)
      }
    case .development:
      if kinds.contains("assessment") { try refreshFlag(of: child, custodian: custodian) }
    default: break
    }
  }

  private mutating func refreshSearchIndex(_ stored: StoredCompartment, child: ChildID) throws {
    guard let content = try workspace.entry(stored.id)?.content else { return }
    engine.searchTouched.insert(stored.id)
    engine.searchIndex.update(
      compartment: stored.id, child: child, custodian: stored.compartment.custodian,
      content: content)
  }

  // MARK: The hub's own writes

  /// Writes as the hub, having seen everything that is committed.
  mutating func hubWrite(_ writes: [Write], in id: CompartmentID) throws {
    guard let stored = try workspace.stored(id) else { return }
    let actor = try engine.hubActor(in: id, epoch: epoch)
    let change = Change(
      dot: Dot(actor: actor, counter: stored.vector[actor] + 1), context: stored.vector,
      writes: writes, time: HybridTime(milliseconds: now, logical: 0), claimedMilliseconds: now,
      author: nil)
    _ = try workspace.update(id) { $0.apply(change) }
    let encoded = change.encoded()
    try store.log(
      change, encoded: encoded, digest: Change.digest(ofSent: encoded), in: stored.number,
      atMilliseconds: now)
    news.insert(stored.number)
  }

  /// Opens a thread from the hub to `agency`, unless it was opened before: `name` says which thread
  /// it is. Nil when it exists, or existed and was erased.
  mutating func openThread(
    to agency: AgencyID, named name: [UInt8], kind: String, _ value: GroupValue
  ) throws -> StoredCompartment? {
    let id: CompartmentID = engine.derivedName(kind, name + agency.bytes)
    guard try workspace.entry(id) == nil, try !store.isErased(id) else { return nil }
    let made = try workspace.entry(
      creating: Compartment(id: id, child: nil, category: .desk, custodian: agency))
    let record: RecordID = engine.derivedName("\(kind) record", id.bytes)
    try hubWrite(
      [
        Write(record: record, kind: kind, group: kind, value: value.encoded()),
        Write(
          record: record, kind: kind, group: "state",
          value: GroupValue.one("state", "open").encoded()),
      ], in: id)
    try engine.admit(made.stored, now: now)
    return made.stored
  }
}

extension HubEngine {
  /// The same name for the same thing each time, and one that nobody outside can guess or claim.
  func derivedName<Tag>(_ use: String, _ bytes: [UInt8]) -> Identifier<Tag> {
    let mac = hmacSHA256(
      key: secrets.certifyingKey, Array("cafsync name \(use)\u{0}".utf8) + bytes)
    func word(_ bytes: ArraySlice<UInt8>) -> UInt64 { bytes.reduce(0) { $0 << 8 | UInt64($1) } }
    return Identifier(high: word(mac[0..<8]), low: word(mac[8..<16]))
  }

  /// Reads every index compartment: at start.
  package func rebuildSearchIndex() throws {
    searchIndex = ChildSearchIndex()
    searchTouched = []
    for stored in try store.compartments(in: .index) { try reindex(stored) }
  }

  /// Brings the index back to what is committed, after a transaction was taken back.
  package func restoreSearchIndex() throws {
    for id in searchTouched {
      searchIndex.remove(compartment: id)
      if let stored = try store.compartment(id) { try reindex(stored) }
    }
    searchTouched = []
  }

  private func reindex(_ stored: StoredCompartment) throws {
    guard let child = stored.compartment.child else { return }
    searchIndex.update(
      compartment: stored.id, child: child, custodian: stored.compartment.custodian,
      content: try store.content(of: stored))
  }
}
