// Dictionaries numbered by first use. The order is then given by what follows, so equal content has
// one encoding, and a reader needs no more than a counter to hold a writer to it.

/// The writer's side: gives each key its number.
struct FirstUseIndex<Key: Hashable & Sendable>: Sendable {
  private(set) var keys: [Key] = []
  /// Filled only when there are many: most compartments know a handful of keys, and looking through
  /// those is faster than hashing.
  private var numbers: [Key: Int] = [:]
  private static var scannedMax: Int { 12 }

  var count: Int { keys.count }

  func existing(_ key: Key) -> Int? {
    keys.count <= Self.scannedMax ? keys.firstIndex(of: key) : numbers[key]
  }

  /// The key's number; `isNew` when this is its first use.
  mutating func number(of key: Key) -> (number: Int, isNew: Bool) {
    if let known = existing(key) { return (known, false) }
    keys.append(key)
    if keys.count == Self.scannedMax + 1 {
      for (number, key) in keys.enumerated() { numbers[key] = number }
    } else if keys.count > Self.scannedMax {
      numbers[key] = keys.count - 1
    }
    return (keys.count - 1, true)
  }

  /// Forgets all keys from that number on.
  mutating func removeAll(from count: Int) {
    if !numbers.isEmpty {
      for key in keys[count...] { numbers[key] = nil }
      if count <= Self.scannedMax { numbers = [:] }
    }
    keys.removeSubrange(count...)
  }
}

/// A name with a digest of its bytes in front: comparing two strings costs ten times a number.
struct NameKey: Hashable {
  private let fingerprint: UInt64
  let text: String

  init(_ text: String) {
    self.text = text
    // FNV-1a (Fowler, Noll, Vo).
    fingerprint = text.utf8.reduce(0xcbf2_9ce4_8422_2325) {
      ($0 ^ UInt64($1)) &* 0x100_0000_01b3
    }
  }
}

/// The reader's side: holds the numbers to the order of first use.
struct FirstUseList<Element> {
  private(set) var elements: [Element]
  private(set) var usedCount = 0

  init(_ elements: [Element] = []) { self.elements = elements }

  var areAllUsed: Bool { usedCount == elements.count }

  /// Nil when there is no such element, or an earlier one has not been used yet.
  mutating func use(_ number: UInt64) -> (element: Element, isNew: Bool)? {
    guard number <= UInt64(usedCount), number < UInt64(elements.count) else { return nil }
    let isNew = number == UInt64(usedCount)
    if isNew { usedCount += 1 }
    return (elements[Int(number)], isNew)
  }
}
