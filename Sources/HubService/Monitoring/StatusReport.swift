import Glibc
import Operations
import ReplicaStore
import SyncEngine

/// The whole hub at a glance: first whether all is in step, then what is not.
extension HubReports {
  /// With `devicesMax`, at most so many devices, those that are not in step first.
  func status(_ arguments: JSON) throws -> JSON {
    let standings = try standings()
    let quarantined = try store.quarantineCounts().reduce(0) { $0 + $1.count }
    let pending = standings.reduce(0) { $0 + $1.pendingPurges }
    let oldest = standings.compactMap(\.pendingPurgesSinceMilliseconds).min()
    let recovering = try store.recoveringCount()
    let unreadable = try store.unreadableCount()
    let active = standings.filter { $0.state != .revoked }
    let late = standings.filter(\.needsAttention)
    var attention = late.map { $0.sentence(now: core.now) }
    if quarantined > 0 {
      attention.append(
        "\(Words.count(quarantined, "change")) \(quarantined == 1 ? "stands" : "stand") apart "
          + "until you decide: see `cafsync hub quarantine list`.")
    }
    if unreadable > 0 {
      attention.append(
        "\(Words.count(unreadable, "piece")) of rescued work cannot be opened by this hub.")
    }
    if recovering > 0 {
      attention.append(
        "Not let out yet after a restore: \(Words.count(recovering, "compartment")).")
    }
    let auditBrokenLine = try store.integer(HubNote.auditBrokenName)
    if let auditBrokenLine {
      attention.append(OperatorWords.auditChanged(atLine: auditBrokenLine))
    }
    var object = JSON.Object()
    object["nowMilliseconds"] = .count(core.now)
    object["isInStep"] = .bool(late.isEmpty)
    object["attention"] = .array(attention.map { .string($0) })
    object["devicesInStep"] = .count(active.count { $0.state == .inStep })
    object["devicesAll"] = .count(standings.count)
    object["devicesActive"] = .count(active.count)
    object["epoch"] = .count(try core.engine.epoch)
    object["commits"] = .count(try store.integer("commits") ?? 0)
    object["agencies"] = try agencies(standings)
    let listed = arguments["devicesMax"]?.integerValue.map { max(0, Int(clamping: $0)) }
    let first = listed.map { ((late + standings.filter { !$0.needsAttention }).prefix($0)) }
    object["devices"] = devices(first.map(Array.init) ?? standings, withWeek: false)
    object["compartments"] = .count(try store.compartmentCount())
    object["policyEntries"] = .count(try store.policyCount())
    object["pendingPurges"] = .count(pending)
    object["pendingPurgesSinceMilliseconds"] = .optional(oldest)
    object["purgeReceipts"] = .count(try store.receiptCount())
    object["quarantined"] = .count(quarantined)
    object["quarantinedSinceMilliseconds"] = .optional(try store.quarantinedSince())
    object["lettingGo"] = .count(try store.lettingGoCount())
    object["unreadable"] = .count(unreadable)
    object["recovering"] = .count(recovering)
    object["waitingPolls"] = .count(core.polls.count)
    object["leaseDays"] = .count(core.engine.leaseDays)
    object["lastBackupMilliseconds"] = .optional(try store.integer(HubNote.backupName))
    object["auditBrokenLine"] = .optional(auditBrokenLine)
    object["bytes"] = .object(
      sizes().reduce(into: JSON.Object()) { $0[$1.file] = .count($1.bytes) })
    return .object(object)
  }

  /// What is not there takes no room.
  func sizes() -> [(file: String, bytes: UInt64)] {
    ["replica.sqlite", "replica.sqlite-wal", "keys.sqlite", "policy.journal"].map { file in
      var facts = stat()
      let isThere = stat(core.folder.path + "/" + file, &facts) == 0
      return (file, isThere ? UInt64(max(facts.st_size, 0)) : 0)
    }
  }
}

extension DeviceStanding {
  /// Why it is not in step, in one sentence. Names of agencies and devices, counts and times.
  func sentence(now: UInt64) -> String {
    let name = "\(agency), \(device.name)"
    func ago(_ since: UInt64?) -> String { Words.span(now - min(now, since ?? now)) }
    var facts: [String] = []
    switch state {
    case .inStep: return "\(name): in step."
    case .never: facts.append("never heard since it joined \(ago(device.enrolledMilliseconds)) ago")
    case .silent: facts.append("silent for \(ago(lastContactMilliseconds))")
    case .revoked: facts.append("reported lost \(ago(device.revokedMilliseconds)) ago")
    case .behind: break
    }
    if unsent > 0 {
      facts.append("\(Words.count(unsent, "change")) unsent at its last contact")
    }
    if compartmentsBehind > 0 {
      let behind =
        compartmentsBehind < Self.behindMax ? "\(compartmentsBehind)" : "\(Self.behindMax) or more"
      let since = behindSinceMilliseconds.map { ", the oldest for \(ago($0))" } ?? ""
      facts.append(
        "\(behind) \(compartmentsBehind == 1 ? "compartment waits" : "compartments wait") for it"
          + since)
    }
    if policyBehind > 0 {
      facts.append("has not been told \(Words.count(policyBehind, "decision")) of families")
    }
    if pendingPurges > 0 {
      facts.append(
        "\(Words.count(pendingPurges, "purge")) not confirmed, the oldest for "
          + ago(pendingPurgesSinceMilliseconds))
    }
    return "\(name): \(facts.joined(separator: "; "))."
  }
}
