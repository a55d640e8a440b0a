import Cryptography
import SQLite

/// One line of the audit log.
package struct AuditLine: Hashable, Sendable {
  package let number: Int64
  /// Milliseconds since 1970.
  package let atMilliseconds: UInt64
  /// `hub`, an operator, or the identifier of an agency or a device.
  package let who: String
  package let action: String
  /// Identifiers, never names of families.
  package let subject: String
  package let chain: [UInt8]
}

/// Which lines of the audit log are asked for.
package struct AuditFilter: Sendable {
  /// Only lines with a smaller number: where the page before ended.
  package var before = Int64.max
  /// Milliseconds since 1970.
  package var sinceMilliseconds: UInt64 = 0
  /// As it stands in the log; empty: whoever.
  package var who = ""
  /// The identifier of that agency, under which it stands there too; empty: it has none.
  package var whoIdentifier = ""
  /// What the action begins with; empty: any.
  package var action = ""

  package init() {}
}

/// What came of walking the chain from its first line to its last.
package struct AuditChainState: Hashable, Sendable {
  package fileprivate(set) var lines = 0
  /// The digest of the last line: noted down elsewhere, it shows later that no line up to it was
  /// changed or taken away.
  package fileprivate(set) var head: [UInt8] = []
  /// The number of the first line whose chain does not fit; nil when all do.
  package fileprivate(set) var firstBroken: Int64?
  /// The number of the line whose digest was asked for; nil when no line has it.
  package fileprivate(set) var noted: Int64?
}

/// The audit log: who did what to what, each row's chain over the row before and its own fields.
extension ReplicaStore {
  /// Appends to the log. `subject` holds identifiers, never names of families.
  package func audit(
    who: String, action: String, subject: String, atMilliseconds: UInt64
  ) throws {
    let previous =
      try database.first("SELECT chain FROM audit ORDER BY number DESC LIMIT 1") { $0.blob(0) }
      ?? []
    let line = AuditLine.chained(atMilliseconds, who, action, subject)
    _ = try database.run(
      "INSERT INTO audit (at_ms, who, action, subject, chain) VALUES (?, ?, ?, ?, ?)",
      .uint(atMilliseconds), .text(who), .text(action), .text(subject),
      .blob(sha256(previous + Array(line.utf8))))
  }

  package func auditCount() throws -> Int {
    Int(try database.first("SELECT count(*) FROM audit") { $0.int(0) } ?? 0)
  }

  /// All of it, oldest first.
  package func auditLines() throws -> [AuditLine] {
    try database.query(Self.auditColumns + " ORDER BY number", row: Self.auditLine)
  }

  /// A page of the lines asked for, newest first.
  package func auditLines(_ filter: AuditFilter, limit: Int) throws -> [AuditLine] {
    try database.query(
      Self.auditColumns + " WHERE number < ? AND at_ms >= ? AND (? = '' OR who IN (?, ?)) "
        + "AND substr(action, 1, length(?)) = ? ORDER BY number DESC LIMIT ?",
      .integer(filter.before), .uint(filter.sinceMilliseconds), .text(filter.who),
      .text(filter.who), .text(filter.whoIdentifier), .text(filter.action), .text(filter.action),
      .integer(Int64(limit)), row: Self.auditLine)
  }

  /// The newest line that says just this.
  package func auditLine(action: String, subject: String) throws -> AuditLine? {
    try database.first(
      Self.auditColumns + " WHERE action = ? AND subject = ? ORDER BY number DESC LIMIT 1",
      .text(action), .text(subject), row: Self.auditLine)
  }

  /// Walks the chain, a line at a time. `noted`: a digest to look for on the way.
  package func auditChain(noted: [UInt8]? = nil) throws -> AuditChainState {
    var state = AuditChainState()
    try database.forEach(Self.auditColumns + " ORDER BY number") { row in
      let line = Self.auditLine(row)
      state.lines += 1
      state.head = sha256(state.head + Array(line.chained.utf8))
      if state.firstBroken == nil, state.head != line.chain { state.firstBroken = line.number }
      if state.head == noted { state.noted = line.number }
    }
    return state
  }

  private static let auditColumns = "SELECT number, at_ms, who, action, subject, chain FROM audit"

  private static func auditLine(_ row: borrowing Row) -> AuditLine {
    AuditLine(
      number: row.int(0), atMilliseconds: row.unsigned(1), who: row.text(2), action: row.text(3),
      subject: row.text(4), chain: row.blob(5))
  }
}

extension AuditLine {
  /// What the chain runs over.
  fileprivate var chained: String { Self.chained(atMilliseconds, who, action, subject) }

  fileprivate static func chained(
    _ atMilliseconds: UInt64, _ who: String, _ action: String, _ subject: String
  ) -> String {
    "\(atMilliseconds)\u{0}\(who)\u{0}\(action)\u{0}\(subject)"
  }
}
