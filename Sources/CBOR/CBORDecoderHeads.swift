// What an item begins with (RFC 8949, section 3), and the book-keeping of open containers.
extension CBORDecoder {
  /// Reads the head of the next item, which must be of that type, and returns its argument.
  mutating func argument(expecting expected: CBORMajor) throws(CBORError) -> UInt64 {
    guard position < end else { throw CBORError(.truncated, offset: position) }
    open.itemStart = position
    let initial = input[position]
    guard initial >> 5 == expected.rawValue else {
      throw failure(.unexpectedType(expected: expected, found: major(of: initial)))
    }
    position += 1
    let information = initial & 0x1f
    return information < 24 ? UInt64(information) : try longArgument(information)
  }

  private mutating func longArgument(_ information: UInt8) throws(CBORError) -> UInt64 {
    let value: UInt64
    let needed: UInt64
    switch information {
    case 24: (value, needed) = (try bigEndian(byteCount: 1), 24)
    case 25: (value, needed) = (try bigEndian(byteCount: 2), 0x100)
    case 26: (value, needed) = (try bigEndian(byteCount: 4), 0x1_0000)
    case 27: (value, needed) = (try bigEndian(byteCount: 8), 0x1_0000_0000)
    case 31: throw failure(.indefiniteLength)
    default: throw failure(.reserved)
    }
    guard value >= needed else { throw failure(.notShortestInteger) }
    return value
  }

  mutating func bigEndian(byteCount: Int) throws(CBORError) -> UInt64 {
    guard end - position >= byteCount else { throw CBORError(.truncated, offset: end) }
    var value: UInt64 = 0
    for index in position..<position + byteCount { value = value << 8 | UInt64(input[index]) }
    position += byteCount
    return value
  }

  /// Consumes a string's head and content; returns where the content stands.
  mutating func string(_ major: CBORMajor) throws(CBORError) -> Range<Int> {
    let length = try count(major, bytesPerItemMin: 1)
    let start = position
    position += length
    return start..<position
  }

  /// A length or count, once it is certain that the rest of the input can hold it.
  mutating func count(_ major: CBORMajor, bytesPerItemMin: Int) throws(CBORError) -> Int {
    let count = try argument(expecting: major)
    guard count <= UInt64((end - position) / bytesPerItemMin) else {
      throw failure(.lengthBeyondEnd)
    }
    return Int(count)
  }

  /// Enters an array, map or tag whose head was just read; leaves it at once when it is empty.
  mutating func begin(itemCount: Int, isMap: Bool) throws(CBORError) {
    guard outer.count < limits.depthMax else {
      throw failure(.tooDeep(depthMax: limits.depthMax))
    }
    guard itemCount > 0 else { return try endItem() }
    outer.append(open)
    open = Container(remaining: itemCount, isMap: isMap)
  }

  /// Counts an item that was read to its end, and leaves the containers that end with it.
  mutating func endItem() throws(CBORError) {
    open.remaining -= 1
    if open.isMap && !open.remaining.isMultiple(of: 2) { try endKey() }
    while open.remaining == 0, let parent = outer.popLast() {
      open = parent
      open.remaining -= 1
      if open.isMap && !open.remaining.isMultiple(of: 2) { try endKey() }
    }
  }

  /// Holds a map's key against the one before it.
  private mutating func endKey() throws(CBORError) {
    let previous = input[open.key]
    let key = open.itemStart..<position
    guard previous.lexicographicallyPrecedes(input[key]) else {
      throw failure(previous == input[key] ? .duplicateKey : .unsortedKey)
    }
    open.key = key
  }

  /// An error at the beginning of the item that is being read.
  func failure(_ reason: CBORError.Reason) -> CBORError {
    CBORError(reason, offset: open.itemStart)
  }

  /// Three bits have eight values, and each is a major type.
  func major(of initial: UInt8) -> CBORMajor {
    CBORMajor(rawValue: initial >> 5) ?? .simpleOrFloat
  }
}
