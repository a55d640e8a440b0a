/// One CBOR data item as a tree (RFC 8949), for values whose shape is not known beforehand: fields
/// that a newer version added and this one passes on, test vectors, diagnostics.
///
/// **The idea of this module.** Digests, receipts and "a known dot with other content" all compare
/// bytes, so a value must have exactly one encoding. That is the *core deterministic encoding* of
/// RFC 8949, section 4.2.1: shortest heads, definite lengths, map keys in the bytewise order of
/// their encodings, floats in the shortest form that keeps their value. `CBOREncoder` writes
/// nothing else, and `CBORDecoder` accepts nothing else, because a reader that tolerates a second
/// spelling lets two replicas hold "the same" value under two digests.
///
/// The bulk paths neither build trees nor copy: they write straight into one growing array and read
/// by index from another. `CBOR` itself is the slow, convenient side of the same two types.
///
/// Tags are carried, not interpreted: a bignum (tag 2) that would fit an integer stays a bignum.
package indirect enum CBOR: Hashable, Sendable {
  /// Major type 0.
  case unsigned(UInt64)
  /// Major type 1: `negative(n)` stands for −1 − n.
  case negative(UInt64)
  /// Major type 2.
  case bytes([UInt8])
  /// Major type 3.
  case text(String)
  /// Major type 4.
  case array([CBOR])
  /// Major type 5. Any order will do: the encoder sorts. Compare `canonical` forms, since `==`
  /// minds the order. Two equal keys are a programmer error.
  case map([Entry])
  /// Major type 6: a tag number and the item it marks.
  case tagged(UInt64, CBOR)
  case bool(Bool)
  case null
  case undefined
  /// A simple value that has no case of its own: 0…19 or 32…255. Anything else is a programmer
  /// error.
  case simple(UInt8)
  /// A float of any width. Every NaN is written as the one NaN, `f97e00`.
  case float(Double)

  /// One key of a map with its value.
  package struct Entry: Hashable, Sendable {
    package let key: CBOR
    package let value: CBOR

    package init(key: CBOR, value: CBOR) {
      self.key = key
      self.value = value
    }
  }

  /// An integer of either sign.
  package init(_ integer: Int64) {
    self = integer < 0 ? .negative(UInt64(~integer)) : .unsigned(UInt64(integer))
  }

  /// A map with text keys, in canonical order.
  package init(_ entries: [String: CBOR]) {
    self = CBOR.map(entries.map { Entry(key: .text($0.key), value: $0.value) }).canonical
  }

  /// The tree of exactly one encoded item; refuses bytes before, after or beside it.
  package init(decoding bytes: [UInt8], limits: CBORLimits = .standard) throws(CBORError) {
    var decoder = CBORDecoder(bytes, limits: limits)
    self = try decoder.value()
    try decoder.finish()
  }

  /// The deterministic encoding.
  package var encoded: [UInt8] {
    var encoder = CBOREncoder()
    encoder.value(self)
    return encoder.bytes
  }

  /// The same value with the entries of every map in the order of their encoded keys.
  package var canonical: CBOR {
    switch self {
    case .array(let items): .array(items.map(\.canonical))
    case .tagged(let tag, let item): .tagged(tag, item.canonical)
    case .map(let entries):
      .map(
        Self.sorted(entries).map {
          Entry(key: $0.entry.key.canonical, value: $0.entry.value.canonical)
        })
    default: self
    }
  }

  /// The value under a text key; nil where there is none, or where this is no map.
  package subscript(key: String) -> CBOR? { value(under: .text(key)) }

  /// The value under an unsigned key; nil where there is none, or where this is no map.
  package subscript(key: UInt64) -> CBOR? { value(under: .unsigned(key)) }

  private func value(under key: CBOR) -> CBOR? {
    guard case .map(let entries) = self else { return nil }
    return entries.first { $0.key == key }?.value
  }

  /// Entries with their encoded keys, in canonical order.
  static func sorted(_ entries: [Entry]) -> [(encodedKey: [UInt8], entry: Entry)] {
    let sorted = entries.map { (encodedKey: $0.key.encoded, entry: $0) }
      .sorted { $0.encodedKey.lexicographicallyPrecedes($1.encodedKey) }
    for index in sorted.indices.dropFirst() {
      precondition(
        sorted[index - 1].encodedKey != sorted[index].encodedKey, "a CBOR map holds a key twice")
    }
    return sorted
  }
}
