import CaseRecords
import Causality
import ReplicaStore
import SyncProtocol

/// Which agencies there are, for all of them to read: one `directory` compartment that the hub is
/// custodian of, with a record for each agency. A sensitive service is never among them: nobody
/// learns from the directory that it exists.
extension HubEngine {
  /// Brings the directory up to the agencies on the books. What stands already is not written
  /// again. Inside the caller's transaction; does nothing while a restored hub takes back what it
  /// lost.
  package func publishAgencies(now: UInt64) throws {
    guard try store.recoveringCount() == 0 else { return }
    let id: CompartmentID = derivedName("directory", [])
    let workspace = Workspace(store: store)
    let standing = try workspace.entry(id)
    var writes: [Write] = []
    for agency in try agencies() where agency.id != .hub && !agency.isSensitive {
      let record = RecordID(high: agency.id.high, low: agency.id.low)
      for (group, value) in Self.groups(of: agency) {
        let known =
          standing?.content.records[record]?.groups[group]?
          .siblings.map(\.value.value) ?? []
        if known == [value.encoded()] { continue }
        writes.append(
          Write(record: record, kind: "agency", group: group, value: value.encoded()))
      }
    }
    guard !writes.isEmpty else { return }
    let stored = try workspace.entry(
      creating: Compartment(id: id, child: nil, category: .directory, custodian: .hub)
    ).stored
    let actor = try hubActor(in: id, epoch: epoch)
    let change = Change(
      dot: Dot(actor: actor, counter: stored.vector[actor] + 1), context: stored.vector,
      writes: writes, time: HybridTime(milliseconds: now, logical: 0), claimedMilliseconds: now,
      author: nil)
    _ = try workspace.update(id) { $0.apply(change) }
    let encoded = change.encoded()
    try store.log(
      change, encoded: encoded, digest: Change.digest(ofSent: encoded), in: stored.number,
      atMilliseconds: now)
    try workspace.flush()
    if standing == nil { try admit(stored, now: now) }
    touched.formUnion(try store.touchFeeds(of: [stored.number]))
  }

  /// Codes that no list has are left out: a form would not offer them either.
  private static func groups(of agency: HubAgency) -> [(String, GroupValue)] {
    var groups: [(String, GroupValue)] = [("name", .one("name", agency.name))]
    if CodeLists.sector.contains(agency.sector) {
      groups.append(("sector", .one("sector", agency.sector)))
    }
    if CodeLists.locality.contains(agency.locality) {
      groups.append(("localities", GroupValue().setting("localities", [agency.locality])))
    }
    return groups
  }
}
