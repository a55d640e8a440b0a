/// Which words of a text other texts do not have, by a longest common subsequence over words
/// (Hirschberg 1975: in the time of the table, with the memory of one of its rows).
enum WordDifference {
  /// Words that follow each other, with the white space as it was typed.
  struct Piece: Equatable {
    var text: String
    /// At least one of the other texts does not have these words here.
    let isAlone: Bool
  }

  /// How many words of two texts are compared with each other, not counting those at the beginning
  /// and the end that both have; with several others, so many by all of them together. Where there
  /// are more, everything between is shown as different.
  static let wordsMax = 1_500

  static func pieces(of text: String, besides others: [String]) -> [Piece] {
    let words = words(text)
    guard !others.isEmpty else { return [Piece(text: text, isAlone: false)] }
    var isAlone = words.map { _ in false }
    for other in others {
      let isShared = shared(words, Self.words(other), wordsMax: wordsMax / others.count)
      for position in isAlone.indices where !isShared[position] { isAlone[position] = true }
    }
    var pieces: [Piece] = []
    for (word, isAlone) in zip(words, isAlone) {
      if pieces.last?.isAlone == isAlone {
        pieces[pieces.count - 1].text += word.whole
      } else {
        pieces.append(Piece(text: String(word.whole), isAlone: isAlone))
      }
    }
    return pieces
  }

  // MARK: Words

  private struct Word {
    let text: Substring
    /// With the white space after it, and before it where it is the first.
    let whole: Substring
  }

  private static func words(_ text: String) -> [Word] {
    var words: [Word] = []
    var rest = text[...]
    while !rest.isEmpty {
      let word = rest.drop(while: \.isWhitespace).prefix { !$0.isWhitespace }
      let after = text[word.endIndex...].drop(while: \.isWhitespace)
      words.append(Word(text: word, whole: text[rest.startIndex..<after.startIndex]))
      rest = after
    }
    return words
  }

  // MARK: What two have in common

  /// For each word of `words`, whether `others` have it too.
  private static func shared(_ words: [Word], _ others: [Word], wordsMax: Int) -> [Bool] {
    var numbers: [Substring: Int] = [:]
    func numbered(_ words: [Word]) -> [Int] {
      words.map { word in
        let number = numbers[word.text] ?? numbers.count
        numbers[word.text] = number
        return number
      }
    }
    let (left, right) = (numbered(words), numbered(others))
    let before = zip(left, right).prefix { $0 == $1 }.count
    let shorter = min(left.count, right.count) - before
    let after = zip(left.reversed(), right.reversed()).prefix(shorter).prefix { $0 == $1 }.count
    var isShared = left.indices.map { $0 < before || $0 >= left.count - after }
    let inner = left[before..<left.count - after]
    let innerOther = right[before..<right.count - after]
    guard inner.count <= wordsMax, innerOther.count <= wordsMax else { return isShared }
    for position in subsequence(inner, innerOther) { isShared[position] = true }
    return isShared
  }

  /// The places in `left` of a longest common subsequence.
  private static func subsequence(_ left: ArraySlice<Int>, _ right: ArraySlice<Int>) -> [Int] {
    guard let first = left.first, !right.isEmpty else { return [] }
    guard left.count > 1 else { return right.contains(first) ? [left.startIndex] : [] }
    let middle = left.startIndex + left.count / 2
    let upper = lengths(left[..<middle], right)
    let lower = lengths(left[middle...].reversed(), right.reversed())
    let count = right.count
    var cut = 0
    for place in 1...count
    where upper[place] + lower[count - place] > upper[cut] + lower[count - cut] { cut = place }
    let split = right.startIndex + cut
    return subsequence(left[..<middle], right[..<split])
      + subsequence(left[middle...], right[split...])
  }

  /// How long a common subsequence of all of `left` with each beginning of `right` is.
  private static func lengths(
    _ left: some Collection<Int>, _ right: some Collection<Int>
  ) -> [Int] {
    let other = Array(right)
    var row = Array(repeating: 0, count: other.count + 1)
    for word in left {
      var diagonal = 0
      for position in other.indices {
        let above = row[position + 1]
        row[position + 1] = word == other[position] ? diagonal + 1 : max(above, row[position])
        diagonal = above
      }
    }
    return row
  }
}
