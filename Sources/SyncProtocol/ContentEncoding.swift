import CBOR
import CaseRecords
import Causality

// The registers of a compartment as self-contained bytes:
//
//   content = [actors, authors, names, record …]
//   record  = [id, kind number, (group number, stamp or 0, value) …]
//   stamp   = [actor number, counter, author number or null, Δms, (logical, (claimed − ms, (more
//             dots …)))]
//
// Siblings are flat in their record: in most registers there is one. Who wrote it and when is the
// same for all that was saved together, so it is told once, and 0 repeats it. The order is
// canonical throughout, so equal contents have equal bytes and equal digests: what is sealed on
// disk, named by a digest and sent is one encoding.

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
  /// The sibling whose stamp 0 repeats.
  var stamped: Register<Written>.Sibling?

  /// False, and nothing written, when the record has no sibling at all.
  mutating func write(_ id: RecordID, _ record: RecordContent) -> Bool {
    var groups: [(name: String, register: Register<Written>)] = []
    groups.reserveCapacity(record.groups.count)
    var siblingCount = 0
    for (name, register) in record.groups where !register.siblings.isEmpty {
      groups.append((name, register))
      siblingCount += register.siblings.count
    }
    if groups.isEmpty { return false }
    groups.sort { $0.name < $1.name }
    body.arrayHeader(count: 2 + siblingCount * 3)
    body.identifier(id)
    body.unsigned(dictionary.number(of: record.kind))
    for group in groups {
      let number = dictionary.number(of: group.name)
      for sibling in group.register.siblings {
        body.unsigned(number)
        writeStamp(of: sibling)
        body.raw(sibling.value.value)
      }
    }
    return true
  }

  private mutating func writeStamp(of sibling: Register<Written>.Sibling) {
    let written = sibling.value
    if let stamped, stamped.value.time == written.time, stamped.dots == sibling.dots,
      stamped.value.author == written.author,
      stamped.value.claimedMilliseconds == written.claimedMilliseconds
    {
      return body.unsigned(0)
    }
    let before = stamped?.value.time.milliseconds ?? 0
    stamped = sibling
    let time = written.time
    let hasMoreDots = sibling.dots.count > 1
    let hasClaimed = hasMoreDots || written.claimedMilliseconds != time.milliseconds
    let hasLogical = hasClaimed || time.logical != 0
    body.arrayHeader(
      count: 4 + (hasLogical ? 1 : 0) + (hasClaimed ? 1 : 0) + (sibling.dots.count - 1) * 2)
    body.dot(sibling.dots[0], in: &dictionary)
    body.author(written.author, in: &dictionary)
    body.difference(from: before, to: time.milliseconds)
    if hasLogical { body.unsigned(UInt64(time.logical)) }
    if hasClaimed { body.difference(from: time.milliseconds, to: written.claimedMilliseconds) }
    for dot in sibling.dots.dropFirst() { body.dot(dot, in: &dictionary) }
  }

  func finished(recordCount: Int) -> [UInt8] {
    var encoder = CBOREncoder(
      reservingBytes: body.count + dictionary.nameBytes + dictionary.actors.count * 8
        + dictionary.authors.count * 16 + 24)
    encoder.arrayHeader(count: 3 + recordCount)
    encoder.actors(dictionary.actors)
    encoder.identifiers(dictionary.authors.keys)
    encoder.names(dictionary.names)
    encoder.raw(body.bytes)
    return encoder.bytes
  }
}
