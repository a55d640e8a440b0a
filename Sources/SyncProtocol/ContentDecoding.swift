import CaseRecords
import CBOR
import Causality

extension CompartmentContent {
  /// From `encoded()`.
  package init(encoded bytes: [UInt8]) throws(MessageError) {
    try self.init(encoded: bytes, range: bytes.indices)
  }

  /// From a part of an array, uncopied.
  init(encoded bytes: [UInt8], range: Range<Int>) throws(MessageError) {
    var reader = ContentReader(bytes, range: range)
    guard range.count <= SyncLimits.compartmentBytesMax else {
      throw reader.reader.failure(
        "content", .tooManyBytes(max: SyncLimits.compartmentBytesMax))
    }
    self.init()
    records = try reader.records()
  }
}

/// What a stamp says, kept for the siblings that repeat it.
private struct Stamp: Equatable {
  var dots: [Dot] = []
  var author: PractitionerID?
  var time = HybridTime(rawValue: 0)
  var claimedMilliseconds: UInt64 = 0
}

private struct ContentReader {
  var reader: MessageReader
  var dictionary = ReadDictionary()
  var stamp = Stamp()

  init(_ bytes: [UInt8], range: Range<Int>) {
    // Content and record stand around a value.
    reader = MessageReader(.compartmentContent, bytes, range: range, nesting: 2)
  }

  mutating func records() throws(MessageError) -> [RecordID: RecordContent] {
    let count = try reader.array("content") - 3
    guard count >= 0 else { throw reader.failure("content", .wrongItemCount) }
    dictionary.actors = try reader.actorList("actors")
    dictionary.authors = try reader.authorList("authors")
    dictionary.names = try reader.nameList("names")
    var records: [RecordID: RecordContent] = [:]
    records.reserveCapacity(count)
    var previous: RecordID?
    for _ in 0..<count {
      let itemCount = try reader.array("record")
      guard itemCount >= 5 else { throw reader.failure("record", .wrongItemCount) }
      let id: RecordID = try reader.identifier("record")
      if let previous, previous >= id { throw reader.failure("record", .notAscending) }
      previous = id
      records[id] = try record(itemCount: itemCount - 2)
    }
    guard dictionary.isAllUsed else { throw reader.failure("content", .unusedEntry) }
    try reader.finish()
    return records
  }

  private mutating func record(itemCount: Int) throws(MessageError) -> RecordContent {
    let kind = try reader.name("kind", in: &dictionary)
    var groups: [String: Register<Written>] = [:]
    var group = ""
    var siblings: [Register<Written>.Sibling] = []
    var itemsLeft = itemCount
    while itemsLeft > 0 {
      let name = try reader.name("group", in: &dictionary)
      if name != group {
        guard group < name else { throw reader.failure("group", .notAscending) }
        if !siblings.isEmpty { groups[group] = try register(siblings) }
        siblings.removeAll(keepingCapacity: true)
        group = name
      }
      siblings.append(try sibling(itemsLeft: &itemsLeft))
    }
    groups[group] = try register(siblings)
    return RecordContent(kind: kind, groups: groups)
  }

  private func register(
    _ siblings: [Register<Written>.Sibling]
  ) throws(MessageError) -> Register<Written> {
    if siblings.count > 1 {
      for (left, right) in zip(siblings, siblings.dropFirst()) where left.dots[0] >= right.dots[0] {
        throw reader.failure("sibling", .notAscending)
      }
      let dots = siblings.flatMap(\.dots)
      _ = try reader.distinct(dots, "sibling")
    }
    return Register(siblings: siblings)
  }

  private mutating func sibling(
    itemsLeft: inout Int
  ) throws(MessageError) -> Register<Written>.Sibling {
    let mark = try reader.unsigned("mark", max: SiblingMark.max)
    let itemCount = SiblingMark.itemCount(mark)
    guard itemCount <= itemsLeft else { throw reader.failure("record", .wrongItemCount) }
    itemsLeft -= itemCount
    if mark & SiblingMark.stamped != 0 {
      let next = try readStamp(mark)
      guard next != stamp else { throw reader.failure("mark", .redundant) }
      stamp = next
    } else if mark != 0 || stamp.dots.isEmpty {
      throw reader.failure("mark", .unassignedNumber)
    }
    let written = Written(
      value: try reader.value("value"), author: stamp.author, time: stamp.time,
      claimedMilliseconds: stamp.claimedMilliseconds)
    return Register.Sibling(dots: stamp.dots, value: written)
  }

  private mutating func readStamp(_ mark: UInt64) throws(MessageError) -> Stamp {
    var next = Stamp()
    next.dots = [try reader.dot("dot", in: &dictionary)]
    if mark & SiblingMark.moreDots != 0 { try readMoreDots(into: &next.dots) }
    next.author = try reader.author("author", in: &dictionary)
    let milliseconds = try reader.milliseconds("time", after: stamp.time.milliseconds)
    next.time = HybridTime(
      milliseconds: milliseconds,
      logical: UInt16(truncatingIfNeeded: mark >> SiblingMark.logicalShift))
    next.claimedMilliseconds = milliseconds
    if mark & SiblingMark.claimed != 0 {
      next.claimedMilliseconds = try reader.milliseconds("claimed", after: milliseconds)
      try reader.notDefault(next.claimedMilliseconds == milliseconds, "claimed")
    }
    return next
  }

  private mutating func readMoreDots(into dots: inout [Dot]) throws(MessageError) {
    let count = try reader.array("dots", itemsEach: 2)
    try reader.notDefault(count == 0, "dots")
    for _ in 0..<count {
      let dot = try reader.dot("dots", in: &dictionary)
      guard dots[dots.count - 1] < dot else { throw reader.failure("dots", .notAscending) }
      dots.append(dot)
    }
  }
}
