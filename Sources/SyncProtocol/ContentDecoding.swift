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
    var records = [RecordID: RecordContent](minimumCapacity: count)
    var previous: RecordID?
    for _ in 0..<count {
      let itemCount = try reader.array("record")
      guard itemCount >= 5, itemCount % 3 == 2 else {
        throw reader.failure("record", .wrongItemCount)
      }
      let id: RecordID = try reader.identifier("record")
      if let previous, previous >= id { throw reader.failure("record", .notAscending) }
      previous = id
      records[id] = try record(siblingCount: itemCount / 3)
    }
    guard dictionary.isAllUsed else { throw reader.failure("content", .unusedEntry) }
    try reader.finish()
    return records
  }

  private mutating func record(siblingCount: Int) throws(MessageError) -> RecordContent {
    let kind = try reader.name("kind", in: &dictionary)
    var groups = [String: Register<Written>](
      minimumCapacity: min(siblingCount, dictionary.names.elements.count))
    var group = try reader.name("group", in: &dictionary)
    var siblings = [try sibling()]
    for _ in 1..<siblingCount {
      let name = try reader.name("group", in: &dictionary)
      if name == group {
        siblings.append(try sibling())
      } else {
        guard group < name else { throw reader.failure("group", .notAscending) }
        groups[group] = try register(siblings)
        group = name
        siblings = [try sibling()]
      }
    }
    groups[group] = try register(siblings)
    return RecordContent(kind: kind, groups: groups)
  }

  private func register(
    _ siblings: [Register<Written>.Sibling]
  ) throws(MessageError) -> Register<Written> {
    if siblings.count > 1 {
      for (left, right) in zip(siblings, siblings.dropFirst()) where left.dots[0] >= right.dots[0] {
        throw reader.failure("group", .notAscending)
      }
      _ = try reader.distinct(siblings.flatMap(\.dots), "group")
    }
    return Register(siblings: siblings)
  }

  private mutating func sibling() throws(MessageError) -> Register<Written>.Sibling {
    if case .array = try reader.nextMajor("stamp") {
      let next = try readStamp()
      try reader.notDefault(next == stamp, "stamp")
      stamp = next
    } else {
      guard try reader.unsigned("stamp") == 0, !stamp.dots.isEmpty else {
        throw reader.failure("stamp", .unassignedNumber)
      }
    }
    let written = Written(
      value: try reader.value("value"), author: stamp.author, time: stamp.time,
      claimedMilliseconds: stamp.claimedMilliseconds)
    return Register.Sibling(dots: stamp.dots, value: written)
  }

  private mutating func readStamp() throws(MessageError) -> Stamp {
    let count = try reader.array("stamp")
    guard 4...6 ~= count || (count > 6 && count.isMultiple(of: 2)) else {
      throw reader.failure("stamp", .wrongItemCount)
    }
    var next = Stamp()
    next.dots = [try reader.dot("dot", in: &dictionary)]
    next.author = try reader.author("author", in: &dictionary)
    let milliseconds = try reader.milliseconds("time", after: stamp.time.milliseconds)
    let logical = count > 4 ? try reader.unsigned("logical", max: UInt64(UInt16.max)) : 0
    try reader.notDefault(count == 5 && logical == 0, "logical")
    next.time = HybridTime(milliseconds: milliseconds, logical: UInt16(logical))
    next.claimedMilliseconds = milliseconds
    if count > 5 {
      next.claimedMilliseconds = try reader.milliseconds("claimed", after: milliseconds)
      try reader.notDefault(
        count == 6 && next.claimedMilliseconds == milliseconds, "claimed")
    }
    for _ in 0..<(max(count, 6) - 6) / 2 {
      let dot = try reader.dot("dot", in: &dictionary)
      guard next.dots[next.dots.count - 1] < dot else {
        throw reader.failure("dot", .notAscending)
      }
      next.dots.append(dot)
    }
    return next
  }
}
