import CaseRecords
import Causality
import Cryptography
import Disclosure
import Operations
import ReplicaStore
import SyncEngine
import SyncProtocol

/// What a decision would change, shown before it is recorded.
struct DecisionPreview {
  /// Who may have which part of what is written here.
  let receives: [JSON]
  /// The same of parts in which nothing is written yet.
  let later: [JSON]
  /// Who may have it now, and would have to destroy it.
  let loses: [JSON]
  /// Parts that the decision is about and that nobody would be given.
  let nobody: [JSON]
  /// The withdrawals and refusals that stand against it.
  let standing: [JSON]
  /// Stands for all that is shown and for the decision itself. Whoever brings it back has seen what
  /// they record; when anything has changed since, it is another one. No secret: it does not say
  /// who somebody is.
  let digest: String

  /// What an answer has of it.
  func members(_ sentence: String) -> JSON.Object {
    var object = JSON.Object()
    object["sentence"] = .string(sentence)
    object["receives"] = .array(receives)
    object["receivesOnceWritten"] = .array(later)
    object["loses"] = .array(loses)
    object["nobody"] = .array(nobody)
    object["standing"] = .array(standing)
    object["previewed"] = .string(digest)
    return object
  }
}

extension PolicyKind {
  /// The parts and the agencies that a decision names.
  fileprivate var reach: (categories: Set<CaseRecords.Category>, named: Set<AgencyID>) {
    switch self {
    case .grant(let terms): (terms.scope.categories, terms.scope.recipients.named)
    case .refusal(let scope), .withdrawal(let scope): (scope.categories, scope.recipients.named)
    case .override(let terms): (terms.categories, terms.recipients)
    case .shield(let allowed, _): ([.whereabouts], allowed)
    default: ([], [])
    }
  }
}

extension Recipients {
  /// Those named; nobody when it reaches everyone.
  var named: Set<AgencyID> {
    if case .agencies(let named) = self { return named }
    return []
  }
}

extension Replica {
  private struct Before {
    let facts: CaseFacts
    let policy: PolicySet
    let after: PolicySet
    let child: ChildID

    func decisions(
      _ who: AgencyID, _ category: CaseRecords.Category, custodian: AgencyID, now: UInt64
    ) -> (had: Decision, gets: Decision) {
      let compartment = Compartment(
        id: CompartmentID(high: 0, low: 0), child: child, category: category, custodian: custodian)
      return (
        mayHold(agency: who, compartment: compartment, facts: facts, policy: policy, now: now),
        mayHold(agency: who, compartment: compartment, facts: facts, policy: after, now: now)
      )
    }
  }

  /// Row 44: who will get what, by the policy known here with these entries added.
  func preview(
    _ child: ChildID, with kinds: [PolicyKind], standing: [JSON] = []
  ) throws -> DecisionPreview {
    let entries = kinds.enumerated().map { number, kind in
      PolicyEntry(
        id: PolicyID(high: 0, low: UInt64(number)), child: child, kind: kind,
        madeAtMilliseconds: 0, authorAgency: agency, author: nil)
    }
    let known = try knownPolicy(of: child).map(\.entry)
    let before = Before(
      facts: try localFacts(child), policy: PolicySet(entries: known),
      after: PolicySet(entries: known + entries), child: child)
    let reach = kinds.map(\.reach)
    let asked = reach.reduce(into: Set()) { $0.formUnion($1.categories) }
    let named = reach.reduce(into: Set()) { $0.formUnion($1.named) }
    let held = try held(child)
    let written = Set(
      held.filter { $0.compartment.custodian == agency }.map(\.compartment.category)
    ).subtracting([.private])
    let others = Set(try agencies().map(\.id)).union(named).subtracting([agency, .hub])
    let ordered = try others.map { (name: try name(of: $0), id: $0) }
      .sorted { ($0.name, $0.id) < ($1.name, $1.id) }
    var shown = Shown()
    for other in ordered {
      for category in written.union(asked).sorted() {
        let isWritten = written.contains(category)
        let (had, gets) = before.decisions(other.id, category, custodian: agency, now: now)
        if had.isAllowed, !gets.isAllowed {
          shown.loses.append(.object(row(other.name, category, gets, isWritten)))
        }
        guard gets.isAllowed else { continue }
        shown.given.insert(category)
        let hub = before.decisions(.hub, category, custodian: agency, now: now)
        var row = row(other.name, category, gets, isWritten)
        row["isNew"] = .bool(!(had.isAllowed && hub.had.isAllowed))
        row["isStoredAtHub"] = .bool(hub.gets.isAllowed)
        if isWritten {
          shown.receives.append(.object(row))
        } else {
          shown.later.append(.object(row))
        }
      }
    }
    shown.loses += try lost(before, written: written, held: held)
    // An agency that no decision names, where none is named here.
    let anybody = named.subtracting([agency, .hub]).min() ?? AgencyID(high: 0, low: 1)
    let nobody: [JSON] = asked.subtracting(shown.given).sorted().map { category in
      let (_, gets) = before.decisions(anybody, category, custodian: agency, now: now)
      return .object(row("", category, gets, written.contains(category)))
    }
    let all: JSON = [
      "receives": .array(shown.receives), "later": .array(shown.later),
      "loses": .array(shown.loses), "nobody": .array(nobody), "standing": .array(standing),
    ]
    return DecisionPreview(
      receives: shown.receives, later: shown.later, loses: shown.loses, nobody: nobody,
      standing: standing,
      digest: Hex.text(sha256(entries.flatMap { $0.encoded() } + all.bytes()).prefix(16)))
  }

  private struct Shown {
    var receives: [JSON] = []
    var later: [JSON] = []
    var loses: [JSON] = []
    var given: Set<CaseRecords.Category> = []
  }

  /// What the hub keeps no more, and what others have written and this agency would have to let go.
  private func lost(
    _ before: Before, written: Set<CaseRecords.Category>, held: [StoredCompartment]
  ) throws -> [JSON] {
    let ofHub = written.sorted().compactMap { category -> JSON? in
      let (had, gets) = before.decisions(.hub, category, custodian: agency, now: now)
      guard had.isAllowed, !gets.isAllowed else { return nil }
      return .object(row("The hub", category, gets, true))
    }
    // Whether this agency is a confidential service says nothing of what others have written.
    let facts = CaseFacts(
      involved: before.facts.involved, leads: before.facts.leads,
      actionOwners: before.facts.actionOwners)
    let ofOthers = Before(
      facts: facts, policy: before.policy, after: before.after, child: before.child)
    let own = try held.filter { $0.compartment.custodian != agency }
      .sorted { ($0.compartment.category, $0.id) < ($1.compartment.category, $1.id) }
      .compactMap { stored -> JSON? in
        let (category, custodian) = (stored.compartment.category, stored.compartment.custodian)
        let (had, gets) = ofOthers.decisions(agency, category, custodian: custodian, now: now)
        guard had.isAllowed, !gets.isAllowed else { return nil }
        var row = row(agencyName, category, gets, true)
        row["writtenBy"] = .string(try name(of: custodian))
        return .object(row)
      }
    return ofHub + own
  }

  private func row(
    _ who: String, _ category: CaseRecords.Category, _ decision: Decision, _ isWritten: Bool
  ) -> JSON.Object {
    var row = JSON.Object()
    if !who.isEmpty { row["agency"] = .string(who) }
    row["category"] = .string("\(category)")
    row["part"] = .string(PlainWords.part(category))
    row["isWritten"] = .bool(isWritten)
    row["because"] = .string(decision.reasons.first?.sentence ?? "")
    return row
  }

  /// A form that was previewed records what it showed: these agencies of the directory, and the
  /// consequences as they still are. A command line, which brings nothing back, is not held to it.
  func check(
    _ previewed: String?, _ preview: DecisionPreview, names recipients: some Sequence<AgencyID>
  ) throws {
    guard let previewed else { return }
    let listed = Set(try agencies().map(\.id)).union([.hub])
    guard recipients.allSatisfy({ listed.contains($0) }) else {
      throw OperationError(
        .usage, "An agency of this form is not in the directory: choose among those shown.",
        field: "agencies")
    }
    guard previewed == preview.digest else {
      throw OperationError(
        .conflict,
        "What would follow from this is not what was shown before, or it was not shown: look at it "
          + "once more. Nothing is recorded.")
    }
  }
}

extension OperationInput {
  /// What a form brings back from its preview; nil when it is no form. A form that was not
  /// previewed brings back nothing, and that is told apart.
  func previewed() -> String? { json("previewed").map { $0.stringValue ?? "" } }
}
