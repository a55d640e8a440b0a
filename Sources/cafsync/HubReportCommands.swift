import Operations

/// `cafsync hub report …`: what the district may know of itself: counts, times, lists of staff.
extension HubCommands {
  private static let csv = Parameter.flag("csv", "Print comma-separated values instead of text.")

  static let report = Command(
    "report", "count: how complete the index is, why CAFs are done, how long enquiries wait",
    discussion: """
      Reports hold counts, times and lists of staff, and may be handed to the agencies. Counts of \
      children are given so that nobody can be told by them.
      """,
    subcommands: [
      Command(
        "coverage", "of how many agencies of each locality the index has heard, and who is silent",
        [csv, folder, .json]
      ) { invocation in
        try show("report-coverage", [:], invocation, HubReportTables.coverage)
      },
      needs,
      Command(
        "enquiries", "how long enquiries waited for their answers, and which still wait",
        [csv, folder, .json]
      ) { invocation in
        try show("report-enquiries", [:], invocation, HubReportTables.enquiries)
      },
      Command(
        "training", "whose CAF training runs out, by agency",
        [
          .option("within", "DAYS", "Due within so many days, or overdue.", standard: "90"), csv,
          folder, .json,
        ]
      ) { invocation in
        let days = try invocation.integer("within", in: 0...3_650) ?? 90
        return try show(
          "report-training", ["withinDays": .count(days)], invocation, HubReportTables.training)
      },
      Command(
        "issues", "the issues of each locality and level, and what has come back down",
        [csv, folder, .json]
      ) { invocation in
        try show("report-issues", [:], invocation, HubReportTables.issues)
      },
    ])

  private static let needs = Command(
    "needs", "why CAFs are done: children by need, age, locality and agency",
    discussion: """
      A report is closed once and never made again: --close counts the children whose CAF was \
      completed since the report before, at least twenty of them, and no CAF is ever counted in \
      two. So nothing can be learnt by comparing a report with a later one. Counts are ranges of \
      five; fewer than five are left out, and whatever else would let them be worked out.

      Confidential services are not counted. Keep the folder reports of the hub's folder with its \
      policy journal: with it lost, the next report would count again what was counted.
      """,
    [
      .flag("close", "Close a new report, and show it."),
      .option("report", "NUMBER", "An earlier one; else the newest."), csv, folder, .json,
    ]
  ) { invocation in
    if invocation.flag("close") {
      return try show("report-needs-close", [:], invocation, HubReportTables.needs)
    }
    var arguments = JSON.Object()
    arguments["report"] = try invocation.integer("report", in: 1...Int.max).map { .count($0) }
    return try show("report-needs", .object(arguments), invocation, HubReportTables.needs)
  }

  private static func show(
    _ operation: String, _ arguments: JSON, _ invocation: Invocation,
    _ tables: (JSON) -> HubReportTables
  ) throws -> ExitCode {
    let answer = try ask(invocation, operation, arguments)
    let printed = tables(answer)
    if invocation.flag("csv") {
      Terminal.print(printed.csv)
    } else {
      Terminal.show(answer, invocation) { _ in printed.text }
    }
    return .success
  }
}
