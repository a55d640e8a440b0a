/// Why an input is not the deterministic CBOR that was asked for, and where.
package struct CBORError: Error, Hashable, Sendable {
  package let reason: Reason
  /// Bytes from the beginning of the array that the decoder was given.
  package let offset: Int

  package init(_ reason: Reason, offset: Int) {
    self.reason = reason
    self.offset = offset
  }

  package enum Reason: Hashable, Sendable {
    /// The input ends where an item, or the rest of its head, should stand.
    case truncated
    /// A length or count promises more than the rest of the input can hold.
    case lengthBeyondEnd
    /// Bytes remain after the last item.
    case trailingBytes
    /// `finish()` came while an array, map or tag still lacked items.
    case unfinishedContainer
    /// Another type of item was asked for than stands here.
    case unexpectedType(expected: CBORMajor, found: CBORMajor)
    /// An item of major type 7 other than the one asked for.
    case unexpectedSimple
    /// An integer that `Int64` cannot hold.
    case integerOutOfRange
    /// An integer, length, count or tag number in more bytes than it needs.
    case notShortestInteger
    /// A float in more bytes than its value needs, or a NaN other than `f97e00`.
    case notShortestFloat
    /// A string, array or map of indefinite length, or the "break" that ends one.
    case indefiniteLength
    /// Additional information 28, 29 or 30, or a two-byte simple value below 32.
    case reserved
    case invalidUTF8
    case duplicateKey
    case unsortedKey
    case tooDeep(depthMax: Int)
    case tooManyItems(treeItemsMax: Int)
  }
}

extension CBORError: CustomStringConvertible {
  /// One sentence; never any of the data.
  package var description: String { "At byte \(offset) of the CBOR input: \(reason.sentence)" }
}

extension CBORError.Reason {
  package var sentence: String {
    switch self {
    case .truncated: "the input ends inside an item; send all of it."
    case .lengthBeyondEnd: "a length or count goes beyond the end of the input; send all of it."
    case .trailingBytes: "bytes follow the last item; send nothing after it."
    case .unfinishedContainer: "the reader stopped before the end of an array, map or tag."
    case .unexpectedType(let expected, let found): "expected \(expected), found \(found)."
    case .unexpectedSimple: "found another simple value or float than the one expected."
    case .integerOutOfRange: "the integer does not fit into 64 signed bits."
    case .notShortestInteger: "an integer or length is not in its shortest form; re-encode it."
    case .notShortestFloat: "a float is not in its shortest form; re-encode it."
    case .indefiniteLength: "indefinite lengths are not deterministic; send a definite length."
    case .reserved: "the initial byte is reserved by RFC 8949; this is not CBOR."
    case .invalidUTF8: "a text string is not valid UTF-8."
    case .duplicateKey: "a map holds the same key twice."
    case .unsortedKey: "the keys of a map are not in bytewise order; sort by encoded key."
    case .tooDeep(let depthMax): "more than \(depthMax) levels of nesting; send a flatter item."
    case .tooManyItems(let treeItemsMax): "more than \(treeItemsMax) items; send fewer at once."
    }
  }
}
