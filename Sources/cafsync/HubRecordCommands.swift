import CaseRecords
import Operations

/// `cafsync hub …` about one child's record: why, and who had it. By identifier only.
extension HubCommands {
  private static let child = Parameter.argument("CHILD", "The child's identifier.")

  static let why = Command(
    "why", "say what an agency may hold of a child, and why",
    [child, .argument("AGENCY", "Its name or identifier."), folder, .json]
  ) { invocation in
    let answer = try ask(
      invocation, "why",
      [
        "child": .string(invocation.required("CHILD")),
        "agency": .string(invocation.required("AGENCY")),
      ])
    Terminal.show(answer, invocation, HubPrinting.why)
    return .success
  }

  static let ledger = Command(
    "ledger", "say who has held what of a child, from when to when, on which basis",
    discussion: """
      Every part of the record that an agency's device was sent is on this list, under any of the \
      child's identifiers, and stays there: with an end once every device of that agency has \
      confirmed that it destroyed its copy, and with the proof that the device gave. A basis names \
      the consent or override; see `journal`.

      With --agency and no child it says what that agency held of all children: counts, and \
      identifiers. With --at only what was held on that day, or in that minute (UTC).
      """,
    [
      .argument("CHILD", "The child's identifier.", isRequired: false),
      .option("agency", "AGENCY", "Only what this agency held; its name or identifier."),
      .option("at", "WHEN", "A day or a minute, as 2026-11-24 or 2026-11-24T09:05."),
      .option("after", "NUMBER", "Only lines with a greater number: the page after."), folder,
      .json,
    ]
  ) { invocation in
    var arguments = JSON.Object()
    arguments["child"] = invocation.value("CHILD").map { .string($0) }
    arguments["agency"] = invocation.value("agency").map { .string($0) }
    arguments["after"] = try invocation.integer("after", in: 0...Int.max).map { .count($0) }
    if let during = try time("at", of: invocation) {
      arguments["fromMilliseconds"] = .count(during.lowerBound)
      arguments["untilMilliseconds"] = .count(during.upperBound)
    }
    let answer = try ask(invocation, "ledger", .object(arguments))
    Terminal.show(answer, invocation, HubPrinting.ledger)
    return .success
  }

  /// A day or a minute, UTC; nil when it is not given.
  private static func time(
    _ name: String, of invocation: Invocation
  ) throws(UsageError) -> Range<UInt64>? {
    guard let text = invocation.value(name) else { return nil }
    let halves = text.split(separator: "T", maxSplits: 1).map(String.init)
    guard let first = halves.first, let date = CalendarDate(first), date.daysSince1970 >= 0,
      let minute = halves.count == 1 ? 0 : minute(halves[1])
    else {
      throw UsageError(
        "\(name) should be a day or a minute from 1970 on, as 2026-11-24 or 2026-11-24T09:05",
        path: invocation.path)
    }
    let start = UInt64(date.daysSince1970) * 86_400_000 + minute * 60_000
    return start..<start + (halves.count == 1 ? 86_400_000 : 60_000)
  }

  /// Of the day; nil unless it is `hh:mm`.
  private static func minute(_ text: String) -> UInt64? {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count == 2, parts.allSatisfy({ $0.count == 2 && $0.allSatisfy(\.isNumber) }),
      let hour = UInt64(parts[0]), let minute = UInt64(parts[1]), hour < 24, minute < 60
    else { return nil }
    return hour * 60 + minute
  }
}
