import Glibc
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
    return Moment(milliseconds: milliseconds).minuteText
  }

  /// How long ago, in the largest unit that says something: "3 days", "40 minutes".
  static func age(_ milliseconds: JSON?, now: JSON?, else absent: String = "never") -> String {
    guard let then = milliseconds?.unsignedValue, let now = now?.unsignedValue else {
      return absent
    }
    return duration(milliseconds: now - min(now, then))
  }

  static func duration(milliseconds: UInt64) -> String {
    let minutes = milliseconds / 60_000
    switch minutes {
    case 0: return "less than a minute"
    case 1..<120: return counted(minutes, "minute")
    case 120..<(48 * 60): return counted(minutes / 60, "hour")
    default: return counted(minutes / (24 * 60), "day")
    }
  }

  static func counted(_ count: UInt64, _ what: String) -> String {
    count == 1 ? "1 \(what)" : "\(count) \(what)s"
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

/// A moment as people read it, in UTC.
struct Moment {
  let milliseconds: UInt64

  var minuteText: String {
    var seconds = time_t(clamping: milliseconds / 1_000)
    var parts = tm()
    guard gmtime_r(&seconds, &parts) != nil else { return "–" }
    return "\(1_900 + Int(parts.tm_year))-\(Self.two(parts.tm_mon + 1))-\(Self.two(parts.tm_mday)) "
      + "\(Self.two(parts.tm_hour)):\(Self.two(parts.tm_min))"
  }

  private static func two(_ number: Int32) -> String { number < 10 ? "0\(number)" : "\(number)" }
}
