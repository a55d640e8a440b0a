import CaseRecords
import Causality
import Disclosure
import Operations
import ReplicaStore
import SyncEngine

// “May I share this with them?”, answered by the policy known here.
extension Replica {
  /// Rows 43 and 44: may I share this with them? By the policy known here, offline, with reasons.
  func why(_ input: OperationInput) throws -> JSON {
    let child = try child(try input.required("child"))
    let other = try agency(try input.required("agency"))
    try input.finish()
    let policy = try policy(of: child)
    let facts = try localFacts(child)
    var rows: [JSON] = []
    var seen: Set<CaseRecords.Category> = []
    for stored in try held(child) where stored.compartment.custodian == agency {
      let category = stored.compartment.category
      guard seen.insert(category).inserted else { continue }
      let answer = mayHold(
        agency: other, compartment: stored.compartment, facts: facts, policy: policy,
        now: now)
      let store = mayHold(
        agency: .hub, compartment: stored.compartment, facts: facts, policy: policy, now: now)
      rows.append([
        "category": .string("\(category)"), "mayHold": .bool(answer.isAllowed && store.isAllowed),
        "reasons": .array(
          (answer.reasons + (store.isAllowed ? [] : store.reasons)).map(\.sentence)
            .reduce(into: [String]()) { if !$0.contains($1) { $0.append($1) } }
            .map { .string($0) }),
        "until": answer.expiresAtMilliseconds.map { .string($0.momentText) } ?? .null,
      ])
    }
    return [
      "sentence": .string(
        "By what is known here as of \(now.momentText); the hub decides by all it knows."),
      "agency": .string(try name(of: other)), "categories": .array(rows),
    ]
  }

  /// Yes or no, by the policy known here: for what is recorded already, and for what is not yet.
  /// “No” is an answer, not a failure; it comes with what would have to change.
  func mayShare(_ input: OperationInput) throws -> JSON {
    let child = try child(try input.required("child"))
    let other = try agency(try input.required("agency"))
    let named = try categories(try input.list("categories"))
    let purpose = try input.text("purpose") ?? "share"
    try input.finish()
    let purposes: [Purpose] = [.share, .discussAtECM, .transfer]
    guard let purpose = purposes.first(where: { "\($0)" == purpose }) else {
      throw OperationError(
        .usage, "“\(purpose)” is no purpose of sharing: share, discussAtECM or transfer.")
    }
    let known = try knownPolicy(of: child).map(\.entry)
    let entries = Dictionary(known.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
    let policy = PolicySet(entries: known)
    let facts = try localFacts(child)
    let own = try held(child).filter { $0.compartment.custodian == agency }
      .map(\.compartment.category).filter { $0 != .private }
    let asked = named.isEmpty ? Set(own).sorted() : Set(named).sorted()
    guard !asked.isEmpty else {
      throw OperationError(
        .usage, "This agency has recorded nothing of the child yet: say which part you mean.",
        field: "categories")
    }
    var rows: [JSON] = []
    var isAllowed = true
    for category in asked {
      let decision =
        purpose == .share
        ? mayHold(
          agency: other,
          compartment: Compartment(
            id: CompartmentID(high: 0, low: 0), child: child, category: category,
            custodian: agency), facts: facts, policy: policy, now: now)
        : mayUse(purpose: purpose, agency: other, category: category, policy: policy, now: now)
      isAllowed = isAllowed && decision.isAllowed
      rows.append([
        "category": .string("\(category)"), "label": .string(PlainWords.part(category)),
        "answer": decision.isAllowed ? "yes" : "no",
        "basis": decision.isAllowed
          ? .string(BasisWords(decision, entries).sentence) : .null,
        "reasons": .array(decision.reasons.map { .string($0.sentence) }),
        "until": decision.expiresAtMilliseconds.map { .string($0.momentText) } ?? .null,
      ])
    }
    let who = try name(of: other)
    return [
      "sentence": .string(
        (isAllowed ? "Yes, it may be shared with \(who)" : "No, not all of it with \(who)")
          + ", by what is known here as of \(now.momentText)."),
      "mayShare": .bool(isAllowed), "categories": .array(rows),
    ]
  }

  /// The facts of the case as far as the records held here tell them.
  func localFacts(_ child: ChildID) throws -> CaseFacts {
    var facts = CaseFacts(isCustodianSensitive: engine.identity.isSensitive)
    for (_, content) in try content(of: child, in: .index) {
      for (_, record) in content.records(of: "involvement") {
        facts.involved.formUnion(
          record.values("agency").compactMap { $0.identifier("agency", as: AgencyID.self) })
      }
      for (_, record) in content.records(of: "leadProfessional")
      where record.values("acceptance").contains(where: { $0.text("accepted") == "accepted" }) {
        facts.leads.formUnion(
          record.values("lead").filter { $0.leads(on: today) }
            .compactMap { $0.identifier("agency", as: AgencyID.self) })
      }
    }
    for (_, content) in try content(of: child, in: .plan) {
      for (_, record) in content.records(of: "action") {
        facts.actionOwners.formUnion(
          record.values("owner").compactMap { $0.identifier("agency", as: AgencyID.self) })
      }
    }
    return facts
  }
}
