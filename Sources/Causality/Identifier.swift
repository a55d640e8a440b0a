/// A random 128-bit name. `Tag` keeps a child's identifier from being passed where an agency's is
/// meant; nothing about the thing named can be read from it.
package struct Identifier<Tag>: Hashable, Comparable, Sendable {
  package let high: UInt64
  package let low: UInt64

  package init(high: UInt64, low: UInt64) {
    self.high = high
    self.low = low
  }

  /// A fresh name from the given source of randomness.
  package init(using generator: inout some RandomNumberGenerator) {
    self.init(high: generator.next(), low: generator.next())
  }

  /// From the 16 bytes that the wire carries, big-endian; nil for any other length. Not generic:
  /// a generic loop is not specialised across modules, and showed in the first profile.
  package init?(bytes: [UInt8]) {
    guard let read = bytes.withUnsafeBytes({ Self(bytes: $0) }) else { return nil }
    self = read
  }

  /// The same from bytes in memory.
  package init?(bytes: UnsafeRawBufferPointer) {
    guard bytes.count == 16 else { return nil }
    self.init(
      high: UInt64(bigEndian: bytes.loadUnaligned(as: UInt64.self)),
      low: UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self)))
  }

  /// The same from any other collection of bytes.
  package init?(bytes: some Collection<UInt8>) { self.init(bytes: Array(bytes)) }

  /// From the 32 hexadecimal digits that people copy; nil for anything else.
  package init?(text: some StringProtocol) {
    let digits = Array(text.utf8)
    guard digits.count == 32 else { return nil }
    var bytes: [UInt8] = []
    for index in stride(from: 0, to: 32, by: 2) {
      guard let high = Self.nibble(digits[index]), let low = Self.nibble(digits[index + 1])
      else { return nil }
      bytes.append(high << 4 | low)
    }
    self.init(bytes: bytes)
  }

  /// 16 bytes, big-endian.
  package var bytes: [UInt8] {
    withUnsafeBytes(of: (high.bigEndian, low.bigEndian)) { Array($0) }
  }

  /// 32 lower-case hexadecimal digits.
  package var text: String {
    String(unsafeUninitializedCapacity: 32) { target in
      for (index, byte) in bytes.enumerated() {
        target[2 * index] = Self.digit(byte >> 4)
        target[2 * index + 1] = Self.digit(byte & 15)
      }
      return 32
    }
  }

  package static func < (left: Self, right: Self) -> Bool {
    (left.high, left.low) < (right.high, right.low)
  }

  private static func digit(_ nibble: UInt8) -> UInt8 {
    nibble < 10 ? UInt8(ascii: "0") + nibble : UInt8(ascii: "a") + nibble - 10
  }

  private static func nibble(_ character: UInt8) -> UInt8? {
    switch character {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): character - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): character - UInt8(ascii: "a") + 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): character - UInt8(ascii: "A") + 10
    default: nil
    }
  }
}

extension Identifier: CustomStringConvertible {
  package var description: String { text }
}
