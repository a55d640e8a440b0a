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
}

/// Every change that the hub ever committed, whatever became of the hub since.
struct ChangeRegistry {
  private(set) var changes: [CompartmentID: [Dot: Change]] = [:]

  /// One content per (compartment, actor, n), ever.
  mutating func add(_ change: Change, in id: CompartmentID) throws {
    guard let known = changes[id]?[change.dot] else {
      changes[id, default: [:]][change.dot] = change
      return
    }
    guard known.writes == change.writes, known.isVoid == change.isVoid,
      known.context == change.context
    else {
      throw SimulationFailure(
        "one content for each dot", "\(id.text.prefix(6)) \(change.dot) was committed twice")
    }
  }

  /// What a replica under this vector must show, from the changes alone: in each register the
  /// writes that no other covers. `own` goes before what the hub has committed: an author does not
  /// know yet what became of it. Nil when a change is in neither.
  func expected(
    in id: CompartmentID, under vector: VersionVector, own: [Dot: Change] = [:]
  ) -> [Place: Set<Shown>]? {
    var present: [Change] = []
    for (actor, counter) in vector.sortedEntries {
      for number in 1...counter {
        let dot = Dot(actor: actor, counter: number)
        guard let change = own[dot] ?? changes[id]?[dot] else { return nil }
        present.append(change)
      }
    }
    var names: [Dot: [Dot]] = [:]
    for change in present where !change.isVoid { names[change.dot, default: []].append(change.dot) }
    for change in present {
      // An alias names a write that is here, or one that has been superseded elsewhere.
      if let original = change.aliasOf, !change.isVoid {
        names[original, default: []].append(change.dot)
        names[change.dot] = nil
      }
    }
    var result: [Place: Set<Shown>] = [:]
    for change in present where !change.isVoid && change.aliasOf == nil {
      let dots = (names[change.dot] ?? [change.dot]).sorted()
      for write in change.writes {
        let isCovered = present.contains { other in
          other.dot != change.dot && !other.isVoid && other.aliasOf == nil
            && dots.contains(where: { other.context.contains($0) })
            && other.writes.contains { $0.record == write.record && $0.group == write.group }
        }
        if isCovered { continue }
        result[Place(record: write.record, group: write.group), default: []]
          .insert(Shown(value: write.value, dots: dots))
      }
    }
    return result
  }
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
