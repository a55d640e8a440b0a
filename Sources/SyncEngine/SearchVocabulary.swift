/// The distinct words of all names, each with the slots of the children that bear it.
struct SearchVocabulary: Sendable {
  private var numberOf: [String: Int] = [:]
  private var spellings: [[UInt8]] = []
  private var postings: [[Int]] = []

  mutating func add(_ slot: Int, to word: String) {
    if let number = numberOf[word] {
      postings[number].append(slot)
    } else {
      numberOf[word] = spellings.count
      spellings.append(Array(word.utf8))
      postings.append([slot])
    }
  }

  /// The word stays in the vocabulary without slots: names come again.
  mutating func remove(_ slot: Int, from word: String) {
    guard let number = numberOf[word] else { return }
    postings[number].removeAll { $0 == slot }
  }

  /// Slots with a word that `NameLikeness` could hold for like one of those asked: the same, one
  /// the beginning of the other, or one slip apart. A slot may come more than once.
  func slots(like asked: Set<String>) -> [Int] {
    let asked = asked.map { Array($0.utf8) }
    if asked.isEmpty { return [] }
    var result: [Int] = []
    for (number, spelling) in spellings.enumerated() where !postings[number].isEmpty {
      if asked.contains(where: { Self.mayBeLike($0, spelling) }) { result += postings[number] }
    }
    return result
  }

  private static func mayBeLike(_ left: [UInt8], _ right: [UInt8]) -> Bool {
    let shorter = min(left.count, right.count)
    var start = 0
    while start < shorter, left[start] == right[start] { start += 1 }
    if start == shorter { return true }
    if abs(left.count - right.count) > 1 { return false }
    var end = 0
    while end < shorter - start, left[left.count - 1 - end] == right[right.count - 1 - end] {
      end += 1
    }
    // What is left in the middle: one letter, or two that may have changed places.
    return max(left.count, right.count) - start - end <= 2
  }
}
