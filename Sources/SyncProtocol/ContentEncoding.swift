import CaseRecords
import CBOR
import Causality

// The registers of a compartment as self-contained bytes:
//
//   content = [actors, authors, names, record …] record  = [id, kind number, sibling …] sibling =
//   group number, mark, (stamp,) value stamp   = actor number, counter, (more dots,) author number
//   or null, Δms, (claimed − ms)
//
// Siblings are flat in their record: in most registers there is one. Who wrote it and when is the
// same for all that was saved together, so it is told once, and mark 0 repeats it. The order is
// canonical throughout, so equal contents have equal bytes and equal digests: what is sealed on
// disk, signed in a receipt and sent is one encoding.

/// The mark of a sibling: 0, or `stamped` with what applies, and the logical time above those bits.
enum SiblingMark {
  static let stamped: UInt64 = 1
  static let moreDots: UInt64 = 2
  static let claimed: UInt64 = 4
  static let logicalShift: UInt64 = 3
  static let max: UInt64 = UInt64(UInt16.max) << logicalShift | 7
}

extension CompartmentContent {
  /// Registers without siblings, and records without registers, are left out.
  package func encoded() -> [UInt8] {
    var writer = ContentWriter()
    var recordCount = 0
    for (id, record) in records.sorted(by: { $0.key < $1.key }) where writer.write(id, record) {
      recordCount += 1
    }
    return writer.finished(recordCount: recordCount)
  }
}

/// Writes the records while their dictionaries grow, then puts those in front.
private struct ContentWriter {
  var dictionary = WireDictionary()
  var body = CBOREncoder(reservingBytes: 512)
  var previous: Register<Written>.Sibling?
  var milliseconds: UInt64 = 0

  /// False, and nothing written, when the record has no sibling at all.
  mutating func write(_ id: RecordID, _ record: RecordContent) -> Bool {
    let groups = record.groups.filter { !$0.value.siblings.isEmpty }.sorted { $0.key < $1.key }
    if groups.isEmpty { return false }
    body.arrayHeader(count: itemCount(groups.map(\.value)))
    body.identifier(id)
    body.unsigned(dictionary.number(of: record.kind))
    for (group, register) in groups {
      let number = dictionary.number(of: group)
      for sibling in register.siblings { write(sibling, group: number) }
    }
    return true
  }

  /// The items of a record: known only once its marks are, so they are found out twice.
  private func itemCount(_ registers: [Register<Written>]) -> Int {
    var count = 2
    var last = previous
    for register in registers {
      for sibling in register.siblings {
        let mark = Self.mark(of: sibling, after: last)
        count += SiblingMark.itemCount(mark)
        last = sibling
      }
    }
    return count
  }

  private mutating func write(_ sibling: Register<Written>.Sibling, group: UInt64) {
    let mark = Self.mark(of: sibling, after: previous)
    body.unsigned(group)
    body.unsigned(mark)
    if mark & SiblingMark.stamped != 0 { writeStamp(sibling, mark: mark) }
    body.raw(sibling.value.value)
    previous = sibling
  }

  private mutating func writeStamp(_ sibling: Register<Written>.Sibling, mark: UInt64) {
    body.dot(sibling.dots[0], in: &dictionary)
    if mark & SiblingMark.moreDots != 0 {
      body.arrayHeader(count: (sibling.dots.count - 1) * 2)
      for dot in sibling.dots.dropFirst() { body.dot(dot, in: &dictionary) }
    }
    let written = sibling.value
    body.author(written.author, in: &dictionary)
    body.difference(from: milliseconds, to: written.time.milliseconds)
    milliseconds = written.time.milliseconds
    if mark & SiblingMark.claimed != 0 {
      body.difference(from: milliseconds, to: written.claimedMilliseconds)
    }
  }

  private static func mark(
    of sibling: Register<Written>.Sibling, after previous: Register<Written>.Sibling?
  ) -> UInt64 {
    let written = sibling.value
    if let previous, previous.dots == sibling.dots, previous.value.author == written.author,
      previous.value.time == written.time,
      previous.value.claimedMilliseconds == written.claimedMilliseconds
    {
      return 0
    }
    var mark = SiblingMark.stamped | UInt64(written.time.logical) << SiblingMark.logicalShift
    if sibling.dots.count > 1 { mark |= SiblingMark.moreDots }
    if written.claimedMilliseconds != written.time.milliseconds { mark |= SiblingMark.claimed }
    return mark
  }

  func finished(recordCount: Int) -> [UInt8] {
    let records = body.bytes
    var encoder = CBOREncoder(
      reservingBytes: records.count + dictionary.nameBytes + dictionary.actors.count * 8
        + dictionary.authors.count * 16 + 24)
    encoder.arrayHeader(count: 3 + recordCount)
    encoder.actors(dictionary.actors)
    encoder.identifiers(dictionary.authors.keys)
    encoder.names(dictionary.names)
    encoder.raw(records)
    return encoder.bytes
  }
}

extension SiblingMark {
  /// How many items a sibling with that mark is.
  static func itemCount(_ mark: UInt64) -> Int {
    guard mark & stamped != 0 else { return 3 }
    return 7 + (mark & moreDots != 0 ? 1 : 0) + (mark & claimed != 0 ? 1 : 0)
  }
}
