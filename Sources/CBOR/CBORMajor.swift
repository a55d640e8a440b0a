/// The eight major types (RFC 8949, section 3.1), under the number in the initial byte's high bits.
package enum CBORMajor: UInt8, Hashable, Sendable {
  case unsigned, negative, bytes, text, array, map, tag
  /// Booleans, null, undefined, other simple values, and floats.
  case simpleOrFloat
}
