import CaseRecords
import Operations

/// `cafsync hub audit …`: who did what, and whether the log of it is whole.
extension HubCommands {
  static let audit = Command(
    "audit", "list who did what, and check that nobody has changed the log of it",
    discussion: """
      Each line is chained to the one before it by a digest. It holds identifiers and the names of \
      agencies and devices, nothing of a child.
      """,
    subcommands: [
      Command(
        "verify", "check that nobody has changed the audit log",
        discussion: """
          Walks the chain from its first line, and shows the digest of the last. Noted down where \
          the hub's disk does not reach, and given back as --head later, that digest shows that \
          no line up to it was changed or taken away: not even by somebody who has made the whole \
          chain anew.
          """,
        [.option("head", "DIGEST", "What an earlier check showed."), folder, .json]
      ) { invocation in
        let answer = try ask(invocation, "audit-verify", given(["head"], invocation))
        Terminal.show(answer, invocation) { value in
          let noted = value["notedLine"]?.integerValue.map { " The digest given is line \($0)." }
          return "Whole: \(Terminal.cell(value["lines"])) lines.\(noted ?? "")\n"
            + "Digest of the last: \(Terminal.cell(value["head"]))"
        }
        return .success
      },
      Command(
        "list", "list the lines, newest first",
        [
          .option("since", "DATE", "From this day on (UTC), as 2026-11-24."),
          .option("who", "WHO", "An agency by name or identifier, a device, an operator, or hub."),
          .option("action", "WORDS", "What the action begins with, as \"policy withdrawal\"."),
          .option("before", "NUMBER", "Only lines with a smaller number: the page after."),
          .option("limit", "LINES", "How many at most, up to 500.", standard: "100"), folder,
          .json,
        ]
      ) { invocation in
        var arguments = JSON.Object()
        for (name, value) in given(["who", "action"], invocation).objectValue?.members ?? [] {
          arguments[name] = value
        }
        arguments["limit"] = try invocation.integer("limit", in: 1...500).map { .count($0) }
        arguments["before"] = try invocation.integer("before", in: 1...Int.max).map { .count($0) }
        arguments["sinceMilliseconds"] = try date("since", of: invocation).map { .count($0) }
        let answer = try ask(invocation, "audit-list", .object(arguments))
        Terminal.show(answer, invocation, HubPrinting.audit)
        return .success
      },
    ])

  /// The options of these names that were given, as an operation takes them.
  static func given(_ names: [String], _ invocation: Invocation) -> JSON {
    var given = JSON.Object()
    for name in names { given[name] = invocation.value(name).map { .string($0) } }
    return .object(given)
  }

  /// The first moment of a day, UTC; nil when it is not given.
  static func date(_ name: String, of invocation: Invocation) throws(UsageError) -> UInt64? {
    guard let text = invocation.value(name) else { return nil }
    guard let date = CalendarDate(text), date.daysSince1970 >= 0 else {
      throw UsageError("\(name) should be a day from 1970 on, as 2026-11-24", path: invocation.path)
    }
    return UInt64(date.daysSince1970) * 86_400_000
  }
}

extension HubPrinting {
  static func audit(_ value: JSON) -> String {
    let lines = value["lines"]?.arrayValue ?? []
    if lines.isEmpty { return "No such line." }
    let table = Terminal.table(
      ["NUMBER", "TIME", "WHO", "ACTION", "SUBJECT"],
      lines.map { line in
        [
          Terminal.cell(line["number"]), Terminal.time(line["atMilliseconds"]),
          Terminal.cell(line["name"]), Terminal.cell(line["action"]),
          Terminal.cell(line["subject"]),
        ]
      })
    guard let next = value["next"]?.integerValue else { return table }
    return table + "\nThere are earlier lines: --before \(next)"
  }
}
