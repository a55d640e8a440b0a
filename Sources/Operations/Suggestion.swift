/// "Did you mean …?": the known word nearest to an unknown one.
package enum Suggestion {
  /// The nearest candidate, if it is near enough that it was probably meant: at most one slip in
  /// three letters. Among equally near ones, the first.
  package static func nearest(to word: String, among candidates: [String]) -> String? {
    // The distance costs the product of the lengths; nobody mistypes a name this long.
    guard word.utf8.count <= 64 else { return nil }
    let limit = max(1, word.count / 3)
    var best: (candidate: String, distance: Int)?
    for candidate in candidates where candidate.utf8.count <= 64 {
      let distance = distance(word.lowercased(), candidate.lowercased())
      if distance <= limit && distance < (best?.distance ?? Int.max) {
        best = (candidate, distance)
      }
    }
    return best?.candidate
  }

  /// Insertions, deletions, substitutions and swaps of neighbours that lead from one word to the
  /// other, no letter being touched twice ("optimal string alignment", the restricted form of F.
  /// Damerau, Comm. ACM 7(3), 1964).
  static func distance(_ left: String, _ right: String) -> Int {
    let left = Array(left)
    let right = Array(right)
    var beforeLast: [Int] = []
    var last = Array(0...right.count)
    for row in 0..<left.count {
      var current = [row + 1]
      for column in 0..<right.count {
        let isSame = left[row] == right[column]
        var distance = min(
          last[column] + (isSame ? 0 : 1), last[column + 1] + 1, current[column] + 1)
        if row > 0 && column > 0 && left[row] == right[column - 1]
          && left[row - 1] == right[column]
        {
          distance = min(distance, beforeLast[column - 1] + 1)
        }
        current.append(distance)
      }
      beforeLast = last
      last = current
    }
    return last[right.count]
  }
}
