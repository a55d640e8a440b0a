import CaseRecords
import Causality
import ReplicaStore
import SQLite
import SyncEngine
import SyncProtocol

/// The invariants of every step that are the hub's.
extension World {
  static let hubPlace = -1

  var hubMark: HubMark {
    HubMark(
      disk: hub.disk.mark, restores: hub.restores, acknowledged: acknowledged.count,
      recorded: recorded.count, minters: minters.count)
  }

  func lookAtHub(isDisaster: Bool = false) throws {
    let mark = hubMark
    if !isDisaster, hubLook == mark { return }
    hubLook = mark
    try takeInCommitted(isDisaster: isDisaster)
    var reading = isDisaster ? ReplicaReading() : readings[Self.hubPlace] ?? ReplicaReading()
    let before = reading
    let changed = try reading.refresh(hub.store)
    readings[Self.hubPlace] = reading
    if !isDisaster { try checkDestroyed(before, reading) }
    for compartment in changed {
      let id = compartment.stored.id
      compartments[id] = compartment.stored.compartment
      try compare(
        compartment.shown,
        registry.expected(
          in: id, under: compartment.stored.vector, byWord: hub.restores == 0,
          tellsUnclear: tellsUnclear(id)),
        "the hub, \(id.text.prefix(6))")
    }
    try noteErased(reading, isDisaster: isDisaster)
    let words = reading.words.union(try setApart())
    try ledger.set(words, at: Self.hubPlace, isDisaster: isDisaster, contact: { _ in hub.restores })
    {
      self.isErased($0)
    }
    let missing = try acknowledged.subtracting(policyAtHub())
    if let entry = missing.sorted().first {
      throw SimulationFailure("what the hub has taken it keeps", "policy \(entry.text.prefix(6))")
    }
  }

  /// New rows of the log; a restored hub's log begins anew.
  private func takeInCommitted(isDisaster: Bool) throws {
    if isDisaster { lastSequence = 0 }
    let rows = try hub.store.database.query(
      "SELECT sequence, compartment, body FROM changes WHERE sequence > ? ORDER BY sequence",
      .integer(lastSequence)
    ) { ($0.int(0), $0.int(1), $0.blob(2)) }
    for (sequence, number, body) in rows {
      lastSequence = sequence
      guard let stored = try hub.store.compartment(number: number) else { continue }
      let change = try Change(encoded: hub.store.open(body, in: number))
      guard stored.vector.contains(change.dot) else {
        throw SimulationFailure("the hub knows what it logs", "\(change.dot) of \(stored.id)")
      }
      // What a lost disk had, a program with a mistake may say otherwise when it says it again.
      let mayDiffer = hub.restores > 0 && unfit.contains(change.dot.actor)
      try registry.add(change, in: stored.id, mayDiffer: mayDiffer)
      if !isDisaster { try checkCommitted(change, in: stored) }
    }
  }

  private func setApart() throws -> Set<Int> {
    let count =
      try hub.store.database.first("SELECT count(*) FROM quarantine") { $0.int(0) } ?? 0
    if count == quarantineRead.count { return quarantineRead.words }
    var words: Set<Int> = []
    for work in try hub.store.hubQuarantine() {
      words.formUnion(WordLedger.numbers(in: work.change.writes))
    }
    quarantineRead = (count, words)
    return words
  }

  private func noteErased(_ reading: ReplicaReading, isDisaster: Bool) throws {
    let erased = Set(
      try hub.store.database.query("SELECT compartment FROM erased") {
        try $0.id(0) as CompartmentID
      })
    // A restored hub has again what was in the backup, until its holders have confirmed once more.
    if isDisaster { erasedSeen = [] }
    erasedSeen.formUnion(erased)
    // In an order, so that a seed fails alike whenever it is played.
    for compartment in reading.compartments.values.sorted(by: {
      $0.stored.number < $1.stored.number
    })
    where erasedSeen.contains(compartment.stored.id) && !compartment.words.isEmpty {
      throw SimulationFailure(
        "erased is absorbing", "\(compartment.stored.id.text.prefix(6)) is at the hub again")
    }
  }

  // MARK: Facts

  /// What one custodian's records say, read sibling by sibling.
  func roles(of child: ChildID, custodian: AgencyID) throws -> CaseRoles {
    var roles = CaseRoles()
    let sensitive = sensitiveServices
    for content in try contents(of: child, in: [.index, .plan], custodian: custodian) {
      for record in content.records.values {
        let lives = record.values("life")
        if !lives.isEmpty && lives.allSatisfy({ $0.text("life") == "removed" }) { continue }
        func named(_ group: String) -> Set<AgencyID> {
          said(record, group, custodian: custodian)
        }
        switch record.kind {
        case "involvement" where !sensitive.contains(custodian):
          roles.involved.formUnion(named("agency").subtracting(sensitive))
        case "leadProfessional":
          let answers = record.values("acceptance")
          if !answers.isEmpty, answers.allSatisfy({ $0.text("accepted") == "accepted" }) {
            roles.leads.formUnion(named("lead"))
          }
        case "tacInvitation": roles.members.formUnion(named("invited"))
        case "action": roles.owners.formUnion(named("owner"))
        default: continue
        }
      }
    }
    return roles
  }

  /// Opened again only where the sealed bytes have changed.
  private func contents(
    of child: ChildID, in categories: [CaseRecords.Category], custodian: AgencyID
  ) throws -> [CompartmentContent] {
    try categories.flatMap { category in
      try hub.store.database.query(
        "SELECT number, content FROM compartments "
          + "WHERE child = ? AND custodian = ? AND category = ? ORDER BY number",
        .id(child), .id(custodian), .integer(Int64(category.rawValue))
      ) { ($0.int(0), $0.blob(1)) }
    }.map { number, sealed in
      if let known = opened[number], known.sealed == sealed { return known.content }
      let content = try hub.store.compartment(number: number).map(hub.store.content)
      let made = content ?? CompartmentContent()
      opened[number] = (sealed, made)
      return made
    }
  }

  /// Nobody opens a door for himself.
  private func said(
    _ record: RecordContent, _ group: String, custodian: AgencyID
  ) -> Set<AgencyID> {
    var result: Set<AgencyID> = []
    for sibling in record.groups[group]?.siblings ?? [] {
      guard let value = try? GroupValue(encoded: sibling.value.value),
        let named: AgencyID = value.identifier("agency")
      else { continue }
      let isSaidByAnother = sibling.dots.contains { dot in
        minters[dot.actor].map { agencies[$0] != named } ?? false
      }
      if named == custodian || isSaidByAnother { result.insert(named) }
    }
    return result
  }
}
