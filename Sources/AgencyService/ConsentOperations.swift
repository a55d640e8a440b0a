import CaseRecords
import Causality
import Disclosure
import Operations
import ReplicaStore
import SyncEngine
import SyncProtocol

// What the family decides. A consent names who receives what, and every withdrawal or refusal that
// it lifts; a withdrawal works offline and waits for nobody.
extension Replica {
  /// What “the CAF” means when a person does not list categories: everything but health and the
  /// sensitive, which are agreed agency by agency and by name.
  static let usualCategories: Set<CaseRecords.Category> = [
    .whereabouts, .household, .development, .parenting, .plan,
  ]

  func consentGive(_ input: OperationInput) throws -> JSON {
    let child = try child(try input.required("child"))
    let scope = try scope(input, usually: [.store, .share])
    let excluded = Set(try input.list("exclude").map { try agency($0) })
    let knowingly = Set(try input.list("knowingWithdrawal"))
    let until = try input.end("until")
    let isPreview = input.flag("preview")
    let capacity = try input.text("capacity")
    let evidence = ConsentEvidence(
      givenBy: try input.text("by") ?? "", relationship: try input.text("relationship") ?? "",
      capacityBasis: capacity ?? "", capacityAssessedBy: try input.text("assessedBy"),
      agreementVersion: try input.text("agreement") ?? "", note: try input.text("note") ?? "")
    let author = isPreview ? nil : try author(input)
    if isPreview { _ = try input.text("as") }
    try input.finish()
    if !isPreview { try check(evidence) }
    let standing = try denials(of: child, meeting: scope)
    let supersedes = standing.filter { entry in
      knowingly.contains("all") || knowingly.contains { entry.id.text.hasPrefix($0) }
    }
    if supersedes.count < standing.count, !isPreview {
      let open = standing.filter { !supersedes.contains($0) }
      let sentences = try open.map { try words($0) }.joined(separator: "; ")
      throw OperationError(
        .conflict,
        "A withdrawal or refusal stands against this: \(sentences). "
          + "If whoever consents knows of it and lifts it, name it: --knowing-withdrawal "
          + open.map { String($0.id.text.prefix(8)) }.joined(separator: ","),
        details: ["standing": .array(try open.map { try json($0, nil) })])
    }
    guard supersedes.count <= SyncLimits.policyNamesMax else {
      throw OperationError(
        .conflict,
        "\(supersedes.count) withdrawals and refusals stand against this, and one consent can lift "
          + "\(SyncLimits.policyNamesMax). Give it for fewer agencies or categories at a time.")
    }
    let terms = ConsentTerms(
      scope: scope, excluded: excluded, supersedes: Set(supersedes.map(\.id)),
      expiresAtMilliseconds: until, evidence: evidence)
    let preview = try whoWouldGet(child, with: .grant(terms))
    guard let author else {
      return [
        "sentence": "Preview: nothing is recorded. With this consent they will be given:",
        "receives": preview,
      ]
    }
    let entry = try record(.grant(terms), about: child, author: author)
    return [
      "sentence": "The consent is recorded, and goes to the hub with the next exchange.",
      "entry": .string(entry.id.text), "receives": preview,
    ]
  }

  private func check(_ evidence: ConsentEvidence) throws(OperationError) {
    let needed = [
      ("by", evidence.givenBy), ("relationship", evidence.relationship),
      ("capacity", evidence.capacityBasis), ("agreement", evidence.agreementVersion),
    ]
    for (name, value) in needed where value.isEmpty {
      throw OperationError(
        .usage, "A consent says who gave it and on what footing: “\(name)” is missing.")
    }
    guard CodeLists.capacityBasis.contains(evidence.capacityBasis) else {
      throw OperationError(
        .usage,
        "“capacity” takes one of: "
          + CodeLists.capacityBasis.codes.map(\.value).joined(separator: ", ") + ".")
    }
  }

  func consentWithdraw(_ input: OperationInput) throws -> JSON {
    try deny(input, as: { .withdrawal($0) }, "The withdrawal is recorded. It holds here now")
  }

  func consentRefuse(_ input: OperationInput) throws -> JSON {
    try deny(input, as: { .refusal($0) }, "The refusal is recorded. It holds here now")
  }

  private func deny(
    _ input: OperationInput, as kind: (ConsentScope) -> PolicyKind, _ sentence: String
  ) throws -> JSON {
    let child = try child(try input.required("child"))
    // Sharing alone: to take back the hub's own copy as well, say so with --purposes store,share.
    let scope = try scope(input, usually: [.share])
    let author = try author(input)
    try input.finish()
    let entry = try record(kind(scope), about: child, author: author)
    return [
      "sentence": .string(
        sentence + ", and goes first in the next exchange; whoever has a copy is then told to "
          + "destroy it."),
      "entry": .string(entry.id.text),
    ]
  }

  /// Purposes, categories and recipients as typed; store is a matter of the hub, the rest of
  /// agencies.
  private func scope(
    _ input: OperationInput, usually usual: Set<Purpose>
  ) throws -> ConsentScope {
    let named = try input.list("purposes").map { name in
      guard let purpose = Purpose.allCases.first(where: { "\($0)" == name }) else {
        throw OperationError(
          .usage,
          "“\(name)” is no purpose: \(Purpose.allCases.map { "\($0)" }.joined(separator: ", ")).")
      }
      return purpose
    }
    let purposes = named.isEmpty ? usual : Set(named)
    let categories = try categories(try input.list("categories"))
    let names = try input.list("agencies")
    let isEveryone = names.contains { ["everyone", "all"].contains($0.lowercased()) }
    guard isEveryone || !names.isEmpty || purposes == [.store] else {
      throw OperationError(.usage, "Say who: --agencies NAME,NAME or --agencies everyone.")
    }
    let recipients: Recipients =
      if isEveryone {
        .everyone
      } else if names.isEmpty {
        .agencies([.hub])
      } else {
        .agencies(
          Set(try names.map { try agency($0) }).union(purposes.contains(.store) ? [.hub] : []))
      }
    return ConsentScope(
      purposes: purposes,
      categories: categories.isEmpty ? Self.usualCategories : Set(categories),
      recipients: recipients)
  }

  func categories(_ names: [String]) throws(OperationError) -> [CaseRecords.Category] {
    let shared = CaseRecords.Category.allCases.filter { $0.isPerChild && $0 != .private }
    var found: [CaseRecords.Category] = []
    for name in names {
      guard let category = shared.first(where: { "\($0)" == name }) else {
        throw OperationError(
          .usage,
          "“\(name)” is no category: \(shared.map { "\($0)" }.joined(separator: ", ")).")
      }
      found.append(category)
    }
    return found
  }

  /// The withdrawals and refusals known here that a consent of this scope would have to name.
  private func denials(of child: ChildID, meeting scope: ConsentScope) throws -> [PolicyEntry] {
    let known = try knownPolicy(of: child).map(\.entry)
    let probe = PolicyEntry(
      id: PolicyID(high: 0, low: 0), child: child,
      kind: .grant(
        ConsentTerms(
          scope: scope, excluded: [], supersedes: [], expiresAtMilliseconds: nil, evidence: nil)),
      madeAtMilliseconds: now, authorAgency: agency, author: nil)
    let standing = Set(grantConflict(probe, against: PolicySet(entries: known)))
    let lifted = Set(
      known.flatMap { entry -> Set<PolicyID> in
        if case .grant(let terms) = entry.kind { return terms.supersedes }
        return []
      })
    // One that was lifted before still has to be named: the new consent must know of it too.
    return known.filter { standing.contains($0.id) }
      .sorted { (lifted.contains($0.id) ? 1 : 0, $0.id) < (lifted.contains($1.id) ? 1 : 0, $1.id) }
  }

  /// Row 44: who will get what, by the policy known here with this entry added.
  func whoWouldGet(_ child: ChildID, with kind: PolicyKind) throws -> JSON {
    let entry = PolicyEntry(
      id: newID(), child: child, kind: kind, madeAtMilliseconds: now, authorAgency: agency,
      author: nil)
    let before = try policy(of: child)
    let after = PolicySet(entries: try knownPolicy(of: child).map(\.entry) + [entry])
    let own = try held(child).filter { $0.compartment.custodian == agency }
    let facts = try localFacts(child)
    var rows: [JSON] = []
    for other in try agencies() where other.id != agency {
      for stored in own {
        let gets = mayHold(
          agency: other.id, compartment: stored.compartment, facts: facts, policy: after, now: now)
        let mayStore = mayHold(
          agency: .hub, compartment: stored.compartment, facts: facts, policy: after, now: now)
        guard gets.isAllowed else { continue }
        let had = mayHold(
          agency: other.id, compartment: stored.compartment, facts: facts, policy: before, now: now)
        rows.append([
          "agency": .string(other.name), "category": .string("\(stored.compartment.category)"),
          "isNew": .bool(!had.isAllowed), "isStoredAtHub": .bool(mayStore.isAllowed),
          "because": .string(gets.reasons.first?.sentence ?? ""),
        ])
      }
    }
    return .array(rows)
  }

  func consentShow(_ input: OperationInput) throws -> JSON {
    let child = try child(try input.required("child"))
    try input.finish()
    let entries = try aliases().members(child).sorted().flatMap { try store.policy(of: $0) }
      .sorted { $0.entry.madeAtMilliseconds < $1.entry.madeAtMilliseconds }
    return [
      "child": .string(child.text),
      "entries": .array(try entries.map { try json($0.entry, $0) }),
    ]
  }

  private func json(_ entry: PolicyEntry, _ known: KnownPolicy?) throws -> JSON {
    var object = JSON.Object()
    object["entry"] = .string(entry.id.text)
    object["sentence"] = .string(try words(entry))
    object["recordedBy"] = .string(
      entry.author == nil ? try name(of: entry.authorAgency) : try name(of: entry.author))
    object["recordedAt"] = .string(entry.madeAtMilliseconds.momentText)
    if case .grant(let terms) = entry.kind, let evidence = terms.evidence {
      object["givenBy"] = .string("\(evidence.givenBy) (\(evidence.relationship))")
      object["capacity"] = .string(evidence.capacityBasis)
      object["agreement"] = .string(evidence.agreementVersion)
    }
    if case .override(let terms) = entry.kind {
      object["decidedBy"] = .string(terms.decidedBy)
      object["reason"] = .string(terms.reason)
    }
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

  /// One entry in words.
  func words(_ entry: PolicyEntry) throws -> String {
    switch entry.kind {
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
        "override: \(terms.categories.sorted().map { "\($0)" }.joined(separator: ", ")) — "
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
    return "\(scope.purposes.sorted().map { "\($0)" }.joined(separator: " and ")) "
      + "\(scope.categories.sorted().map { "\($0)" }.joined(separator: ", ")) — \(recipients)"
  }
}
