import Causality
import Operations
import ReplicaStore

/// Devices as the operator sees them.
extension HubReports {
  /// With `week`, each with the samples of its last seven days; with `device`, that one alone; with
  /// `agency`, those of that agency.
  func devices(_ arguments: JSON) throws -> JSON {
    let withWeek = arguments["week"]?.boolValue ?? false
    let wanted = arguments["device"]?.stringValue
    let agencies = try arguments["agency"]?.stringValue.map { id in
      try store.agencies().filter { $0.id.text == id }.map(\.number)
    }
    return devices(
      try standings {
        (wanted == nil || $0.id.text == wanted) && agencies?.contains($0.agency) != false
      }, withWeek: withWeek)
  }

  func devices(_ standings: [DeviceStanding], withWeek: Bool) -> JSON {
    .array(
      standings.map { standing in
        var object = json(standing)
        if withWeek { object["week"] = week(of: standing) }
        return .object(object)
      })
  }

  private func json(_ standing: DeviceStanding) -> JSON.Object {
    let device = standing.device
    var object = JSON.Object()
    object["id"] = .string(device.id.text)
    object["name"] = .string(device.name)
    object["agency"] = .string(standing.agency)
    object["state"] = .string(standing.state.rawValue)
    object["enrolledMilliseconds"] = .count(device.enrolledMilliseconds)
    object["revokedMilliseconds"] = .optional(device.revokedMilliseconds)
    object["incarnations"] = .count(standing.runs)
    object["lastContactMilliseconds"] = .optional(standing.lastContactMilliseconds)
    object["isWaiting"] = .bool(standing.isWaiting)
    object["unsent"] = .count(standing.unsent)
    object["clockAheadMilliseconds"] = .integer(standing.skewMilliseconds)
    object["compartmentsBehind"] = .count(standing.compartmentsBehind)
    object["policyBehind"] = .count(standing.policyBehind)
    object["behindSinceMilliseconds"] = .optional(standing.behindSinceMilliseconds)
    object["pendingPurges"] = .count(standing.pendingPurges)
    object["pendingPurgesSinceMilliseconds"] = .optional(standing.pendingPurgesSinceMilliseconds)
    object["leaseEndsMilliseconds"] = .optional(standing.leaseEndsMilliseconds)
    object["leaseDaysLeft"] = .optional(standing.leaseDaysLeft)
    let program = standing.contact?.program ?? ""
    object["program"] = program.isEmpty ? .null : .string(program)
    object["version"] = Self.version(of: program).map { .string($0) } ?? .null
    object["link"] = Self.json(standing.week, pageBytes: standing.contact?.pageBytes)
    return object
  }

  /// Nil when it is another program.
  private static func version(of program: String) -> String? {
    guard program.hasPrefix("cafsync/") else { return nil }
    let version = program.dropFirst("cafsync/".count).prefix { $0 != " " }
    return version.isEmpty ? nil : String(version)
  }

  /// What passed in the last seven days.
  private static func json(_ tally: LinkTally, pageBytes: UInt64?) -> JSON {
    [
      "exchanges": .count(tally.exchanges), "moved": .count(tally.moved),
      "cut": .count(tally.cut), "receivedBytes": .count(tally.receivedBytes),
      "sentBytes": .count(tally.sentBytes), "pageBytes": .optional(pageBytes),
      "roundTrips": .count(tally.roundTrips),
      "roundTripMilliseconds": tally.roundTrips > 0
        ? .count(tally.roundTripMilliseconds / tally.roundTrips) : .null,
    ]
  }

  private static let sampleHours: UInt64 = 6

  /// 28 samples of six hours each, the last of which holds the present.
  private func week(of standing: DeviceStanding) -> JSON {
    let hour = core.now / DeviceLinks.hourMilliseconds
    let count = ReplicaStore.linkHoursKept / Self.sampleHours
    let last = hour / Self.sampleHours
    let first = last + 1 - min(last + 1, count)
    var samples = [LinkTally](repeating: LinkTally(), count: Int(last + 1 - first))
    for (hour, tally) in standing.hours {
      let place = hour / Self.sampleHours
      guard place >= first, place <= last else { continue }
      samples[Int(place - first)].add(tally)
    }
    func row(_ value: (LinkTally) -> UInt64) -> JSON { .array(samples.map { .count(value($0)) }) }
    return [
      "startMilliseconds": .count(first * Self.sampleHours * DeviceLinks.hourMilliseconds),
      "sampleHours": .count(Self.sampleHours),
      "exchanges": row(\.exchanges), "moved": row(\.moved), "cut": row(\.cut),
      "receivedBytes": row(\.receivedBytes), "sentBytes": row(\.sentBytes),
      "unsent": row(\.unsent),
    ]
  }
}

extension JSON {
  static func optional(_ value: UInt64?) -> JSON { value.map { .count($0) } ?? .null }
}
