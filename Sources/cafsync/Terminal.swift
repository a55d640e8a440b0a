import Operations

/// Where commands print: results to standard output, complaints to standard error.
enum Terminal {
  static func print(_ text: String, terminator: String = "\n") {
    Swift.print(text, terminator: terminator)
  }

  static func complain(_ error: any Error) {
    // A usage error names the command itself.
    Log.standardError(error is UsageError ? "\(error)" : "cafsync: \(error)")
  }

  /// JSON for programs, or the text that `describe` makes of it for people.
  static func show(_ value: JSON, _ invocation: Invocation, _ describe: (JSON) -> String) {
    print(invocation.flag("json") ? value.text(.pretty) : describe(value))
  }

  /// Columns under headings, as wide as they need to be.
  static func table(_ headings: [String], _ rows: [[String]]) -> String {
    let all = [headings] + rows
    let widths = headings.indices.map { column in all.map { $0[column].count }.max() ?? 0 }
    return all.map { row in
      let cells = zip(row, widths).map { cell, width in
        cell + String(repeating: " ", count: width - cell.count)
      }
      let line = cells.joined(separator: "  ")
      return String(line.reversed().drop { $0 == " " }.reversed())
    }.joined(separator: "\n")
  }

  /// `2026-11-24 09:05:00Z`; a dash for null.
  static func time(_ milliseconds: JSON?) -> String {
    milliseconds?.unsignedValue.map { Moment.second($0) } ?? "–"
  }

  /// A number or text as people read it.
  static func cell(_ value: JSON?) -> String {
    switch value {
    case nil, .null: "–"
    case .string(let text): text
    case .bool(let flag): flag ? "yes" : "no"
    case .some(let other): other.text()
    }
  }
}
