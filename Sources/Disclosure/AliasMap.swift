package import CaseRecords

/// Which identifiers are one child. Two agencies may register a child twice; an `alias` entry joins
/// the two without moving a record, and an `unalias` entry that names it takes the join back. The
/// map is computed anew from the set of entries, so the order of arrival means nothing and rings of
/// aliases do no harm.
package struct AliasMap: Hashable, Sendable {
  private var canonicalOf: [ChildID: ChildID] = [:]
  private var membersOf: [ChildID: Set<ChildID>] = [:]
  /// Pairs that were joined once and parted again, as two identifiers each.
  private var parted: Set<Set<ChildID>> = []

  package init(entries: some Sequence<PolicyEntry>) {
    var joins: [(id: PolicyID, one: ChildID, other: ChildID)] = []
    var undone: Set<PolicyID> = []
    for entry in entries {
      switch entry.kind {
      case .alias(let other): if let child = entry.child { joins.append((entry.id, child, other)) }
      case .unalias(let id): undone.insert(id)
      default: break
      }
    }
    for join in joins where !undone.contains(join.id) { unite(join.one, join.other) }
    parted = Set(joins.filter { undone.contains($0.id) }.map { [$0.one, $0.other] })
  }

  /// Somebody has said that the two are different children, and they are not joined all the same.
  package func areParted(_ one: ChildID, _ other: ChildID) -> Bool {
    guard !parted.isEmpty, canonical(one) != canonical(other) else { return false }
    let others = members(other)
    return members(one).contains { member in
      others.contains { parted.contains([member, $0]) }
    }
  }

  /// The smallest identifier of the class: one name for the child on which all replicas agree.
  package func canonical(_ child: ChildID) -> ChildID { canonicalOf[child] ?? child }

  /// Every identifier of the same child, itself among them: whose policy entries count together.
  package func members(_ child: ChildID) -> Set<ChildID> { membersOf[canonical(child)] ?? [child] }

  /// Relabels the smaller class's members; classes have two or three, never thousands.
  private mutating func unite(_ one: ChildID, _ other: ChildID) {
    let (left, right) = (canonical(one), canonical(other))
    guard left != right else { return }
    let (root, leaf) = left < right ? (left, right) : (right, left)
    let joined = members(root).union(members(leaf))
    membersOf[leaf] = nil
    membersOf[root] = joined
    for child in joined { canonicalOf[child] = root }
  }
}
