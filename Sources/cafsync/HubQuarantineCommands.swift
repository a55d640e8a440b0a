import Operations

/// `cafsync hub quarantine …`: work that stands apart until a person decides.
extension HubCommands {
  static let quarantine = Command(
    "quarantine", "list, release and return the changes that stand apart",
    discussion: """
      A change that may not stand (written although consent was withdrawn, from a device reported \
      lost, …) is kept apart, sealed. You decide without reading it, usually after a word with its \
      author's agency. What no decision is made about stays.
      """,
    subcommands: [
      Command(
        "list", "list what waits for a decision: numbers, reasons, whose, when",
        [
          .flag("all", "Also what has been decided."),
          .option("limit", "COUNT", "How many at most, up to 500; 200 without it."),
          .option("after", "NUMBER", "Go on after this number, as the last page says."), folder,
          .json,
        ]
      ) { invocation in
        var arguments = JSON.Object()
        arguments["all"] = .bool(invocation.flag("all"))
        for name in ["limit", "after"] {
          arguments[name] = try invocation.integer(name, in: 1...Int.max).map { .count($0) }
        }
        let answer = try ask(invocation, "quarantine", .object(arguments))
        Terminal.show(answer, invocation) {
          HubPrinting.quarantine($0) + leftOut($0, goingOn: "after")
        }
        return .success
      },
      decision(
        "release", "let a change stand in the record, if the hub may keep it",
        """
        It stands from then on with its author and its time, beside whatever its author had not \
        seen, and goes to whoever may hold that part of the record. Policy decides as it is now: \
        what the family does not let the hub keep is refused, with the reason. Changes of one \
        author are decided about in the order in which they were written.
        """, "quarantine-release"),
      decision(
        "return", "give a change back to its author's agency",
        """
        The agency is told with its next exchange; the text stays in its own quarantine, where a \
        person takes it up again or discards it. It can still be released.
        """, "quarantine-return"),
    ])

  private static func decision(
    _ name: String, _ summary: String, _ discussion: String, _ operation: String
  ) -> Command {
    Command(
      name, summary, discussion: discussion,
      [.argument("NUMBER", "As `list` shows it."), folder, .json]
    ) { invocation in
      let done = try ask(
        invocation, operation, ["number": .integer(number(of: invocation))])
      Terminal.show(done, invocation) {
        "Number \(Terminal.cell($0["number"])): \(Terminal.cell($0["state"]))"
          + ($0["isNew"]?.boolValue == false ? " before." : ".")
      }
      return .success
    }
  }

  private static func number(of invocation: Invocation) throws -> Int64 {
    guard let number = Int64(invocation.required("NUMBER")), number > 0 else {
      throw UsageError("NUMBER is a whole number from 1", path: invocation.path)
    }
    return number
  }
}
