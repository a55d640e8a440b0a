import CaseRecords
import Causality
import Disclosure
import Operations
import ReplicaStore
import SyncEngine
import SyncProtocol

extension ExchangeStatus {
  /// Each sentence is a fact that the hub, or the store, vouches for.
  var words: String {
    switch self {
    case .heldHere(.privateNeverLeaves): "held here only: private notes never leave"
    case .heldHere(.noConsentToStore): "held here only: there is no consent to store it at the hub"
    case .heldHere(.declinedByHub): "held here only: the hub may not store it"
    case .queued: "queued: not yet at the hub"
    case .heldByHub: "held by the hub"
    case .receivedByOthers: "held by the hub, and received by others"
    case .quarantined: "some of it is set apart, until a person decides"
    case .locked: "withdrawn: being removed from this device"
    }
  }

  var code: String {
    switch self {
    case .heldHere: "heldHere"
    case .queued: "queued"
    case .heldByHub: "heldByHub"
    case .receivedByOthers: "receivedByOthers"
    case .quarantined: "quarantined"
    case .locked: "locked"
    }
  }

  static let codes = [
    "queued", "heldHere", "heldByHub", "receivedByOthers", "quarantined", "locked",
  ]
}

extension Replica {
  func standing(of stored: StoredCompartment) throws -> ExchangeStatus {
    try engine.status(of: stored.id, now: now) ?? .queued
  }

  /// How many compartments stand how. What has neither unsent nor quarantined work is told from the
  /// books alone: a replica has a hundred thousand of them.
  private func standings() throws -> [String: Int] {
    let unusual = Set(try store.outboxCompartments())
      .union(try store.compartments(in: .private).map(\.number))
      .union(
        try store.quarantinedWork().compactMap { try store.compartment($0.compartment)?.number })
    var counts: [String: Int] = [:]
    for hold in try store.allHolds() {
      let status: ExchangeStatus
      if unusual.contains(hold.number) {
        guard let stored = try store.compartment(number: hold.number) else { continue }
        status = try standing(of: stored)
      } else if hold.state == .revoked {
        status = .locked
      } else if let actor = hold.actor, hold.acknowledged[actor] > 0 {
        let isReceived = hold.receivedByOthers[actor] >= hold.acknowledged[actor]
        status = isReceived ? .receivedByOthers : .heldByHub
      } else {
        status = hold.receivedByOthers.isEmpty ? .heldByHub : .receivedByOthers
      }
      counts[status.code, default: 0] += 1
    }
    return counts
  }

  /// Everything in figures, and one truthful sentence.
  func replicaStatus() throws -> JSON.Object {
    if engine.isLocked { return try lockedStatus() }
    let counts = try standings()
    var status = JSON.Object()
    status["agency"] = .string(agencyName)
    status["device"] = .string(engine.identity.device.text)
    status["keys"] = "open"
    var records = JSON.Object()
    for code in ExchangeStatus.codes {
      records[code] = .count(counts[code] ?? 0)
    }
    status["compartments"] = .object(records)
    status["unsentDecisions"] = .count(try store.unsentPolicyCount())
    status["returnedDecisions"] = .count(try store.refusedPolicy().count)
    status["quarantined"] = .count(try store.quarantinedWork().count)
    status["conflicts"] = .count(try conflicts().count)
    status["openTasks"] = .count(
      try taskList(OperationInput([:]))["tasks"]?.arrayValue?.count ?? 0)
    status["purgesToConfirm"] = .count(try store.unacknowledgedPurges(limit: 1_000).count)
    return status
  }

  /// How far each part of each child's record has come.
  func recordStandings() throws -> JSON {
    let children = try store.children()
    let shown = children.prefix(Self.childrenListedMax)
    return [
      "children": .array(try shown.compactMap { try standings(of: $0) }),
      "notListed": .count(children.count - shown.count),
    ]
  }

  /// How far each part of one child's record has come; nil when none may be shown.
  func standings(of child: ChildID) throws -> JSON? {
    let parts = try store.compartments(of: child).filter { try isShown($0) }
    guard !parts.isEmpty else { return nil }
    return [
      "child": .string(child.text), "name": .string(try childName(child)),
      "parts": .array(
        try parts.map { stored in
          let standing = try standing(of: stored)
          return [
            "category": .string("\(stored.compartment.category)"),
            "label": .string(PlainWords.part(stored.compartment.category)),
            "custodian": .string(try name(of: stored.compartment.custodian)),
            "code": .string(standing.code), "state": .string(standing.words),
          ]
        }),
    ]
  }

  private static let childrenListedMax = 5_000

  /// What the books tell while the keys are locked.
  private func lockedStatus() throws -> JSON.Object {
    var status = JSON.Object()
    status["agency"] = .string(agencyName)
    status["device"] = .string(engine.identity.device.text)
    status["keys"] = "locked"
    status["unsentChanges"] = .count(try store.outboxCount())
    status["unsentDecisions"] = .count(try store.unsentPolicyCount())
    status["withdrawalsToObey"] = .count(try store.holds(in: .revoked).count)
    status["purgesToConfirm"] = .count(try store.unacknowledgedPurges(limit: 1_000).count)
    return status
  }

  /// Work that an exchange would still have to carry.
  func pendingCount() throws -> Int {
    if engine.isLocked {
      return try store.outboxCount() + store.unsentPolicyCount() + store.holds(in: .revoked).count
        + store.unacknowledgedPurges(limit: 1_000).count
    }
    let waiting = try store.outboxCompartments()
    let revoked = try store.holds(in: .revoked).count
    let queued = try waiting.count { number in
      try store.compartment(number: number).map { try standing(of: $0) == .queued } ?? false
    }
    return try queued + revoked + store.unsentPolicyCount()
      + store.unacknowledgedPurges(limit: 1_000).count
  }

  /// The way out: everything of one child that is held here, as JSON.
  func export(_ input: OperationInput) throws -> JSON {
    let child = try child(try input.required("child"))
    try input.finish()
    return [
      "child": .string(child.text), "name": .string(try childName(child)),
      "exportedAt": .string(now.momentText), "exportedFrom": .string(agencyName),
      "identifiers": .array(try aliases().members(child).sorted().map { .string($0.text) }),
      "compartments": .array(try held(child).map { try json($0) }),
      "decisions": try consentShow(OperationInput(["child": .string(child.text)]))["entries"] ?? [],
    ]
  }

  func devices(_ input: OperationInput) throws -> JSON {
    try input.finish()
    return [
      "sentence": "Other devices of this agency are known to the hub: ask its operator.",
      "device": .string(engine.identity.device.text), "agency": .string(agencyName),
    ]
  }
}
