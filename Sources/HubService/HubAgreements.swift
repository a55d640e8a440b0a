import CaseRecords
import Causality
import Disclosure
import HTTPTransport
import Operations
import ReplicaStore
import SyncEngine

// Decisions about whole agencies, each with what it would do shown first.
extension HubAdministration {
  /// `of` says which decision: `agreement`, `agency`, `consent` or `erasure`.
  func blastRadius(_ arguments: JSON) throws -> JSON {
    try HubBlastRadius(core: core).answer(decision(arguments))
  }

  private func decision(_ arguments: JSON) throws -> HubBlastRadius.Decision {
    switch try text(arguments, "of") {
    case "agreement": return .lock(try agency(arguments))
    case "agency": return .removal(try agency(arguments))
    case "erasure": return .entry(.erase(reason: ""), try child(arguments))
    case "consent":
      let named = arguments["agency"] == nil ? nil : try agency(arguments)
      let scope = ConsentScope(
        purposes: Set(Purpose.allCases), categories: try categories(arguments),
        recipients: named.map { .agencies([$0.id]) } ?? .everyone)
      return .entry(.withdrawal(scope), try child(arguments))
    default:
      throw LocalFailure(.usage, "of is one of: agreement, agency, consent, erasure.")
    }
  }

  /// All that can be shared, when none is named.
  private func categories(_ arguments: JSON) throws -> Set<CaseRecords.Category> {
    let all = CaseRecords.Category.allCases.filter { $0.isPerChild && $0 != .private }
    let named = (arguments["categories"]?.arrayValue ?? []).compactMap(\.stringValue)
    if named.isEmpty { return Set(all) }
    return Set(
      try named.map { name in
        guard let category = all.first(where: { "\($0)" == name }) else {
          throw LocalFailure(
            .usage, "No category \"\(name)\": \(all.map { "\($0)" }.joined(separator: ", ")).")
        }
        return category
      })
  }

  /// Without `yes` it says what would happen, and that a person has to decide.
  func lockAgreement(_ arguments: JSON) throws -> JSON {
    let agency = try agency(arguments)
    guard core.engine.locks(on: agency.id).isEmpty else {
      throw LocalFailure(.conflict, "The agreement with \(agency.name) is locked already.")
    }
    let radius = try confirmed(
      arguments, .lock(agency), "The agreement with \(agency.name) would end")
    try record(.agreementLock(agency.id))
    return ["agency": .string(agency.name), "locked": true, "radius": radius]
  }

  /// Ends the agreement, and has the agency's devices emptied: they hand over what is unsent, and
  /// destroy everything that they hold of the hub's records, their own among it. The agency stays
  /// on the books, as does what it has written.
  func removeAgency(_ arguments: JSON) throws -> JSON {
    let agency = try agency(arguments)
    let devices = try core.store.devices(of: agency.number)
      .filter { $0.revokedMilliseconds == nil }
    let isLocked = !core.engine.locks(on: agency.id).isEmpty
    if isLocked && devices.isEmpty {
      throw LocalFailure(.conflict, "\(agency.name) has been removed already.")
    }
    let radius = try confirmed(arguments, .removal(agency), "\(agency.name) would be removed")
    if !isLocked { try record(.agreementLock(agency.id)) }
    for device in devices { try core.engine.revoke(device, now: core.now) }
    core.log.info(
      "agency removed", ["agency": .text(agency.id.text), "devices": .count(devices.count)])
    return [
      "agency": .string(agency.name), "devicesRevoked": .count(devices.count), "radius": radius,
    ]
  }

  private func confirmed(
    _ arguments: JSON, _ decision: HubBlastRadius.Decision, _ what: String
  ) throws -> JSON {
    let radius = try HubBlastRadius(core: core).answer(decision)
    guard arguments["yes"]?.boolValue == true else {
      let devices = radius["deviceCount"]?.integerValue ?? 0
      throw LocalFailure(
        .conflict,
        "\(what): \(Words.count(Int(devices), "device", "devices")) would have to destroy "
          + "what \(devices == 1 ? "it holds" : "they hold"). To go on, give --yes.",
        details: radius)
    }
    return radius
  }
}
