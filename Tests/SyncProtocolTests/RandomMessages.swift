import CBOR
import CaseRecords
import Causality
import SyncProtocol

// Random messages of every shape that the protocol allows.
extension SeededGenerator {
  mutating func actor() -> Actor { Actor(rawValue: UInt64(below(6)) &* 0x1234_5678_9abc_def1) }

  mutating func dot() -> Dot { Dot(actor: actor(), counter: integer(min: 1)) }

  mutating func vector() -> VersionVector {
    VersionVector(Dictionary(list(upTo: 5) { ($0.actor(), $0.integer()) }) { $1 })
  }

  mutating func value() -> [UInt8] {
    switch below(6) {
    case 0: CBOR.null.encoded
    case 1: CBOR.unsigned(next()).encoded
    case 2: CBOR.array([.text(text()), .float(Double(below(1000)) / 8)]).encoded
    case 3: CBOR(["a": .bytes(bytes(below(300))), "b": .bool(true)]).encoded
    default: CBOR.text(text()).encoded
    }
  }

  mutating func name() -> String { "group\(below(16))" }

  mutating func author() -> PractitionerID? { oneIn(4) ? nil : familiar() }

  mutating func change() -> Change {
    let dot = dot()
    var context = vector()
    context[dot.actor] = oneIn(3) ? next() % dot.counter : dot.counter - 1
    let milliseconds = milliseconds()
    var writes: [Write] = []
    for write in list(upTo: 5, { $0.write() })
    where !writes.contains(where: { ($0.record, $0.group) == (write.record, write.group) }) {
      writes.append(write)
    }
    return Change(
      dot: dot, origin: oneIn(5) ? self.dot() : nil, aliasOf: oneIn(6) ? self.dot() : nil,
      isVoid: oneIn(8), context: context, policySeen: integer(),
      policyDependencies: list(upTo: oneIn(3) ? 4 : 0) { $0.identifier() },
      writes: writes,
      time: HybridTime(
        milliseconds: milliseconds, logical: oneIn(3) ? UInt16(truncatingIfNeeded: next()) : 0),
      claimedMilliseconds: oneIn(4) ? self.milliseconds() : milliseconds, author: author(),
      schema: oneIn(5) ? integer() : 1)
  }

  mutating func write() -> Write {
    Write(record: familiar(4), kind: "kind\(below(3))", group: name(), value: value())
  }

  mutating func content() -> CompartmentContent {
    var content = CompartmentContent()
    for id in list(upTo: 6, { $0.oneIn(2) ? $0.familiar() : $0.identifier() as RecordID }) {
      var record = RecordContent(kind: "kind\(below(3))")
      let stamp = written()
      for name in list(upTo: 5, { $0.name() }) { record.groups[name] = register(stamp) }
      if !record.groups.isEmpty { content.records[id] = record }
    }
    return content
  }

  private mutating func written() -> Written {
    let milliseconds = milliseconds()
    return Written(
      value: value(), author: author(),
      time: HybridTime(milliseconds: milliseconds, logical: UInt16(oneIn(4) ? below(65_536) : 0)),
      claimedMilliseconds: oneIn(4) ? self.milliseconds() : milliseconds)
  }

  /// Mostly one sibling, mostly of the same save as its neighbours.
  private mutating func register(_ stamp: Written) -> Register<Written> {
    let dots = Set(list(upTo: oneIn(4) ? 5 : 0) { $0.dot() }).sorted()
    guard !dots.isEmpty else {
      let written = Written(
        value: value(), author: stamp.author, time: stamp.time,
        claimedMilliseconds: stamp.claimedMilliseconds)
      let dot = Dot(actor: Actor(rawValue: 9), counter: 1 + stamp.time.milliseconds % 7)
      return Register(siblings: [.init(dots: [dot], value: written)])
    }
    var siblings: [Register<Written>.Sibling] = []
    for dot in dots {
      if oneIn(3), let last = siblings.last {
        siblings[siblings.count - 1] = .init(dots: last.dots + [dot], value: last.value)
      } else {
        siblings.append(.init(dots: [dot], value: written()))
      }
    }
    return Register(siblings: siblings)
  }

  mutating func compartment(_ id: CompartmentID) -> Compartment {
    let category = Category.allCases[below(Category.allCases.count)]
    return Compartment(
      id: id, child: category.isPerChild ? familiar() : nil, category: category,
      custodian: familiar())
  }

  mutating func page() -> Page {
    var page = Page()
    for id in Set(list(upTo: 4, { $0.familiar() as CompartmentID })).sorted() {
      page.compartments.append(compartment(id))
    }
    page.items = list(upTo: 12) { $0.pageItem() }
    return page
  }

  mutating func pageItem() -> PageItem {
    switch below(8) {
    case 0:
      .snapshot(familiar(40), vector: vector(), content: CheckedContent(content()))
    case 1: snapshotPart()
    default: .change(familiar(40), change())
    }
  }

  private mutating func snapshotPart() -> PageItem {
    let part = bytes(below(200))
    let offset = UInt64(below(100_000))
    return .snapshotPart(
      familiar(40), digest: bytes(32), offset: offset,
      totalBytes: offset + UInt64(part.count + below(10)), bytes: part)
  }
}
