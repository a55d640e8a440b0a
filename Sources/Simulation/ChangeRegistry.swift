import CaseRecords
import Causality
import SyncProtocol

/// Where a value stands.
struct Place: Hashable, Comparable {
  let record: RecordID
  let group: String

  static func < (left: Place, right: Place) -> Bool {
    (left.record, left.group) < (right.record, right.group)
  }
}

/// The siblings of a register, each by its value and its names.
struct Shown: Hashable {
  let value: [UInt8]
  let dots: [Dot]

  /// The names tell nearly all apart; a value may be long, and is hashed byte by byte.
  func hash(into hasher: inout Hasher) { hasher.combine(dots) }
}

/// Every change that the hub ever committed, whatever became of the hub since.
struct ChangeRegistry {
  private(set) var changes: [CompartmentID: [Dot: Change]] = [:]
  /// Unsent work that a device gave back to a restored hub within a state. What is one write there
  /// under two names, the changes alone do not tell.
  private var given: [CompartmentID: Set<Dot>] = [:]

  /// One content per (compartment, actor, n), ever; unless it `mayDiffer`: then the last one.
  mutating func add(_ change: Change, in id: CompartmentID, mayDiffer: Bool) throws {
    let known = changes[id]?[change.dot]
    let isSame =
      known?.writes == change.writes && known?.isVoid == change.isVoid
      && known?.context == change.context
    guard let known, isSame || !mayDiffer else {
      changes[id, default: [:]][change.dot] = change
      return
    }
    guard isSame else {
      throw SimulationFailure(
        "one content for each dot", "\(id.text.prefix(6)) \(change.dot) was committed twice")
    }
    // A hub that had let go of its copy may take for a second name what it has taken before.
    if known.aliasOf == nil, let first = change.aliasOf, changes[id]?[first]?.aliasOf == nil {
      changes[id]?[change.dot]?.aliasOf = first
    }
  }

  mutating func addGiven(_ dot: Dot, in id: CompartmentID) { given[id, default: []].insert(dot) }

  enum Expectation {
    /// `unclear`: places of writes that came under two names before and after a restore of the hub,
    /// which nobody can have told to be one; or of which the restored hub has forgotten that they
    /// are. Superseded under one name, such a write stands there under the other, and a person
    /// chooses.
    case shown([Place: Set<Shown>], unclear: Set<Place>)
    /// Unsent work came with a state.
    case cannotTell
    /// A dot is counted that nobody ever committed.
    case noSuchChange(Dot)
  }

  /// What a replica under this vector must show, from the changes alone: in each register the
  /// writes that no other covers. `own` goes before what the hub has committed: an author does not
  /// know yet what became of it. `byWord`: one save is one write, whatever names it has had and
  /// whether anybody said that they are one's. `tellsUnclear`: the hub has forgotten names.
  func expected(
    in id: CompartmentID, under vector: VersionVector, own: [Dot: Change] = [:],
    byWord: Bool = false, tellsUnclear: Bool
  ) -> Expectation {
    var present: [Change] = []
    for (actor, counter) in vector.sortedEntries {
      for number in 1...counter {
        let dot = Dot(actor: actor, counter: number)
        guard let change = own[dot] ?? changes[id]?[dot] else {
          return given[id]?.contains(dot) == true ? .cannotTell : .noSuchChange(dot)
        }
        present.append(change)
      }
    }
    // Each write under all its names; an alias, also one of an alias, adds a name, and what its
    // author had seen.
    let standing = present.filter { !$0.isVoid }
    var names: [Int: Dot] = [:]
    if byWord {
      for change in standing {
        for word in WordLedger.numbers(in: change.writes) {
          names[word] = min(names[word] ?? change.dot, change.dot)
        }
      }
    }
    func write(_ change: Change) -> Dot {
      if byWord, let name = WordLedger.numbers(in: change.writes).first.flatMap({ names[$0] }) {
        return name
      }
      var named = change
      while let earlier = named.aliasOf, let known = own[earlier] ?? changes[id]?[earlier],
        known.dot != change.dot
      {
        named = known
      }
      return named.aliasOf ?? named.dot
    }
    let writes = standing.map { (name: write($0), change: $0) }
    var writesByPlace: [Place: [(name: Dot, context: VersionVector)]] = [:]
    for (name, change) in writes {
      for place in Set(change.writes.map(\.place)) {
        writesByPlace[place, default: []].append((name, change.context))
      }
    }
    // One that is here under its later name only is shown as well.
    var result: [Place: Set<Shown>] = [:]
    for (first, named) in Dictionary(grouping: writes, by: \.name) {
      let changes = named.map(\.change)
      guard let change = changes.first(where: { $0.dot == first }) ?? changes.first else {
        continue
      }
      let dots = changes.map(\.dot).sorted()
      for write in change.writes {
        let isCovered = writesByPlace[write.place, default: []].contains { other in
          other.name != first && dots.contains { other.context.contains($0) }
        }
        if isCovered { continue }
        result[write.place, default: []].insert(Shown(value: write.value, dots: dots))
      }
    }
    if given[id] != nil { return .cannotTell }
    return .shown(result, unclear: tellsUnclear ? unclear(standing) : [])
  }
}

extension ChangeRegistry {
  private func unclear(_ changes: [Change]) -> Set<Place> {
    var seen: Set<[UInt8]> = []
    var result: Set<Place> = []
    for change in changes {
      for write in change.writes where !seen.insert(write.value).inserted {
        result.insert(write.place)
      }
    }
    return result
  }
}

extension Write {
  fileprivate var place: Place { Place(record: record, group: group) }
}

extension CompartmentContent {
  var shown: [Place: Set<Shown>] {
    var result: [Place: Set<Shown>] = [:]
    for (id, record) in records {
      for (group, register) in record.groups where !register.siblings.isEmpty {
        result[Place(record: id, group: group)] = Set(
          register.siblings.map { Shown(value: $0.value.value, dots: $0.dots) })
      }
    }
    return result
  }
}
