import CaseRecords
import Causality
import Disclosure
import Operations
import ReplicaStore
import SyncEngine

// "Who has what about my child?", in words for the family, by what is known here.
extension Replica {
  /// What the answer is made from.
  private struct Holding {
    let child: ChildID
    let policy: PolicySet
    let entries: [PolicyID: PolicyEntry]
    let facts: CaseFacts
    /// Parts that this agency has written, its own notes aside.
    let own: [CaseRecords.Category]
    let directory: Set<AgencyID>
    /// A sheet that names a confidential service tells that the child is known there.
    let isSensitive: Bool

    func isForFamily(_ category: CaseRecords.Category) -> Bool {
      category != .sensitive && category != .private && !isSensitive
    }
  }

  func whoHolds(_ input: OperationInput) throws -> JSON {
    let child = try child(try input.required("child"))
    try input.finish()
    let held = try held(child)
    let entries = try knownPolicy(of: child).map(\.entry)
    let own = Set(
      held.filter { $0.compartment.custodian == agency }.map(\.compartment.category))
    let holding = Holding(
      child: child, policy: PolicySet(entries: entries),
      entries: Dictionary(entries.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first }),
      facts: try localFacts(child), own: own.subtracting([.private]).sorted(),
      directory: Set(try agencies().map(\.id)), isSensitive: engine.identity.isSensitive)
    return [
      "sentence": .string(
        "Who may have what \(agencyName) has written, by what is known here as of "
          + "\(now.momentText). The hub decides by all that it knows; other agencies answer for "
          + "what they have written themselves."),
      "child": .string(child.text), "name": .string(try childName(child)), "asOf": .count(now),
      "agencies": .array(try recipients(holding)),
      "hub": .array(try hubParts(holding)),
      "notShared": .array(try denied(holding)),
      "heldHere": .array(try partsOfOthers(held, holding)),
      "onlyHere": .array(onlyHere(own, holding)),
    ]
  }

  private func decision(
    _ who: AgencyID, _ category: CaseRecords.Category, _ holding: Holding
  ) -> Decision {
    mayHold(
      agency: who,
      compartment: Compartment(
        id: CompartmentID(high: 0, low: 0), child: holding.child, category: category,
        custodian: agency), facts: holding.facts, policy: holding.policy, now: now)
  }

  // MARK: Who may receive

  /// The agencies of the directory, and those that this agency's decisions name beside it.
  private func others(_ holding: Holding) -> [AgencyID] {
    let named = holding.entries.values.flatMap { entry -> Set<AgencyID> in
      switch entry.kind {
      case .grant(let terms): terms.scope.recipients.named
      case .override(let terms): terms.recipients
      default: []
      }
    }
    return holding.directory.union(named).subtracting([agency, .hub]).sorted()
  }

  private func recipients(_ holding: Holding) throws -> [JSON] {
    let rows = try others(holding).compactMap { other -> (String, JSON)? in
      let isListed = holding.directory.contains(other)
      let parts = holding.own.compactMap { category -> JSON? in
        let answer = decision(other, category, holding)
        guard answer.isAllowed else { return nil }
        let basis = BasisWords(answer, holding.entries)
        return part(
          category, basis.sentence,
          isForFamily: isListed && basis.isForFamily && holding.isForFamily(category),
          until: answer.expiresAtMilliseconds)
      }
      guard !parts.isEmpty else { return nil }
      let who = try name(of: other)
      return (
        who,
        [
          "agency": .string(who), "parts": .array(parts),
          "isForFamily": .bool(parts.contains { $0["isForFamily"] == true }),
        ]
      )
    }
    return rows.sorted { $0.0 < $1.0 }.map(\.1)
  }

  private func part(
    _ category: CaseRecords.Category, _ sentence: String, isForFamily: Bool, until: UInt64? = nil
  ) -> JSON {
    [
      "category": .string("\(category)"), "label": .string(PlainWords.part(category)),
      "sentence": .string(sentence), "until": until.map { .string($0.momentText) } ?? .null,
      "isForFamily": .bool(isForFamily),
    ]
  }

  private func hubParts(_ holding: Holding) throws -> [JSON] {
    holding.own.map { category in
      let answer = decision(.hub, category, holding)
      let basis = BasisWords(answer, holding.entries)
      let why = answer.isAllowed ? basis.sentence : answer.reasons.first?.sentence ?? ""
      let row = part(
        category, (answer.isAllowed ? "The hub keeps it. " : "The hub does not keep it. ") + why,
        isForFamily: basis.isForFamily && holding.isForFamily(category),
        until: answer.expiresAtMilliseconds)
      guard case .object(var object) = row else { return row }
      object["keeps"] = .bool(answer.isAllowed)
      return .object(object)
    }
  }

  // MARK: Who may not

  /// What the family took back, declined or ruled out, as far as it still stands against somebody.
  private func denied(_ holding: Holding) throws -> [JSON] {
    try holding.entries.values.sorted {
      ($0.madeAtMilliseconds, $0.id) < ($1.madeAtMilliseconds, $1.id)
    }
    .compactMap { entry in
      switch entry.kind {
      case .withdrawal(let scope) where !scope.isOfNothing:
        try denial("withdrawn", "Consent was withdrawn", entry, scope, holding)
      case .refusal(let scope):
        try denial("refused", "The family said no", entry, scope, holding)
      case .grant(let terms) where !terms.excluded.isEmpty:
        try denial(
          "excluded", "The family said “never”", entry,
          ConsentScope(
            purposes: terms.scope.purposes, categories: terms.scope.categories,
            recipients: .agencies(terms.excluded)), holding)
      default: nil
      }
    }
  }

  private func denial(
    _ kind: String, _ what: String, _ entry: PolicyEntry, _ scope: ConsentScope, _ holding: Holding
  ) throws -> JSON? {
    let reached: Set<AgencyID> =
      switch scope.recipients {
      case .everyone: Set(others(holding)).union([.hub])
      case .agencies(let named): named
      }
    let standing = scope.categories.sorted().filter { category in
      reached.contains { who in
        // That it is disclosed all the same, as the law allows, is not to be read off here.
        let answer = decision(who, category, holding)
        guard !answer.isAllowed || answer.isByOverride else { return false }
        return holding.policy.objections(to: who, on: category, now: now)
          .contains { $0.isAbout(entry.id) }
      }
    }
    guard !standing.isEmpty else { return nil }
    let isListed = reached.allSatisfy { $0 == .hub || holding.directory.contains($0) }
    let names: [String] =
      if case .everyone = scope.recipients {
        []
      } else {
        try reached.map { try name(of: $0) }.sorted()
      }
    let who = names.isEmpty ? "other agencies" : names.joined(separator: ", ")
    let day = CalendarDate(millisecondsSince1970: entry.madeAtMilliseconds)?.text ?? "?"
    return [
      "kind": .string(kind), "on": .string(day),
      "sentence": .string("\(what) on \(day): \(who) may not have it."),
      "agencies": .array(names.map { .string($0) }),
      "parts": .array(
        standing.map { category in
          [
            "category": .string("\(category)"), "label": .string(PlainWords.part(category)),
            "isForFamily": .bool(isListed && holding.isForFamily(category)),
          ]
        }),
      "isForFamily": .bool(isListed && standing.contains { holding.isForFamily($0) }),
    ]
  }

  // MARK: What is here

  /// What others have written and this agency holds. Why, the hub knows for certain.
  private func partsOfOthers(_ held: [StoredCompartment], _ holding: Holding) throws -> [JSON] {
    try held.filter { $0.compartment.custodian != agency }
      .sorted { ($0.compartment.category, $0.id) < ($1.compartment.category, $1.id) }
      .map { stored in
        let answer = mayHold(
          agency: agency, compartment: stored.compartment,
          facts: CaseFacts(
            involved: holding.facts.involved, leads: holding.facts.leads,
            actionOwners: holding.facts.actionOwners), policy: holding.policy, now: now)
        let basis = BasisWords(answer, holding.entries)
        let custodian = stored.compartment.custodian
        let row = part(
          stored.compartment.category, basis.sentence,
          isForFamily: basis.isForFamily && holding.directory.contains(custodian)
            && holding.isForFamily(stored.compartment.category),
          until: answer.expiresAtMilliseconds)
        guard case .object(var object) = row else { return row }
        object["writtenBy"] = .string(try name(of: custodian))
        return .object(object)
      }
  }

  private func onlyHere(_ own: Set<CaseRecords.Category>, _ holding: Holding) -> [JSON] {
    own.sorted().compactMap { category in
      if category == .private {
        return part(
          category, "For this agency's staff alone. They never leave this device.",
          isForFamily: false)
      }
      let isAnywhereElse = ([.hub] + others(holding)).contains {
        decision($0, category, holding).isAllowed
      }
      guard !isAnywhereElse else { return nil }
      return part(
        category, "Kept at \(agencyName) alone: there is no consent to keep it elsewhere.",
        isForFamily: holding.isForFamily(category))
    }
  }
}

extension Decision {
  fileprivate var isByOverride: Bool {
    if case .override? = basis { return true }
    return false
  }
}

extension Reason {
  /// Whether this denial, refusal or exclusion is what stands in the way.
  fileprivate func isAbout(_ entry: PolicyID) -> Bool {
    switch self {
    case .deniedByWithdrawal(let id), .refusal(let id), .excluded(let id): id == entry
    default: false
    }
  }
}
