/// Rules that look at one file. Each gives its complaints as "path:line: what is wrong".
enum TextRules {
  static let maximumLines = 400
  static let maximumColumns = 100

  static func columns(_ file: SourceText) -> [String] {
    file.lines.indices.filter { index in
      // Counting bytes is fast and never counts too few.
      file.lines[index].utf8.count > maximumColumns && file.lines[index].count > maximumColumns
    }.map { "\(file.path):\($0 + 1): longer than \(maximumColumns) columns" }
  }

  static func lines(_ file: SourceText) -> [String] {
    guard file.lines.count > maximumLines else { return [] }
    return ["\(file.path): \(file.lines.count) lines, at most \(maximumLines)"]
  }

  /// Words that promise work instead of doing it.
  static func promises(_ file: SourceText) -> [String] {
    ["TODO", "FIXME", "XXX"].flatMap { word in
      complaints(file, file.comments, "do it, or write it down where plans are kept", word) {
        $0.contains(/\b(TODO|FIXME|XXX)\b/)
      }
    }
  }

  /// Floors meet through `package`.
  static func access(_ file: SourceText) -> [String] {
    ["public", "open"].flatMap { word in
      complaints(file, file.code, "nothing is public or open here; use package", word) { line in
        // A call of `open` is followed by a parenthesis, a modifier by another word.
        line.contains(/\b(public|open)\s+\w/)
      }
    }
  }

  static func forcedTry(_ file: SourceText) -> [String] {
    complaints(file, file.code, "an error is forced away; handle it or pass it on", "try!") {
      $0.contains(/\btry!/)
    }
  }

  /// A reason stands beside each deliberate crash: a comment in the same line or the three before,
  /// so that a condition of two lines fits between.
  static func fatalErrors(_ file: SourceText) -> [String] {
    // In a test, a crash is a failure like any other.
    guard file.module != nil else { return [] }
    return file.indices(of: "fatalError(", in: file.code).filter { index in
      !file.comments[max(0, index - 3)...index].contains { $0.contains("//") }
    }.map { "\(file.path):\($0 + 1): fatalError without a comment that says why" }
  }

  static func uncheckedSendable(_ file: SourceText) -> [String] {
    file.indices(of: "@unchecked Sendable", in: file.code).filter { index in
      !file.comments[max(0, index - 8)...index].contains { $0.contains(/\b[Pp]roof\b/) }
    }.map { "\(file.path):\($0 + 1): @unchecked Sendable without its proof in the lines before" }
  }

  /// Only the executable and the log talk to people.
  static func printing(_ file: SourceText) -> [String] {
    guard let module = file.module, !["cafsync", "Operations"].contains(module) else { return [] }
    return complaints(file, file.code, "print belongs into cafsync", "print(") {
      $0.contains(/(^|[^.\w])print\(/) && !$0.contains(/func\s+print\(/)
    }
  }

  private static func complaints(
    _ file: SourceText, _ view: [String], _ sentence: String, _ word: String,
    _ isWrong: (String) -> Bool
  ) -> [String] {
    file.indices(of: word, in: view).filter { isWrong(view[$0]) }.map {
      "\(file.path):\($0 + 1): \(sentence)"
    }
  }
}
