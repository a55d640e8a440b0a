/// Writes CBOR items one after the other into a growing array, shortest forms only.
///
/// What it cannot see stays with the caller: to follow a header with exactly as many items as it
/// announced, and a map's keys in the bytewise order of their encodings (`value(_:)` does both).
package struct CBOREncoder: Sendable {
  @usableFromInline
  var output: [UInt8] = []

  package init() {}

  /// With room for that many bytes before the array has to grow.
  package init(reservingBytes capacity: Int) { output.reserveCapacity(capacity) }

  /// All that was written so far.
  package var bytes: [UInt8] { output }

  /// How many bytes were written so far.
  package var count: Int { output.count }

  /// Takes back everything after the first `count` bytes, which must end between items.
  package mutating func truncate(to count: Int) { output.removeSubrange(count...) }

  package mutating func unsigned(_ value: UInt64) { head(.unsigned, value) }

  /// Writes −1 − `value`.
  package mutating func negative(_ value: UInt64) { head(.negative, value) }

  package mutating func integer(_ value: Int64) {
    if value < 0 { negative(UInt64(~value)) } else { unsigned(UInt64(value)) }
  }

  /// A byte string.
  @inlinable
  package mutating func bytes(_ value: some Collection<UInt8>) {
    head(.bytes, UInt64(value.count))
    output.append(contentsOf: value)
  }

  /// A byte string. Beside the general one because that is not specialised across modules, and most
  /// strings are arrays.
  package mutating func bytes(_ value: [UInt8]) {
    head(.bytes, UInt64(value.count))
    output.append(contentsOf: value)
  }

  /// A byte string of 8 bytes.
  package mutating func bytes(bigEndian word: UInt64) {
    output.append(CBORMajor.bytes.rawValue << 5 | 8)
    bigEndian(word, byteCount: 8)
  }

  /// A byte string of 16 bytes.
  package mutating func bytes(bigEndian high: UInt64, _ low: UInt64) {
    output.append(CBORMajor.bytes.rawValue << 5 | 16)
    bigEndian(high, byteCount: 8)
    bigEndian(low, byteCount: 8)
  }

  /// A text string, as it is: no normalisation.
  package mutating func text(_ value: String) {
    var value = value
    value.withUTF8 { utf8 in
      head(.text, UInt64(utf8.count))
      output.append(contentsOf: utf8)
    }
  }

  /// `count` items must follow.
  package mutating func arrayHeader(count: Int) { head(.array, UInt64(count)) }

  /// `count` pairs of key and value must follow, by encoded key ascending.
  package mutating func mapHeader(count: Int) { head(.map, UInt64(count)) }

  /// One item must follow, the one that is tagged.
  package mutating func tag(_ number: UInt64) { head(.tag, number) }

  package mutating func bool(_ value: Bool) { output.append(value ? 0xf5 : 0xf4) }
  package mutating func null() { output.append(0xf6) }
  package mutating func undefined() { output.append(0xf7) }

  /// A simple value without a name of its own: 0…19 or 32…255.
  package mutating func simple(_ value: UInt8) {
    precondition(value < 20 || value >= 32, "no unnamed simple value of CBOR")
    head(.simpleOrFloat, UInt64(value))
  }

  /// In 2, 4 or 8 bytes, the fewest that keep the value (RFC 8949, section 4.2.1).
  package mutating func float(_ value: Double) {
    let single = Float(value)
    let half = Float16(value)
    if value.isNaN {
      output.append(contentsOf: [0xf9, 0x7e, 0x00])
    } else if Double(half) == value {
      output.append(0xf9)
      bigEndian(UInt64(half.bitPattern), byteCount: 2)
    } else if Double(single) == value {
      output.append(0xfa)
      bigEndian(UInt64(single.bitPattern), byteCount: 4)
    } else {
      output.append(0xfb)
      bigEndian(value.bitPattern, byteCount: 8)
    }
  }

  /// A whole tree; sorts the maps in it.
  package mutating func value(_ value: CBOR) {
    switch value {
    case .unsigned(let number): unsigned(number)
    case .negative(let number): negative(number)
    case .bytes(let content): bytes(content)
    case .text(let content): text(content)
    case .array(let items):
      arrayHeader(count: items.count)
      for item in items { self.value(item) }
    case .map(let entries):
      mapHeader(count: entries.count)
      for (encodedKey, entry) in CBOR.sorted(entries) {
        raw(encodedKey)
        self.value(entry.value)
      }
    case .tagged(let number, let item):
      tag(number)
      self.value(item)
    case .bool(let truth): bool(truth)
    case .null: null()
    case .undefined: undefined()
    case .simple(let number): simple(number)
    case .float(let number): float(number)
    }
  }

  /// Items that are encoded already, taken on trust.
  @inlinable
  package mutating func raw(_ encoded: some Collection<UInt8>) {
    output.append(contentsOf: encoded)
  }

  package mutating func raw(_ encoded: [UInt8]) { output.append(contentsOf: encoded) }

  /// The initial byte and the argument behind it, shortest form (RFC 8949, section 3).
  @usableFromInline
  mutating func head(_ major: CBORMajor, _ argument: UInt64) {
    let initial = major.rawValue << 5
    switch argument {
    case 0..<24: output.append(initial | UInt8(argument))
    case 24...0xff:
      output.append(initial | 24)
      output.append(UInt8(argument))
    case 0x100...0xffff:
      output.append(initial | 25)
      bigEndian(argument, byteCount: 2)
    case 0x1_0000...0xffff_ffff:
      output.append(initial | 26)
      bigEndian(argument, byteCount: 4)
    default:
      output.append(initial | 27)
      bigEndian(argument, byteCount: 8)
    }
  }

  private mutating func bigEndian(_ value: UInt64, byteCount: Int) {
    for shift in stride(from: (byteCount - 1) * 8, through: 0, by: -8) {
      output.append(UInt8(truncatingIfNeeded: value >> UInt64(shift)))
    }
  }
}
