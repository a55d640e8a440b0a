import CaseRecords
import CBOR
import Causality

extension CompartmentContent {
  /// From `encoded()`. On the wire `bytesMax` is what is stated here.
  package init(
    encoded bytes: [UInt8], bytesMax: Int = SyncLimits.compartmentBytesMax
  ) throws(MessageError) {
    try self.init(encoded: bytes, range: bytes.indices, bytesMax: bytesMax)
  }

  /// From a part of an array, uncopied.
  init(
    encoded bytes: [UInt8], range: Range<Int>, bytesMax: Int = SyncLimits.compartmentBytesMax
  ) throws(MessageError) {
    var reader = ContentReader(bytes, range: range, bytesMax: bytesMax)
    self.init()
    records = try reader.records()
  }
}

/// A content as it came, checked to the last byte and not built: most of what a fresh replica
/// receives is only kept, and what is kept is these bytes.
package struct CheckedContent: Hashable, Sendable {
  /// What `encoded()` of `CompartmentContent` gives.
  package let bytes: [UInt8]
  /// In some register a person has to choose.
  package let hasConflicts: Bool

  /// Refuses exactly what `CompartmentContent(encoded:)` refuses.
  package init(encoded bytes: [UInt8]) throws(MessageError) {
    try self.init(encoded: bytes, range: bytes.indices)
  }

  /// From a part of an array.
  init(encoded input: [UInt8], range: Range<Int>) throws(MessageError) {
    var reader = ContentReader(input, range: range)
    hasConflicts = try reader.check()
    bytes = input.withUnsafeBufferPointer { Array(UnsafeBufferPointer(rebasing: $0[range])) }
  }

  package init(_ content: CompartmentContent) {
    bytes = content.encoded()
    hasConflicts = content.records.values.contains { record in
      record.groups.values.contains { $0.isInConflict }
    }
  }

  package func opened() throws(MessageError) -> CompartmentContent {
    try CompartmentContent(encoded: bytes)
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
  private var recordBefore: RecordID?
  private let bytesMax: Int

  init(_ bytes: [UInt8], range: Range<Int>, bytesMax: Int = SyncLimits.compartmentBytesMax) {
    self.bytesMax = bytesMax
    // Content and record stand around a value.
    reader = MessageReader(.compartmentContent, bytes, range: range, nesting: 2)
  }

  mutating func records() throws(MessageError) -> [RecordID: RecordContent] {
    let count = try begin()
    var records = [RecordID: RecordContent](minimumCapacity: count)
    for _ in 0..<count {
      let (id, siblingCount) = try beginRecord()
      records[id] = try record(siblingCount: siblingCount)
    }
    try end()
    return records
  }

  /// Reads all as `records` does and builds nothing. True when some register is in conflict.
  mutating func check() throws(MessageError) -> Bool {
    var isInConflict = false
    for _ in 0..<(try begin()) {
      if try checkRecord(siblingCount: try beginRecord().siblingCount) { isInConflict = true }
    }
    try end()
    return isInConflict
  }

  /// Returns the number of records.
  private mutating func begin() throws(MessageError) -> Int {
    guard reader.decoder.remaining <= bytesMax else {
      throw reader.failure("content", .tooManyBytes(max: bytesMax))
    }
    let count = try reader.array("content") - 3
    guard count >= 0 else { throw reader.failure("content", .wrongItemCount) }
    dictionary.actors = try reader.actorList("actors")
    dictionary.authors = try reader.authorList("authors")
    dictionary.names = try reader.nameList("names")
    return count
  }

  private mutating func beginRecord() throws(MessageError) -> (id: RecordID, siblingCount: Int) {
    let itemCount = try reader.array("record")
    guard itemCount >= 5, itemCount % 3 == 2 else {
      throw reader.failure("record", .wrongItemCount)
    }
    let id: RecordID = try reader.identifier("record")
    if let recordBefore, recordBefore >= id { throw reader.failure("record", .notAscending) }
    recordBefore = id
    return (id, itemCount / 3)
  }

  private func end() throws(MessageError) {
    guard dictionary.isAllUsed else { throw reader.failure("content", .unusedEntry) }
    try reader.finish()
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

  /// The same without building. True when some register is in conflict.
  private mutating func checkRecord(siblingCount: Int) throws(MessageError) -> Bool {
    _ = try reader.name("kind", in: &dictionary)
    var group = try reader.name("group", in: &dictionary)
    var isInConflict = false
    // Of the group's siblings.
    var dots: [[Dot]] = []
    try passStamp()
    try reader.skipValue("value")
    dots.append(stamp.dots)
    for _ in 1..<siblingCount {
      let name = try reader.name("group", in: &dictionary)
      if name != group {
        guard group < name else { throw reader.failure("group", .notAscending) }
        try check(dots)
        isInConflict = isInConflict || dots.count > 1
        group = name
        dots.removeAll(keepingCapacity: true)
      }
      try passStamp()
      try reader.skipValue("value")
      dots.append(stamp.dots)
    }
    try check(dots)
    return isInConflict || dots.count > 1
  }

  private func register(
    _ siblings: [Register<Written>.Sibling]
  ) throws(MessageError) -> Register<Written> {
    if siblings.count > 1 { try check(siblings.map(\.dots)) }
    return Register(siblings: siblings)
  }

  /// The dots of one register's siblings.
  private func check(_ dots: [[Dot]]) throws(MessageError) {
    guard dots.count > 1 else { return }
    for (left, right) in zip(dots, dots.dropFirst()) where left[0] >= right[0] {
      throw reader.failure("group", .notAscending)
    }
    _ = try reader.distinct(dots.flatMap { $0 }, "group")
  }

  private mutating func sibling() throws(MessageError) -> Register<Written>.Sibling {
    try passStamp()
    let written = Written(
      value: try reader.value("value"), author: stamp.author, time: stamp.time,
      claimedMilliseconds: stamp.claimedMilliseconds)
    return Register.Sibling(dots: stamp.dots, value: written)
  }

  /// Reads a stamp, or that it is the one before.
  private mutating func passStamp() throws(MessageError) {
    if case .array = try reader.nextMajor("stamp") {
      let next = try readStamp()
      try reader.notDefault(next == stamp, "stamp")
      stamp = next
    } else {
      guard try reader.unsigned("stamp") == 0, !stamp.dots.isEmpty else {
        throw reader.failure("stamp", .unassignedNumber)
      }
    }
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
