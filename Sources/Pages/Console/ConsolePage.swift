import Operations

// What the pages of the hub's console share. They are made of what the operator's commands answer:
// names of agencies and devices, random identifiers, times and counts. There is no child's name and
// no word of a family's in any of it.
enum ConsolePage {
  static let places: [(String, LocalPath)] = [
    ("Board", LocalPath()), ("Agencies", LocalPath("agencies")),
    ("Withdrawals", LocalPath("withdrawals")), ("Set apart", LocalPath("apart")),
    ("Conflicts", LocalPath("conflicts")), ("Events", LocalPath("identity")),
    ("Disclosures", LocalPath("ledger")), ("Reports", LocalPath("reports")),
    ("Audit log", LocalPath("audit")), ("Operators", LocalPath("operators")),
  ]

  /// `2026-11-24 09:05`, in the hub's time, which is UTC; "never" where there is none.
  static func time(_ milliseconds: JSON?, else absent: String = "never") -> String {
    guard let milliseconds = milliseconds?.unsignedValue else { return absent }
    return Moment.minute(milliseconds)
  }

  /// How long ago, in the largest unit that says something: "3 days", "40 minutes".
  static func age(_ milliseconds: JSON?, now: JSON?, else absent: String = "never") -> String {
    guard let then = milliseconds?.unsignedValue, let now = now?.unsignedValue else {
      return absent
    }
    return Words.span(now - min(now, then))
  }

  static func number(_ value: JSON?) -> String {
    switch value {
    case .integer(let number): "\(number)"
    case .unsigned(let number): "\(number)"
    default: "–"
    }
  }

  static func bytes(_ value: JSON?) -> String {
    guard let bytes = value?.unsignedValue else { return "–" }
    for (unit, size) in [("GB", UInt64(1_000_000_000)), ("MB", 1_000_000), ("kB", 1_000)]
    where bytes >= size {
      return "\(bytes / size).\(bytes % size * 10 / size) \(unit)"
    }
    return "\(bytes) bytes"
  }

  /// Rows under headings; where the window is too narrow for columns, each cell says its heading.
  static func table(_ caption: String, _ columns: [String], _ rows: [[HTML]]) -> HTML {
    element(.table) {
      element(.caption) { caption }
      element(.thead) {
        element(.tr) { for column in columns { element(.th, .scope("col")) { column } } }
      }
      element(.tbody) {
        for row in rows {
          element(.tr) {
            for (number, cell) in row.enumerated() {
              if number == 0 {
                element(.th, .scope("row")) { cell }
              } else {
                element(.td) {
                  narrow(columns[number] + ": ")
                  cell
                }
              }
            }
          }
        }
      }
    }
  }

  /// The way to the next page of a list that is newest first.
  @HTMLBuilder static func earlier(_ answer: JSON, _ path: LocalPath) -> HTML {
    if let next = answer["next"]?.integerValue {
      element(.p) { link("Earlier", to: path.asking("before", "\(next)")) }
    }
  }
}
