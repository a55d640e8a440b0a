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
    let previewed = input.previewed()
    let author = isPreview ? nil : try author(input)
    if isPreview { _ = try input.text("as") }
    try input.finish()
    let problems = self.problems(of: evidence)
    if !isPreview, let first = problems.first { throw first }
    let standing = try denials(of: child, meeting: scope)
    let supersedes = standing.filter { entry in
      knowingly.contains("all")
        || knowingly.contains { !$0.isEmpty && entry.id.text.hasPrefix($0) }
    }
    let isAllLifted = supersedes.count == standing.count
    if !isAllLifted, !isPreview { throw try stillStanding(standing, but: supersedes) }
    guard supersedes.count <= SyncLimits.policyNamesMax else {
      throw OperationError(
        .conflict,
        "\(supersedes.count) withdrawals and refusals stand against this, and one consent can lift "
          + "\(SyncLimits.policyNamesMax). Give it for fewer agencies or categories at a time.")
    }
    let terms = ConsentTerms(
      scope: scope, excluded: excluded, supersedes: Set(supersedes.map(\.id)),
      expiresAtMilliseconds: until, evidence: evidence)
    let preview = try preview(
      child, with: [.grant(terms)],
      standing: standing.map { entry in
        guard case .object(var object) = try json(entry, nil) else { return .null }
        object["isLifted"] = .bool(supersedes.contains(entry))
        return .object(object)
      })
    guard let author else {
      var answer = preview.members(
        "Preview: nothing is recorded. With this consent they will be given:")
      answer["child"] = .string(child.text)
      answer["name"] = .string(try childName(child))
      answer["isAllLifted"] = .bool(isAllLifted)
      answer["problems"] = .array(
        problems.map { ["field": .string($0.field ?? ""), "sentence": .string($0.sentence)] })
      return .object(answer)
    }
    try check(previewed, preview, names: scope.recipients.named.union(excluded))
    let entry = try record(.grant(terms), about: child, author: author)
    return [
      "sentence": "The consent is recorded, and goes to the hub with the next exchange.",
      "entry": .string(entry.id.text), "receives": .array(preview.receives),
      "receivesOnceWritten": .array(preview.later),
    ]
  }

  private func stillStanding(
    _ standing: [PolicyEntry], but supersedes: [PolicyEntry]
  ) throws -> OperationError {
    let open = standing.filter { !supersedes.contains($0) }
    let sentences = try open.map { try words($0.kind) }.joined(separator: "; ")
    return OperationError(
      .conflict,
      "A withdrawal or refusal stands against this: \(sentences). "
        + "If whoever consents knows of it and lifts it, name it as one that they knowingly lift: "
        + open.map { String($0.id.text.prefix(8)) }.joined(separator: ",") + ".",
      details: ["standing": .array(try open.map { try json($0, nil) })])
  }

  private func problems(of evidence: ConsentEvidence) -> [OperationError] {
    let codes = CodeLists.capacityBasis.codes.map(\.value)
    let (basis, isAlone) = (
      evidence.capacityBasis, evidence.capacityBasis == "competentUnderSixteen"
    )
    let needed = [
      ("by", evidence.givenBy, "Say who gives it."),
      ("relationship", evidence.relationship, "Say who they are to the child, or “self”."),
      ("capacity", basis, "Say on what basis they decide."),
      (
        "capacity", basis.isEmpty || codes.contains(basis) ? "known" : "",
        "“capacity” takes one of: " + codes.joined(separator: ", ") + "."
      ),
      (
        "assessedBy", isAlone ? evidence.capacityAssessedBy ?? "" : "not needed",
        "Say who assessed that the young person is competent to decide."
      ),
      (
        "agreement", evidence.agreementVersion,
        "Say which version of the sharing agreement was explained."
      ),
    ]
    return needed.filter { $0.1.isEmpty }.map { OperationError(.usage, $0.2, field: $0.0) }
  }

  /// What the family takes back: one consent, by its identifier, as far as it still stands; or what
  /// is named.
  func consentWithdraw(_ input: OperationInput) throws -> JSON {
    let child = try child(try input.required("child"))
    let consent = try input.text("entry")
    let scopes =
      try consent.map { try withdrawal(of: $0, child) } ?? [try scope(input, usually: [.share])]
    return try deny(
      child, input, scopes.map { .withdrawal($0) }, "The withdrawal is recorded. It holds here now")
  }

  private func withdrawal(of consent: String, _ child: ChildID) throws -> [ConsentScope] {
    let entries = try knownPolicy(of: child).map(\.entry)
    guard
      let entry = entries.first(where: { entry in
        guard case .grant = entry.kind else { return false }
        return entry.id.text == consent
      })
    else {
      throw OperationError(
        .failure, "No consent for this child is known here under that identifier.")
    }
    let scopes = ConsentStanding(entries, now: now).withdrawal(of: entry.id)
    guard !scopes.isEmpty else {
      throw OperationError(
        .conflict, "Nothing of this consent stands any more: it was taken back, or has run out.")
    }
    return scopes
  }

  func consentRefuse(_ input: OperationInput) throws -> JSON {
    let child = try child(try input.required("child"))
    let scope = try scope(input, usually: [.share])
    return try deny(
      child, input, [.refusal(scope)], "The refusal is recorded. It holds here now")
  }

  /// Sharing alone, when a scope is named: to take back the hub's own copy as well, its purposes
  /// say so.
  private func deny(
    _ child: ChildID, _ input: OperationInput, _ kinds: [PolicyKind], _ sentence: String
  ) throws -> JSON {
    let isPreview = input.flag("preview")
    let previewed = input.previewed()
    let author = isPreview ? nil : try author(input)
    if isPreview { _ = try input.text("as") }
    try input.finish()
    let preview = try preview(child, with: kinds)
    guard let author else {
      var answer = preview.members("Preview: nothing is recorded. What they may have after this:")
      answer["child"] = .string(child.text)
      answer["name"] = .string(try childName(child))
      answer["takesBack"] = .array(try kinds.map { .string(try words($0)) })
      return .object(answer)
    }
    try check(previewed, preview, names: kinds.flatMap(\.named))
    let entries = try kinds.map { try record($0, about: child, author: author) }
    return [
      "sentence": .string(
        sentence + ", and goes first in the next exchange; whoever has a copy is then told to "
          + "destroy it."),
      "entry": .string(entries.first?.id.text ?? ""),
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
          "“\(name)” is no purpose: \(Purpose.allCases.map { "\($0)" }.joined(separator: ", ")).",
          field: "purposes")
      }
      return purpose
    }
    // A form with nothing ticked says nothing; it does not mean what is usual.
    for (name, sentence) in [
      ("purposes", "Say what it is for: choose at least one."),
      ("categories", "Say what it is about: choose at least one part."),
    ] where input.json(name) == .array([]) {
      throw OperationError(.usage, sentence, field: name)
    }
    let purposes = named.isEmpty ? usual : Set(named)
    let categories = try categories(try input.list("categories"))
    let names = try input.list("agencies")
    let isEveryone = names.contains { ["everyone", "all"].contains($0.lowercased()) }
    guard isEveryone || !names.isEmpty || purposes == [.store] else {
      throw OperationError(
        .usage, "Say who: name the agencies, or say everyone.", field: "agencies")
    }
    guard !isEveryone || names.count == 1 else {
      throw OperationError(
        .usage,
        "Every agency, or those that are named: not both in one. What needs an agency by its name "
          + "is a decision of its own.", field: "agencies")
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
          "“\(name)” is no category: \(shared.map { "\($0)" }.joined(separator: ", ")).",
          field: "categories")
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
}

extension PolicyKind {
  /// The agencies that a denial names.
  fileprivate var named: Set<AgencyID> {
    switch self {
    case .refusal(let scope), .withdrawal(let scope): scope.recipients.named
    default: []
    }
  }
}
