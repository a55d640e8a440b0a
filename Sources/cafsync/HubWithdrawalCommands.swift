import Operations

/// `cafsync hub withdrawals`: what has been carried out, and where not yet.
extension HubCommands {
  /// What a command takes that prints a list in pages.
  static let paging = [
    Parameter.option("limit", "COUNT", "How many at most, up to 500; 100 without it."),
    Parameter.option("before", "NUMBER", "Go on below this number, as the last page says."),
  ]

  /// The same as the operation takes it.
  static func paging(of invocation: Invocation) throws -> JSON.Object {
    var arguments = JSON.Object()
    for name in ["limit", "before"] {
      arguments[name] = try invocation.integer(name, in: 1...Int.max).map { .count($0) }
    }
    return arguments
  }

  static let withdrawals = Command(
    "withdrawals", "show which withdrawals have been carried out, and where not yet",
    discussion: """
      Each decision, each consent that ran out and each agreement that ended after which devices \
      had to destroy what they held: who has confirmed it, who has not and for how long. \
      Levels: 0 in time; 1 after a day; 2 after seven days, or after one when the device was in \
      contact since and has not done it; 3 when the device has been silent for longer than its \
      lease, and so has locked itself.
      """, [.flag("open", "Only what some device has not confirmed.")] + paging + [folder, .json]
  ) { invocation in
    var arguments = try paging(of: invocation)
    arguments["open"] = .bool(invocation.flag("open"))
    let answer = try ask(invocation, "withdrawals", .object(arguments))
    Terminal.show(answer, invocation, describe)
    return .success
  }

  private static func describe(_ answer: JSON) -> String {
    let all = answer["withdrawals"]?.arrayValue ?? []
    if all.isEmpty { return "No withdrawal, or none that is open." }
    let rows = all.flatMap { withdrawal in
      (withdrawal["devices"]?.arrayValue ?? []).map { device in
        [
          Terminal.cell(withdrawal["number"]), Terminal.time(withdrawal["atMilliseconds"]),
          Terminal.cell(withdrawal["kind"]), Terminal.cell(withdrawal["child"]),
          Terminal.cell(device["agency"]), Terminal.cell(device["device"]),
          "\(Terminal.cell(device["confirmed"])) of \(Terminal.cell(device["ordered"]))",
          Terminal.time(device["waitingSinceMilliseconds"]),
          device["level"]?.integerValue.map { "\($0) \(Terminal.cell(device["levelName"]))" }
            ?? "done",
        ]
      }
    }
    let table = Terminal.table(
      [
        "NUMBER", "TIME", "KIND", "CHILD", "AGENCY", "DEVICE", "CONFIRMED", "WAITS SINCE", "LEVEL",
      ], rows)
    return table + leftOut(answer)
  }

  /// What follows a list that is not whole.
  static func leftOut(_ answer: JSON, goingOn option: String = "before") -> String {
    guard let count = answer["leftOut"]?.integerValue, count > 0 else { return "" }
    let next = answer["next"]?.integerValue.map { ": go on with --\(option) \($0)" } ?? ""
    return "\n\n\(count) more\(next)."
  }
}
