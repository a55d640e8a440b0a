import CBOR
import CaseRecords
import Causality

// The pieces that all messages are written of.
extension CBOREncoder {
  mutating func identifier<Tag>(_ value: Identifier<Tag>) {
    bytes(bigEndian: value.high, value.low)
  }

  /// Several identifiers in one byte string.
  mutating func identifiers<Tag>(_ values: [Identifier<Tag>]) {
    var content: [UInt8] = []
    content.reserveCapacity(values.count * 16)
    for value in values {
      content.append(bigEndian: value.high)
      content.append(bigEndian: value.low)
    }
    bytes(content)
  }

  mutating func actor(_ value: Actor) { bytes(bigEndian: value.rawValue) }

  mutating func dot(_ value: Dot) {
    actor(value.actor)
    unsigned(value.counter)
  }

  mutating func optional<Tag>(_ value: Identifier<Tag>?) {
    if let value { identifier(value) } else { null() }
  }
}

extension [UInt8] {
  mutating func append(bigEndian word: UInt64) {
    for shift in stride(from: UInt64(56), through: 0, by: -8) {
      append(UInt8(truncatingIfNeeded: word >> shift))
    }
  }
}

/// A map with small unsigned keys, which are written in ascending order and only where their fields
/// say something.
struct MessageMap {
  private var entries: CBOREncoder
  private var count = 0

  init(reservingBytes capacity: Int = 256) { entries = CBOREncoder(reservingBytes: capacity) }

  /// The place of a value; the caller writes exactly one item.
  mutating func field(
    _ key: UInt64, when isPresent: Bool = true, write: (inout CBOREncoder) -> Void
  ) {
    guard isPresent else { return }
    entries.unsigned(key)
    write(&entries)
    count += 1
  }

  mutating func unsigned(_ key: UInt64, _ value: UInt64, absentAs absent: UInt64? = 0) {
    field(key, when: value != absent) { $0.unsigned(value) }
  }

  var encoded: [UInt8] {
    var encoder = CBOREncoder(reservingBytes: entries.count + 3)
    encoder.mapHeader(count: count)
    encoder.raw(entries.bytes)
    return encoder.bytes
  }
}

/// The parts of fixed length that stand in one byte string, end to end. Another length is a
/// programmer error: the types document theirs.
func joined(_ parts: [UInt8]..., bytes total: Int) -> [UInt8] {
  let content = parts.flatMap { $0 }
  precondition(content.count == total, "a certificate, digest or proof of another length")
  return content
}
