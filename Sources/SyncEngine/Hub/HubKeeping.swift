import CaseRecords
import Causality
import Disclosure
package import ReplicaStore

/// When the hub's own copies go, and whom that waits for.
extension HubEngine {
  /// The hub keeps nothing it may not: once consent to store is gone and every other holder has
  /// confirmed its purge, the hub's own copy goes too. The custodian keeps its record. An erased
  /// compartment goes when all have confirmed, and never comes back.
  func purgeHubCopyIfDue(_ stored: StoredCompartment, now: UInt64) throws {
    guard try !mayKeep(stored, now: now) else { return try store.keepAgain(stored.number) }
    // What a device was known to have may be gone since: an old copy may be in its place.
    if try store.letGo(of: stored.number, atMilliseconds: now) {
      try listenAgain(to: stored.compartment.custodian)
    }
    if try keeping(of: stored, now: now).isDestroyed {
      try store.scheduleHubPurge(stored.number, atMilliseconds: now)
    }
  }

  /// Before a copy goes that only this agency is to have from now on.
  private func listenAgain(to custodian: AgencyID) throws {
    guard let custodian = try agency(custodian) else { return }
    for device in try store.devices(of: custodian.number) {
      heard.subtract(try store.incarnations(of: device.number).map(\.number))
    }
    if let speaking { heard.insert(speaking.incarnation) }
  }

  private func mayKeep(_ stored: StoredCompartment, now: UInt64) throws -> Bool {
    let isOfNoChild = !stored.compartment.category.isPerChild && stored.compartment.child == nil
    return try isOfNoChild || mayKeep(stored.compartment, now: now)
  }

  /// May the hub have a copy?
  func mayKeep(_ compartment: Compartment, now: UInt64) throws -> Bool {
    // One whose key is gone could not be read.
    try keepingDecision(of: compartment, now: now).isAllowed
  }

  func keepingDecision(of compartment: Compartment, now: UInt64) throws -> Decision {
    try decisionWithoutRoles(for: .hub, on: compartment, now: now)
  }

  /// By which entry it is erased, if it is.
  func erasure(of compartment: Compartment) throws -> PolicyID? {
    guard compartment.child != nil else { return nil }
    return try policySet(of: compartment.child)
      .erasure(of: compartment, isCustodianSensitive: isSensitive(compartment.custodian))
  }

  private func isSensitive(_ custodian: AgencyID) throws -> Bool {
    try agency(custodian)?.isSensitive == true
  }

  /// No record is read for it: who leads or is involved does not count.
  func decisionWithoutRoles(
    for agency: AgencyID, on compartment: Compartment, now: UInt64
  ) throws -> Decision {
    try decision(
      for: agency, on: compartment,
      facts: CaseFacts(isCustodianSensitive: isSensitive(compartment.custodian)), now: now)
  }

  /// What becomes of the hub's own copy.
  func keeping(of stored: StoredCompartment, now: UInt64) throws -> HubKeeping {
    if try mayKeep(stored, now: now) { return .kept }
    guard let erasure = try erasure(of: stored.compartment) else {
      let isUnneeded = try obstacles(to: stored, isErased: false).isEmpty
      return isUnneeded ? .destroyed(isErased: false) : .awaited
    }
    let isDone =
      try obstacles(to: stored, isErased: true).isEmpty && untold(of: erasure, stored).isEmpty
    return isDone ? .destroyed(isErased: true) : .awaited
  }

  /// What the hub waits for before it destroys its copy; empty when it may be kept, too.
  package func obstacles(
    to stored: StoredCompartment, now: UInt64
  ) throws -> [HubObstacle] {
    if try mayKeep(stored, now: now) { return [] }
    guard let erasure = try erasure(of: stored.compartment) else {
      return try obstacles(to: stored, isErased: false)
    }
    return try obstacles(to: stored, isErased: true) + untold(of: erasure, stored)
  }

  /// Where the hub has begun a record anew it has no account any more of which of the custodian's
  /// devices have it: each purges it when it is told of the erasure.
  private func untold(
    of erasure: PolicyID, _ stored: StoredCompartment
  ) throws -> [HubObstacle] {
    guard try store.destroyedCopies(of: stored.id) > 0,
      let custodian = try agency(stored.compartment.custodian)
    else { return [] }
    // Not told at all yet, each device lacks it.
    let position = try store.feedPosition(of: erasure, for: custodian.number) ?? .max
    return try store.devices(of: custodian.number).compactMap { device in
      guard device.revokedMilliseconds == nil,
        let latest = try store.incarnations(of: device.number).last
      else { return nil }
      let isSpeaking = speaking?.incarnation == latest.number
      let seen = max(latest.policySeen, isSpeaking ? speaking?.policySeen ?? 0 : 0)
      return seen >= position ? nil : HubObstacle(device: device.number, kind: .untold)
    }
  }

  /// Every other holder has purged its copy, and the custodian has all that others wrote, on each
  /// device that has any of it, and was heard since that was decided; or, erased, nobody has
  /// anything. A run that a device has left behind does not count for the custodian: it is no
  /// longer sent anything.
  private func obstacles(
    to stored: StoredCompartment, isErased: Bool
  ) throws -> [HubObstacle] {
    let custodian = try agency(stored.compartment.custodian)
    var found: [HubObstacle] = []
    var isWithCustodian = false
    for hold in try store.hubHolds(ofCompartment: stored.number) {
      guard let incarnation = try store.incarnation(number: hold.incarnation),
        let device = try store.device(number: incarnation.device)
      else { continue }
      let latest = try store.incarnations(of: device.number).last?.number
      if device.agency != custodian?.number || isErased {
        let kind: HubObstacle.Kind = latest == incarnation.number ? .purge : .purgeOfEarlierRun
        found.append(HubObstacle(device: device.number, kind: kind))
        continue
      }
      if device.revokedMilliseconds != nil || latest != incarnation.number { continue }
      // The device has the reply to its last exchange once its token has come back: with an idle
      // poll too, so that a copy does not wait for news that may be long in coming.
      let isConfirmed =
        hold.exchange != incarnation.exchange
        || confirmed[incarnation.number] == incarnation.exchange
      let certain = isConfirmed ? hold.vector : hold.before
      isWithCustodian = true
      let isHeard = heard.contains(incarnation.number)
      let hasAll = certain.covers(stored.vector)
      if !isHeard || !hasAll {
        found.append(HubObstacle(device: device.number, kind: .word))
      }
    }
    if !isErased && !isWithCustodian { found.append(HubObstacle(device: nil, kind: .custodian)) }
    return found
  }
}

/// One thing that the hub waits for before it destroys its copy of a compartment.
package struct HubObstacle: Hashable, Sendable {
  package enum Kind: Hashable, Sendable {
    /// The device has not confirmed that it has destroyed its own copy.
    case purge
    /// The same, of a run that the device has left behind: only a copy of it could confirm that.
    case purgeOfEarlierRun
    /// The custodian's device has yet to show that it has everything.
    case word
    /// No device of the custodian's is known to have it.
    case custodian
    /// The custodian's device has not been told of the erasure.
    case untold
  }

  /// By its number; nil: any of the custodian's.
  package let device: Int64?
  package let kind: Kind
}

/// What becomes of the hub's own copy of a compartment.
enum HubKeeping: Hashable {
  case kept
  /// It may not be kept, but somebody still needs it, or has not purged its own.
  case awaited
  case destroyed(isErased: Bool)

  var isDestroyed: Bool {
    if case .destroyed = self { true } else { false }
  }
}
