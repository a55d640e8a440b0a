import CaseRecords
import Causality
import ReplicaStore
import SyncEngine

/// What families, and the law, decide; recorded by some agency.
extension World {
  private static let scopes: [Set<CaseRecords.Category>] = [
    [.development, .plan], [.development], [.index], [.health, .parenting],
    [.whereabouts, .household], [.sensitive],
    [.index, .development, .plan, .health, .whereabouts, .household, .parenting],
    [.plan],
  ]

  func decide(
    _ device: SimulatedDevice, _ child: Int, _ choice: SimulationEvent.PolicyChoice
  ) throws {
    if device.engine.isLocked { return }
    let child = children[child % children.count]
    let id = PolicyID(using: &random)
    guard let kind = try kind(of: choice, on: device, about: child) else { return }
    let entry = PolicyEntry(
      id: id, child: child, kind: liftingItself(kind, id), madeAtMilliseconds: now,
      authorAgency: device.engine.identity.agency, author: nil)
    let done = try device.survive(now: now) {
      try device.engine.addPolicy(entry)
      return true
    }
    guard done != nil else {
      tally.inject("device killed while deciding")
      return try look(at: device)
    }
    recorded[entry.id] = entry
    try look(at: device)
  }

  /// As an agency that works with hundreds of families does in the course of time.
  func decide(_ device: SimulatedDevice, aboutOthers count: Int) throws {
    if device.engine.isLocked { return }
    for _ in 0..<count {
      let entry = PolicyEntry(
        id: PolicyID(using: &random), child: ChildID(using: &random),
        kind: .withdrawal(
          ConsentScope(
            purposes: [.share], categories: [.health],
            recipients: .agencies([device.engine.identity.agency]))), madeAtMilliseconds: now,
        authorAgency: device.engine.identity.agency, author: nil)
      let done = try device.survive(now: now) {
        try device.engine.addPolicy(entry)
        return true
      }
      if done == nil { break }
      recorded[entry.id] = entry
    }
    try look(at: device)
  }

  /// A program that names in a grant all that stands against it, and in that the grant itself: whom
  /// it excludes it excludes all the same.
  private func liftingItself(_ kind: PolicyKind, _ id: PolicyID) -> PolicyKind {
    guard case .grant(let terms) = kind, !terms.excluded.isEmpty,
      terms.expiresAtMilliseconds != nil
    else { return kind }
    return .grant(
      ConsentTerms(
        scope: terms.scope, excluded: terms.excluded, supersedes: terms.supersedes.union([id]),
        expiresAtMilliseconds: terms.expiresAtMilliseconds, evidence: terms.evidence))
  }

  private func scope(_ number: Int) -> Set<CaseRecords.Category> {
    Self.scopes[number % Self.scopes.count]
  }

  /// One agency, another, two, or everyone.
  private func reach(_ number: Int) -> Recipients {
    let count = agencies.count
    switch number % (count + 2) {
    case count: return .everyone
    case count + 1: return .agencies([agencies[0], agencies[number / 7 % count]])
    case let one: return .agencies([agencies[one]])
    }
  }

  private func kind(
    of choice: SimulationEvent.PolicyChoice, on device: SimulatedDevice, about child: ChildID
  ) throws -> PolicyKind? {
    switch choice {
    case .keep(let number, let knowing, let hours):
      let scope = ConsentScope(
        purposes: [.store, .index], categories: scope(number), recipients: .agencies([.hub]))
      return .grant(
        try terms(scope, excluding: [], knowing: knowing, hours: hours, device, child))
    case .share(let number, let reached, let knowing, let excluding, let hours):
      let scope = ConsentScope(
        purposes: [.store, .share, .index], categories: scope(number),
        recipients: reach(reached))
      let excluded: Set<AgencyID> = excluding ? [agencies[reached / 3 % agencies.count]] : []
      return .grant(
        try terms(scope, excluding: excluded, knowing: knowing, hours: hours, device, child))
    case .withdraw(let number, let reached):
      return .withdrawal(
        ConsentScope(
          purposes: [.share, .index], categories: scope(number), recipients: reach(reached)))
    case .withdrawKeeping(let number):
      return .withdrawal(
        ConsentScope(
          purposes: Set(Purpose.allCases), categories: scope(number), recipients: .everyone))
    case .refuse(let number, let reached):
      return .refusal(
        ConsentScope(purposes: [.share], categories: scope(number), recipients: reach(reached)))
    case .override(let number, let reached, let hours):
      guard case .agencies(let recipients) = reach(reached % agencies.count) else { return nil }
      return .override(
        OverrideTerms(
          categories: scope(number), recipients: recipients, reason: "risk", decidedBy: "A. Head",
          untilMilliseconds: now + UInt64(hours) * 3_600_000, significantHarm: reached % 2 == 0,
          authorisedRole: reached % 3 == 0))
    case .shield(let reached):
      let allowed: Set<AgencyID> =
        if case .agencies(let named) = reach(reached) { named } else { [] }
      return .shield(allowed: allowed, reviewOnMilliseconds: now + 30 * Self.day)
    case .unshield:
      return try known(device, child).first { if case .shield = $0.kind { true } else { false } }
        .map { .unshield($0.id) }
    case .alias(let other):
      let other = children[other % children.count]
      return other == child ? nil : .alias(other: other)
    case .unalias:
      return try known(device, child).first { if case .alias = $0.kind { true } else { false } }
        .map { .unalias($0.id) }
    case .erase: return .erase(reason: "the family asked for it")
    }
  }

  private func terms(
    _ scope: ConsentScope, excluding excluded: Set<AgencyID>, knowing: Bool, hours: Int?,
    _ device: SimulatedDevice, _ child: ChildID
  ) throws -> ConsentTerms {
    let denials = try knowing ? known(device, child).filter(\.isDenial).map(\.id) : []
    return ConsentTerms(
      scope: scope, excluded: excluded, supersedes: Set(denials),
      expiresAtMilliseconds: hours.map { now + UInt64($0) * 3_600_000 }, evidence: nil)
  }

  private func known(_ device: SimulatedDevice, _ child: ChildID) throws -> [PolicyEntry] {
    try device.store.policy(of: child).filter { $0.state != .refused }.map(\.entry)
  }
}

extension PolicyEntry {
  fileprivate var isDenial: Bool {
    switch kind {
    case .withdrawal, .refusal: true
    case .grant(let terms): !terms.excluded.isEmpty
    default: false
    }
  }
}
