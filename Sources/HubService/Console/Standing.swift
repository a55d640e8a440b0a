import HTTPTransport
import Operations
import ReplicaStore

// What every page of the console says first, and how a page learns that it is out of date.
extension HubReports {
  /// Changes with each commit, and each minute: ages grow by themselves.
  func revision() throws -> JSON {
    ["revision": .string("\(try core.store.integer("commits") ?? 0).\(core.now / 60_000)")]
  }

  func standing() throws -> JSON {
    let pending = try core.store.pendingRevocations().values.reduce(0) { $0 + $1.count }
    let quarantined = try core.store.quarantineCounts().reduce(0) { $0 + $1.count }
    let recovering = try core.store.recoveringCount()
    let silent = try silentAgencies()
    let changedLogs = try core.store.integer(HubNote.auditBrokenName) == nil ? 0 : 1
    let found = [
      (changedLogs, "audit log that was changed", "audit logs that were changed"),
      (silent, "agency silent for a day or more", "agencies silent for a day or more"),
      (pending, "purge not confirmed", "purges not confirmed"),
      (quarantined, "change set apart", "changes set apart"),
      (
        recovering, "compartment held back after a restore",
        "compartments held back after a restore"
      ),
    ].filter { $0.0 > 0 }
    let sentence = found.map { "\($0.0) \($0.0 == 1 ? $0.1 : $0.2)" }.joined(separator: ", ")
    return [
      "isInStep": .bool(found.isEmpty),
      "sentence": .string(found.isEmpty ? "Every agency is in step." : sentence + "."),
      "nowMilliseconds": .count(core.now), "revision": try revision()["revision"] ?? "",
    ]
  }

  /// Agencies with a device, none of which has been in contact for a day.
  private func silentAgencies() throws -> Int {
    let contacts = try core.store.lastContacts()
    let active = Set(
      try core.store.devices().filter { $0.revokedMilliseconds == nil }.map(\.agency))
    return active.count { core.now - min(core.now, contacts[$0] ?? 0) >= 86_400_000 }
  }
}
