/// The text of `--help`, laid out for a terminal of 80 columns.
enum Help {
  static let columns = 80

  static func text(for command: Command, path: String) -> String {
    var sections = ["\(path): \(command.summary)."]
    let words = command.run == nil ? ["COMMAND"] : []
    let usage = command.options.map(\.usage) + command.arguments.map(\.usage) + words
    sections.append(
      "Usage:\n" + wrapped(([path] + usage), indent: 2, hanging: 6).joined(separator: "\n"))
    if !command.discussion.isEmpty {
      sections.append(
        paragraphs(command.discussion).map {
          wrapped($0.split(whereSeparator: \.isWhitespace).map(String.init), indent: 0, hanging: 0)
            .joined(separator: "\n")
        }.joined(separator: "\n\n"))
    }
    section("Commands", command.subcommands.map { ($0.name, $0.summary) }, &sections)
    section("Arguments", command.arguments.map { ($0.spelling, sentence($0)) }, &sections)
    let help = ("-h, --help", "Show this text.")
    section("Options", command.options.map { ($0.spelling, sentence($0)) } + [help], &sections)
    if path == command.name {
      section("Exit codes", ExitCode.allCases.map { ("\($0.rawValue)", $0.meaning) }, &sections)
    }
    return sections.joined(separator: "\n\n") + "\n"
  }

  private static func sentence(_ parameter: Parameter) -> String {
    var text = parameter.help
    if let allowed = parameter.allowed { text += " One of \(allowed.joined(separator: ", "))." }
    if parameter.repeats { text += " May be repeated." }
    if let standard = parameter.standard { text += " (\(standard))" }
    return text
  }

  /// Two columns; a left side that is too wide for its column gets a line of its own.
  private static func section(
    _ title: String, _ rows: [(String, String)], _ sections: inout [String]
  ) {
    guard !rows.isEmpty else { return }
    let margin = min(26, (rows.map(\.0.count).max() ?? 0) + 4)
    let lines = rows.flatMap { left, right in
      let words = right.split(separator: " ").map(String.init)
      var lines = wrapped(words, indent: margin, hanging: margin)
      if left.count + 4 > margin {
        lines.insert("  " + left, at: 0)
      } else if let first = lines.first {
        let gap = String(repeating: " ", count: margin - left.count - 2)
        lines[0] = "  " + left + gap + first.dropFirst(margin)
      }
      return lines
    }
    sections.append(title + ":\n" + lines.joined(separator: "\n"))
  }

  /// The words in lines of at most `columns`, the first indented by `indent`, the others by
  /// `hanging`.
  private static func wrapped(_ words: [String], indent: Int, hanging: Int) -> [String] {
    var lines: [String] = []
    var line = String(repeating: " ", count: indent)
    var isEmpty = true
    for word in words {
      if !isEmpty && line.count + 1 + word.count > columns {
        lines.append(line)
        line = String(repeating: " ", count: hanging)
        isEmpty = true
      }
      line += (isEmpty ? "" : " ") + word
      isEmpty = false
    }
    return lines + [line]
  }

  private static func paragraphs(_ text: String) -> [String] {
    var paragraphs: [String] = [""]
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      if line.allSatisfy(\.isWhitespace) {
        paragraphs.append("")
      } else {
        paragraphs[paragraphs.count - 1] += line + " "
      }
    }
    return paragraphs.filter { !$0.isEmpty }
  }
}
