/// Reads deterministic CBOR item by item, by index, from an array it does not copy.
///
/// Strict: whatever `CBOREncoder` would have written differently is refused, see
/// `CBORError.Reason`. To that end the decoder follows which containers are open, so the order of
/// map keys, the depth and the end of each container are checked no matter how the caller reads.
/// After an error the decoder is spent.
package struct CBORDecoder: Sendable {
  /// An array, map or tag that still lacks items.
  struct Container: Sendable {
    /// Items still to come; a map counts keys and values.
    var remaining: Int
    var isMap: Bool
    /// Where the item that is being read begins.
    var itemStart = 0
    /// The latest key of a map; empty before the first.
    var key = 0..<0
  }

  let input: [UInt8]
  let end: Int
  let limits: CBORLimits
  var position: Int
  /// The innermost open container; the sequence of items itself at depth 0.
  var open = Container(remaining: .max, isMap: false)
  /// Those around it, outermost first.
  var outer: [Container] = []
  /// Items that `value()` may still build.
  var treeItemsLeft: Int

  package init(_ bytes: [UInt8], limits: CBORLimits = .standard) {
    self.init(bytes, range: bytes.indices, limits: limits)
  }

  /// Reads only that part of the array; offsets in errors count from the array's beginning.
  package init(_ bytes: [UInt8], range: Range<Int>, limits: CBORLimits = .standard) {
    precondition(range.lowerBound >= 0 && range.upperBound <= bytes.count)
    input = bytes
    position = range.lowerBound
    end = range.upperBound
    self.limits = limits
    treeItemsLeft = limits.treeItemsMax
  }

  /// Where the next item begins.
  package var offset: Int { position }

  /// How many bytes are left to read.
  package var remaining: Int { end - position }

  /// Nothing is left to read.
  package var isAtEnd: Bool { position == end }

  /// The type of the next item.
  package func peekMajor() throws(CBORError) -> CBORMajor {
    guard position < end else { throw CBORError(.truncated, offset: position) }
    return major(of: input[position])
  }

  /// The next item is null. Consumes nothing.
  package var isNull: Bool { position < end && input[position] == 0xf6 }

  package mutating func unsigned() throws(CBORError) -> UInt64 {
    let value = try argument(expecting: .unsigned)
    try endItem()
    return value
  }

  /// An integer of either sign that fits 64 signed bits.
  package mutating func integer() throws(CBORError) -> Int64 {
    let isNegative = try peekMajor() == .negative
    let magnitude = try argument(expecting: isNegative ? .negative : .unsigned)
    guard let value = Int64(exactly: magnitude) else { throw failure(.integerOutOfRange) }
    try endItem()
    return isNegative ? ~value : value
  }

  package mutating func bytes() throws(CBORError) -> [UInt8] {
    let content = try string(.bytes)
    try endItem()
    return copy(of: content)
  }

  /// A byte string as part of the input, uncopied.
  package mutating func byteSlice() throws(CBORError) -> ArraySlice<UInt8> {
    let content = try string(.bytes)
    try endItem()
    return input[content]
  }

  package mutating func text() throws(CBORError) -> String {
    let content = try string(.text)
    guard isUTF8(content) else { throw failure(.invalidUTF8) }
    try endItem()
    // Valid by now, and much the fastest way into a string.
    return String(unsafeUninitializedCapacity: content.count) { target in
      input.withUnsafeBufferPointer {
        target.initialize(fromContentsOf: UnsafeBufferPointer(rebasing: $0[content]))
      }
    }
  }

  /// How many items follow; they are read one by one. Never more than bytes are left.
  package mutating func arrayHeader() throws(CBORError) -> Int {
    let count = try self.count(.array, bytesPerItemMin: 1)
    try begin(itemCount: count, isMap: false)
    return count
  }

  /// How many pairs follow; key and value are read one by one. Never more than half the bytes left.
  package mutating func mapHeader() throws(CBORError) -> Int {
    let count = try self.count(.map, bytesPerItemMin: 2)
    try begin(itemCount: count * 2, isMap: true)
    return count
  }

  /// The tag number; the tagged item is read next.
  package mutating func tag() throws(CBORError) -> UInt64 {
    let number = try argument(expecting: .tag)
    try begin(itemCount: 1, isMap: false)
    return number
  }

  package mutating func bool() throws(CBORError) -> Bool {
    guard case .bool(let value) = try simpleOrFloat() else { throw failure(.unexpectedSimple) }
    return value
  }

  package mutating func null() throws(CBORError) {
    guard case .null = try simpleOrFloat() else { throw failure(.unexpectedSimple) }
  }

  /// A float of any width.
  package mutating func float() throws(CBORError) -> Double {
    guard case .float(let value) = try simpleOrFloat() else { throw failure(.unexpectedSimple) }
    return value
  }

  /// Every item was read, and nothing follows.
  package func finish() throws(CBORError) {
    guard outer.isEmpty else { throw CBORError(.unfinishedContainer, offset: position) }
    guard position == end else { throw CBORError(.trailingBytes, offset: position) }
  }
}
