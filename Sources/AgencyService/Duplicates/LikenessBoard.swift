import CaseRecords
import SyncEngine

/// The pairs of index entries that may be about one child. In memory only; a change costs the
/// comparison of the one entry that it is in.
struct LikenessBoard {
  struct Pair: Hashable {
    let one: ChildSearchIndex.Entry
    let other: ChildSearchIndex.Entry
    let match: ChildMatch
  }

  /// Estimated ages are carried to this day.
  let today: CalendarDate
  /// Entries that say something else since they were compared.
  var changed: Set<CompartmentID> = []
  private var pairsOf: [Set<CompartmentID>: Pair] = [:]

  var pairs: [Pair] { Array(pairsOf.values) }

  init(_ index: ChildSearchIndex, today: CalendarDate) {
    self.today = today
    for id in index.compartments { compare(id, index, withUndated: false) }
  }

  mutating func refresh(_ index: ChildSearchIndex) {
    guard !changed.isEmpty else { return }
    let old = changed
    pairsOf = pairsOf.filter { old.isDisjoint(with: $0.key) }
    for id in old { compare(id, index, withUndated: true) }
    changed = []
  }

  private mutating func compare(
    _ id: CompartmentID, _ index: ChildSearchIndex, withUndated: Bool
  ) {
    guard let entry = index.entry(of: id) else { return }
    for found in index.likely(to: id, today: today, withUndated: withUndated) {
      pairsOf[[id, found.entry.compartment]] = Pair(
        one: entry, other: found.entry, match: found.match)
    }
  }
}
