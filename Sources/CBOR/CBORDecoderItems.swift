// Whole items of any type: as a tree, or as the bytes they are.
extension CBORDecoder {
  /// The next item with all that it contains.
  package mutating func value() throws(CBORError) -> CBOR {
    let major = try peekMajor()
    guard treeItemsLeft > 0 else {
      throw CBORError(.tooManyItems(treeItemsMax: limits.treeItemsMax), offset: position)
    }
    treeItemsLeft -= 1
    switch major {
    case .unsigned: return .unsigned(try unsigned())
    case .negative:
      let number = try argument(expecting: .negative)
      try endItem()
      return .negative(number)
    case .bytes: return .bytes(try bytes())
    case .text: return .text(try text())
    case .array:
      var items: [CBOR] = []
      for _ in 0..<(try arrayHeader()) { items.append(try value()) }
      return .array(items)
    case .map:
      var entries: [CBOR.Entry] = []
      for _ in 0..<(try mapHeader()) {
        entries.append(CBOR.Entry(key: try value(), value: try value()))
      }
      return .map(entries)
    case .tag: return .tagged(try tag(), try value())
    case .simpleOrFloat: return try simpleOrFloat()
    }
  }

  /// The exact bytes of the next item, checked like any other but without building it.
  package mutating func rawItem() throws(CBORError) -> [UInt8] {
    let start = position
    try skipItem()
    return copy(of: start..<position)
  }

  /// Checks the next item and passes over it.
  package mutating func skipItem() throws(CBORError) {
    let depth = outer.count
    repeat {
      switch try peekMajor() {
      case .unsigned: _ = try unsigned()
      case .negative:
        _ = try argument(expecting: .negative)
        try endItem()
      case .bytes: _ = try byteSlice()
      case .text:
        let content = try string(.text)
        guard isUTF8(content) else { throw failure(.invalidUTF8) }
        try endItem()
      case .array: _ = try arrayHeader()
      case .map: _ = try mapHeader()
      case .tag: _ = try tag()
      case .simpleOrFloat: _ = try simpleOrFloat()
      }
    } while outer.count > depth
  }

  /// Part of the input as an array of its own: what `Array` does with a slice, in half the time.
  func copy(of range: Range<Int>) -> [UInt8] {
    input.withUnsafeBufferPointer { Array(UnsafeBufferPointer(rebasing: $0[range])) }
  }

  /// An item of major type 7 (RFC 8949, section 3.3).
  mutating func simpleOrFloat() throws(CBORError) -> CBOR {
    let initial = try peekMajor() == .simpleOrFloat ? input[position] : 0
    let item: CBOR
    switch initial & 0x1f {
    case 24:
      open.itemStart = position
      position += 1
      let number = try bigEndian(byteCount: 1)
      guard number >= 32 else { throw failure(.reserved) }
      item = .simple(UInt8(number))
    case 25...27:
      open.itemStart = position
      position += 1
      item = .float(try float(byteCount: 1 << Int(initial & 0x1f - 24)))
    default:
      switch try argument(expecting: .simpleOrFloat) {
      case 20: item = .bool(false)
      case 21: item = .bool(true)
      case 22: item = .null
      case 23: item = .undefined
      case let number: item = .simple(UInt8(number))
      }
    }
    try endItem()
    return item
  }

  private mutating func float(byteCount: Int) throws(CBORError) -> Double {
    let bits = try bigEndian(byteCount: byteCount)
    let value: Double =
      switch byteCount {
      case 2: Double(Float16(bitPattern: UInt16(bits)))
      case 4: Double(Float(bitPattern: UInt32(bits)))
      default: Double(bitPattern: bits)
      }
    let fitsFewerBytes =
      switch byteCount {
      case 2: value.isNaN && bits != 0x7e00
      case 4: value.isNaN || Double(Float16(value)) == value
      default: value.isNaN || Double(Float(value)) == value
      }
    guard !fitsFewerBytes else { throw failure(.notShortestFloat) }
    return value
  }

  /// Most text is ASCII, which needs no decoding to be checked.
  func isUTF8(_ content: Range<Int>) -> Bool {
    let isASCII = input.withUnsafeBufferPointer { bytes in
      var bits: UInt8 = 0
      for index in content { bits |= bytes[index] }
      return bits < 0x80
    }
    return isASCII || String(validating: input[content], as: UTF8.self) != nil
  }
}
