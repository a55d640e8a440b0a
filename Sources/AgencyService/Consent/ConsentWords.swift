import CaseRecords
import Causality
import Disclosure
import Operations
import ReplicaStore
import SyncEngine

// The decisions about a child as they stand: in words for a person, and in parts for a page.
extension Replica {
  func consentShow(_ input: OperationInput) throws -> JSON {
    let child = try child(try input.required("child"))
    try input.finish()
    let entries = try aliases().members(child).sorted().flatMap { try store.policy(of: $0) }
      .sorted {
        ($0.entry.madeAtMilliseconds, $0.entry.id) < ($1.entry.madeAtMilliseconds, $1.entry.id)
      }
    let standing = ConsentStanding(try knownPolicy(of: child).map(\.entry), now: now)
    let shields = Set(try standingShields(of: child))
    return [
      "child": .string(child.text), "name": .string(try childName(child)),
      "entries": .array(
        try entries.map { known in
          guard case .object(var object) = try json(known.entry, known) else { return .null }
          object["isStanding"] = .bool(
            known.state != .refused && stands(known.entry, standing, shields))
          return .object(object)
        }),
    ]
  }

  private func stands(
    _ entry: PolicyEntry, _ standing: ConsentStanding, _ shields: Set<PolicyID>
  ) -> Bool {
    switch entry.kind {
    case .grant: !standing.withdrawal(of: entry.id).isEmpty
    case .withdrawal(let scope): !scope.isOfNothing && !standing.isLifted(entry.id)
    case .refusal: !standing.isLifted(entry.id)
    case .override(let terms): terms.untilMilliseconds > now
    case .shield: shields.contains(entry.id)
    default: false
    }
  }

  /// - Parameter known: How far it has come; nil when that is not asked.
  func json(_ entry: PolicyEntry, _ known: KnownPolicy?) throws -> JSON {
    var object = JSON.Object()
    object["entry"] = .string(entry.id.text)
    object["sentence"] = .string(try words(entry.kind))
    object["recordedBy"] = .string(
      entry.author == nil ? try name(of: entry.authorAgency) : try name(of: entry.author))
    object["recordedAt"] = .string(entry.madeAtMilliseconds.momentText)
    try describe(entry.kind, &object)
    if let known {
      let state =
        switch known.state {
        case .unsent: "recorded here, not yet at the hub"
        case .committed: "in force at the hub"
        case .refused: "returned by the hub: \(known.note)"
        }
      object["state"] = .string(state)
    }
    return .object(object)
  }

  private func describe(_ kind: PolicyKind, _ object: inout JSON.Object) throws {
    switch kind {
    case .grant(let terms):
      object["kind"] = "consent"
      try describe(terms.scope, &object)
      let never = try terms.excluded.map { try name(of: $0) }.sorted()
      if !never.isEmpty { object["excluded"] = .array(never.map { .string($0) }) }
      object["until"] = terms.expiresAtMilliseconds.map { .string($0.momentText) }
      guard let evidence = terms.evidence else { return }
      object["givenBy"] = .string("\(evidence.givenBy) (\(evidence.relationship))")
      object["capacity"] = .string(evidence.capacityBasis)
      object["capacityWords"] = CodeLists.capacityBasis.label(for: evidence.capacityBasis)
        .map { .string($0) }
      object["assessedBy"] = evidence.capacityAssessedBy.map { .string($0) }
      object["agreement"] = .string(evidence.agreementVersion)
      object["note"] = .string(evidence.note)
    case .refusal(let scope):
      object["kind"] = "refusal"
      try describe(scope, &object)
    case .withdrawal(let scope):
      object["kind"] = "withdrawal"
      if !scope.isOfNothing { try describe(scope, &object) }
    case .override(let terms):
      object["kind"] = "override"
      object["parts"] = .array(terms.categories.sorted().map { .string(PlainWords.part($0)) })
      object["recipients"] = .array(try names(terms.recipients))
      object["decidedBy"] = .string(terms.decidedBy)
      object["reason"] = .string(terms.reason)
      object["until"] = .string(terms.untilMilliseconds.momentText)
    case .shield(let allowed, let review):
      let day = CalendarDate(millisecondsSince1970: review)
      object["kind"] = "shield"
      object["recipients"] = .array(try names(allowed))
      object["reviewOn"] = .string(day?.text ?? "")
      object["isReviewDue"] = .bool(day.map { $0 <= today } ?? false)
    default: object["kind"] = "other"
    }
  }

  private func describe(_ scope: ConsentScope, _ object: inout JSON.Object) throws {
    object["purposes"] = .array(scope.purposes.sorted().map { .string($0.plainWords.label) })
    object["parts"] = .array(scope.categories.sorted().map { .string(PlainWords.part($0)) })
    object["recipients"] =
      switch scope.recipients {
      case .everyone: ["Every agency"]
      case .agencies(let named):
        .array(try names(named.count > 1 ? named.subtracting([.hub]) : named))
      }
  }

  private func names(_ agencies: Set<AgencyID>) throws -> [JSON] {
    try agencies.map { try name(of: $0) }.sorted().map { .string($0) }
  }

  /// One entry in words.
  func words(_ kind: PolicyKind) throws -> String {
    switch kind {
    case .grant(let terms):
      var text = "consent: \(try words(terms.scope))"
      if !terms.excluded.isEmpty {
        let never = try terms.excluded.map { try name(of: $0) }.sorted()
        text += ", never to \(never.joined(separator: ", "))"
      }
      if let end = terms.expiresAtMilliseconds { text += ", until \(end.momentText)" }
      return text
    case .refusal(let scope): return "refusal: \(try words(scope))"
    case .withdrawal(let scope) where scope.isOfNothing:
      return "counted while this child was joined with another identifier; counts no more"
    case .withdrawal(let scope): return "withdrawal: \(try words(scope))"
    case .override(let terms):
      let names = try terms.recipients.map { try name(of: $0) }.sorted().joined(separator: ", ")
      return
        "override: \(terms.categories.sorted().map(\.shortWords).joined(separator: ", ")) — "
        + "\(names), until \(terms.untilMilliseconds.momentText)"
    case .shield(let allowed, let review):
      let names = try allowed.map { try name(of: $0) }.sorted().joined(separator: ", ")
      let day = CalendarDate(millisecondsSince1970: review)
      let due = day.map { $0 <= today } ?? false ? "review due since" : "to be reviewed on"
      return "whereabouts shielded"
        + (names.isEmpty ? "" : " from all but \(names)") + ", \(due) \(day?.text ?? "?")"
    case .unshield: return "shield lifted"
    case .erase: return "erased"
    case .alias: return "joined with another identifier of the same child"
    case .unalias: return "a join was taken back"
    case .agreementLock: return "agreement locked"
    case .agreementSigned(_, _, let version): return "agreement signed, version \(version)"
    }
  }

  private func words(_ scope: ConsentScope) throws -> String {
    let recipients: String =
      switch scope.recipients {
      case .everyone: "every agency"
      case .agencies(let named): try named.map { try name(of: $0) }.sorted().joined(separator: ", ")
      }
    return "\(scope.purposes.sorted().map { "\($0)" }.joined(separator: " and ")): "
      + "\(scope.categories.sorted().map(\.shortWords).joined(separator: ", ")) — \(recipients)"
  }
}

extension CaseRecords.Category {
  /// A part of the record in a word or two, for a sentence that lists several.
  fileprivate var shortWords: String {
    switch self {
    case .index: "basic details"
    case .whereabouts: "addresses and phones"
    case .household: "family and home"
    case .development: "development"
    case .health: "health"
    case .parenting: "parents and carers"
    case .plan: "plan"
    case .sensitive: "confidential service"
    case .private, .desk, .agreement, .directory, .glossary, .issues, .practitioners:
      PlainWords.fromName("\(self)")
    }
  }
}
