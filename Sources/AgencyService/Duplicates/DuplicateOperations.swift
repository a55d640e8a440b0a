import CaseRecords
import Causality
import Disclosure
import Operations
import ReplicaStore
import SyncEngine
import SyncProtocol

// A child may have been registered twice, here or by two agencies. A person looks at the pair and
// says that they are one (child-alias) or two (child-differ).
extension Replica {
  /// How many pairs one answer lists.
  private static let pairsListedMax = 100

  private struct Suspicion {
    let children: [ChildID]
    var match: ChildMatch
    var custodians: Set<AgencyID>
  }

  func duplicates(_ input: OperationInput) throws -> JSON {
    try input.finish()
    let aliases = try aliases()
    let isOpen = lease == .open
    var found: [Set<ChildID>: Suspicion] = [:]
    for pair in try likenessBoard().pairs {
      let entries = [pair.one, pair.other]
      guard isOpen || entries.allSatisfy({ $0.custodian == agency }) else { continue }
      let children = entries.map { aliases.canonical($0.child) }.sorted()
      guard children[0] != children[1], !aliases.areParted(children[0], children[1])
      else { continue }
      let before = found[Set(children)]
      let isBetter = before.map { $0.match.score < pair.match.score } ?? true
      found[Set(children)] = Suspicion(
        children: children, match: isBetter ? pair.match : before?.match ?? pair.match,
        custodians: (before?.custodians ?? []).union(entries.map(\.custodian)))
    }
    let open = try found.values.filter {
      try !isSaidToDiffer($0.children[0], from: $0.children[1], aliases)
    }
    let sorted = open.sorted { left, right in
      (right.match.band.rawValue, right.match.score, left.children[0], left.children[1])
        < (left.match.band.rawValue, left.match.score, right.children[0], right.children[1])
    }
    let listed = sorted.prefix(Self.pairsListedMax)
    return [
      "sentence": .string(
        sorted.isEmpty
          ? "No two children held here are so alike that they may be one, as of \(now.momentText)."
          : "\(sorted.count) \(sorted.count == 1 ? "pair" : "pairs") held here may be one child: "
            + "look at both, and say that they are one child, or two."),
      "asOf": .count(now), "pairs": .array(try listed.map(json)),
      "pairsNotListed": .count(sorted.count - listed.count),
    ]
  }

  private func json(_ suspicion: Suspicion) throws -> JSON {
    [
      "children": .array(
        try suspicion.children.map {
          let said = try childNameAndBirth($0)
          return [
            "child": .string($0.text), "name": .string(said.name), "birth": .string(said.birth),
          ]
        }),
      "likeness": .string("\(suspicion.match.band)"),
      "because": .string(suspicion.match.reasons.map(\.words).joined(separator: ", ")),
      "agencies": .array(
        try suspicion.custodians.map { try name(of: $0) }.sorted().map { .string($0) }),
    ]
  }

  // MARK: They are two

  func childDiffer(_ input: OperationInput) throws -> JSON {
    let child = try child(try input.required("child"))
    let other = try self.child(try input.required("other"))
    let isUndone = input.flag("undo")
    let author = try author(input)
    try input.finish()
    let aliases = try aliases()
    guard aliases.canonical(child) != aliases.canonical(other) else {
      throw OperationError(
        .usage, "These are joined as one child: take that back first.")
    }
    let findings = try findings(between: child, and: other, aliases)
    if isUndone {
      guard !findings.isEmpty else {
        throw OperationError(.failure, "Nobody here has said that these two differ.")
      }
      for finding in findings {
        var draft = Draft(finding.compartment)
        draft.set(finding.record, "distinctChild", "life", .life(isPresent: false))
        try save(draft, author: author)
      }
      return ["sentence": "Recorded: they may be one child after all."]
    }
    if !findings.isEmpty { return ["sentence": "That is recorded already: they are two children."] }
    let record: RecordID = newID()
    var draft = Draft(try ownCompartment(.private, of: child))
    draft.create(record, "distinctChild")
    draft.set(
      record, "distinctChild", "other",
      GroupValue().setting("child", other).setting("on", today))
    try save(draft, author: author)
    return [
      "sentence": "Recorded on this device: they are two children. It can be taken back."
    ]
  }

  /// Whether this agency has found that the two differ, with whichever of them it is written.
  private func isSaidToDiffer(
    _ one: ChildID, from other: ChildID, _ aliases: AliasMap
  ) throws -> Bool {
    for (written, named) in [(one, other), (other, one)] {
      let named = aliases.members(named)
      for child in aliases.members(written) {
        if !(try saidToDiffer(from: child)).isDisjoint(with: named) { return true }
      }
    }
    return false
  }

  /// Those that are named where this agency writes of the child by this identifier. Read once, as
  /// every pair that is alike asks for both.
  private func saidToDiffer(from child: ChildID) throws -> Set<ChildID> {
    if let known = memory.saidToDiffer[child] { return known }
    let own = try store.compartments(of: child).filter { $0.compartment.category == .private }
    var named: Set<ChildID> = []
    for stored in try own.filter({ try mayBeShown($0) }) {
      for (_, record) in try store.content(of: stored).records(of: "distinctChild") {
        named.formUnion(record.values("other").compactMap { $0.identifier("child") })
      }
    }
    memory.saidToDiffer[child] = named
    return named
  }

  /// What this agency has found about the two, with whichever of them it is written.
  func findings(
    between one: ChildID, and other: ChildID, _ aliases: AliasMap
  ) throws -> [(compartment: Compartment, record: RecordID)] {
    try [(one, other), (other, one)].flatMap { written, named in
      try content(of: written, in: .private).flatMap { stored, content in
        content.records(of: "distinctChild").filter { _, record in
          record.values("other").contains { value in
            value.identifier("child").map { aliases.members(named).contains($0) } ?? false
          }
        }.map { (stored.compartment, $0.id) }
      }
    }
  }
}
