import Operations

/// Something that does not go on by itself, with what it is blocked by, in words.
struct StuckThing {
  enum Severity: Int, Comparable {
    /// Nothing to do yet.
    case note = 0
    /// To be seen to in the next days.
    case warning = 1
    /// To be seen to now.
    case critical = 2

    static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
  }

  let kind: String
  let severity: Severity
  /// Milliseconds since 1970; nil: that was not written down.
  let since: UInt64?
  var agency: String?
  var device: String?
  var deviceID: String?
  /// How many of what the sentence counts first.
  var count = 1
  let what: String
  let todo: String

  /// The most urgent first, of those the oldest.
  static func isBefore(_ left: Self, _ right: Self) -> Bool {
    if left.severity != right.severity { return left.severity > right.severity }
    return (left.since ?? 0, left.what) < (right.since ?? 0, right.what)
  }

  var json: JSON {
    [
      "kind": .string(kind), "severity": .string("\(severity)"),
      "sinceMilliseconds": since.map { .count($0) } ?? .null,
      "agency": agency.map { .string($0) } ?? .null,
      "device": device.map { .string($0) } ?? .null,
      "deviceID": deviceID.map { .string($0) } ?? .null,
      "count": .count(count), "what": .string(what), "do": .string(todo),
    ]
  }
}
