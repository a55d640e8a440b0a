/// Looks for many byte strings in one pass over the bytes.
package struct ByteSearch {
  package struct Needle {
    /// What a failure calls it.
    package let name: String
    package let bytes: [UInt8]

    package init(_ name: String, _ bytes: [UInt8]) {
      precondition(bytes.count >= ByteSearch.headBytes, "\(name) is too short to mean anything")
      (self.name, self.bytes) = (name, bytes)
    }

    package init(word: String) { self.init(word, Array(word.utf8)) }
  }

  package static let headBytes = 8
  private var byHead: [UInt64: [Needle]] = [:]

  package init(_ needles: [Needle]) {
    for needle in needles {
      let head = needle.bytes.prefix(Self.headBytes).reduce(0) { $0 << 8 | UInt64($1) }
      byHead[head, default: []].append(needle)
    }
  }

  /// The names of those that stand in the bytes.
  package func found(in bytes: [UInt8]) -> Set<String> {
    var found: Set<String> = []
    var window: UInt64 = 0
    bytes.withUnsafeBufferPointer { bytes in
      for (index, byte) in bytes.enumerated() {
        window = window << 8 | UInt64(byte)
        guard index + 1 >= Self.headBytes, let needles = byHead[window] else { continue }
        let start = index + 1 - Self.headBytes
        for needle in needles where start + needle.bytes.count <= bytes.count {
          let isThere = zip(bytes[start...], needle.bytes).allSatisfy { $0 == $1 }
          if isThere { found.insert(needle.name) }
        }
      }
    }
    return found
  }
}
