import Testing

@testable import Pages

@Suite("Words that differ")
struct WordDifferenceTests {
  /// The words that only the text has in brackets.
  private func marked(_ text: String, _ others: String...) -> String {
    WordDifference.pieces(of: text, besides: others).map {
      $0.isAlone ? "[\($0.text)]" : $0.text
    }.joined()
  }

  @Test("words that the other text lacks are marked, and white space stays as it was typed")
  func two() {
    let cases: [(text: String, other: String, marked: String)] = [
      ("She sleeps well", "She sleeps badly", "She sleeps [well]"),
      ("She sleeps badly", "She sleeps well", "She sleeps [badly]"),
      ("one two three four", "one three four", "one [two ]three four"),
      ("one three four", "one two three four", "one three four"),
      ("a b c d e f", "b x d y f", "[a ]b [c ]d [e ]f"),
      (" first\n\nsecond  third", "second third", "[ first\n\n]second  third"),
      ("the same", "the same", "the same"),
      ("all new", "", "[all new]"), ("", "all new", ""), ("", "", ""), ("  ", "", "[  ]"),
      ("Zoë 李", "Zoe\u{308} 李", "Zoë 李"),
      ("x y x y x", "y x y", "[x ]y x y [x]"),
    ]
    for (text, other, expected) in cases { #expect(marked(text, other) == expected) }
  }

  @Test("of several others, a word that one of them lacks is marked")
  func several() {
    #expect(marked("a b c", "a b", "b c") == "[a ]b [c]")
    #expect(marked("a b c", "a b c", "a b c") == "a b c")
    #expect(marked("a b c") == "a b c")
  }

  /// Every other word is the same, and neither the first nor the last.
  private func texts(words: Int) -> (String, String) {
    let text = (0..<words).map { $0.isMultiple(of: 2) ? "left\($0)" : "both\($0)" }
    let other = (0..<words).map { $0.isMultiple(of: 2) ? "right\($0)" : "both\($0)" }
    return (
      (["begin"] + text + ["last", "end"]).joined(separator: " "),
      (["begin"] + other + ["other", "end"]).joined(separator: " ")
    )
  }

  @Test("so many words are compared, and one more is shown as different as a whole")
  func bound() {
    let (text, other) = texts(words: WordDifference.wordsMax - 1)
    let pieces = WordDifference.pieces(of: text, besides: [other])
    #expect(pieces.map(\.text).joined() == text)
    #expect(pieces.count { $0.isAlone } == WordDifference.wordsMax / 2)
    let (longer, longerOther) = texts(words: WordDifference.wordsMax)
    let whole = WordDifference.pieces(of: longer, besides: [longerOther])
    #expect(whole.map(\.isAlone) == [false, true, false])
    #expect(whole.first?.text == "begin " && whole.last?.text == "end")
    #expect(whole.map(\.text).joined() == longer)
  }

  @Test("what it marks is the least there is to mark, tried against the plain table")
  func least() {
    var seed: UInt64 = 7
    func next(_ bound: Int) -> Int {
      seed = seed &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(seed >> 33) % bound
    }
    for _ in 0..<300 {
      let left = (0..<next(14)).map { _ in "w\(next(4))" }
      let right = (0..<next(14)).map { _ in "w\(next(4))" }
      var table = Array(
        repeating: Array(repeating: 0, count: right.count + 1), count: left.count + 1)
      for i in left.indices {
        for j in right.indices {
          table[i + 1][j + 1] =
            left[i] == right[j] ? table[i][j] + 1 : max(table[i][j + 1], table[i + 1][j])
        }
      }
      let pieces = WordDifference.pieces(
        of: left.joined(separator: " "), besides: [right.joined(separator: " ")])
      let kept = pieces.filter { !$0.isAlone }.flatMap { $0.text.split(separator: " ") }
      #expect(kept.count == table[left.count][right.count], "\(left) \(right)")
    }
  }
}
