import Operations

/// `cafsync hub …`: what is stuck, what nobody has chosen, what has happened to devices.
extension HubCommands {
  static let blocked = Command(
    "blocked", "show everything that does not go on by itself, and what it is blocked by",
    discussion: """
      Devices that are silent and what waits for them, changes that wait for others, what stands \
      apart, copies that the hub may keep no longer and whom it waits for, purges that are not \
      confirmed, copies of devices, locked agreements. The most urgent first, each with what to do.
      """,
    [
      .option("limit", "COUNT", "How many at most, up to 500; 200 without it."), folder, .json,
    ]
  ) { invocation in
    let answer = try ask(invocation, "blocked", .object(limit(of: invocation)))
    Terminal.show(answer, invocation) { answer in
      let things = answer["things"]?.arrayValue ?? []
      if things.isEmpty { return "Nothing blocks anything." }
      return things.map {
        "\(Terminal.cell($0["severity"]).uppercased())  \(Terminal.cell($0["what"]))\n"
          + "  \(Terminal.cell($0["do"]))"
      }.joined(separator: "\n") + leftOut(answer)
    }
    return .success
  }

  static let conflicts = Command(
    "conflicts", "count the answers that stand side by side until somebody chooses, by age",
    discussion: """
      By category and by the agency whose record it is. They are counted when they are written, so \
      nothing is opened for it. Their own people choose between them.
      """, [folder, .json]
  ) { invocation in
    let answer = try ask(invocation, "conflicts")
    Terminal.show(answer, invocation) { answer in
      let counts = answer["counts"]?.arrayValue ?? []
      let waiting = answer["uncounted"]?.integerValue ?? 0
      let rest = waiting > 0 ? "\n\n\(waiting) compartments are still being counted." : ""
      if counts.isEmpty { return "No conflict is open." + rest }
      let bands = (answer["bands"]?.arrayValue ?? []).compactMap(\.stringValue)
      return Terminal.table(
        ["CATEGORY", "AGENCY"] + bands.map { $0.uppercased() } + ["OLDEST"],
        counts.map { count in
          [Terminal.cell(count["category"]), Terminal.cell(count["agency"])]
            + (count["bands"]?.arrayValue ?? []).map { Terminal.cell($0) }
            + [Terminal.time(count["oldestMilliseconds"])]
        }) + leftOut(answer) + rest
    }
    return .success
  }

  static let events = Command(
    "events", "list copies, old states of disks, new beginnings and restores",
    discussion: """
      What happened to the identity of a device, or to the hub's own: when, what it was, and what \
      the hub did. The newest first; the same of one device within an hour is one line.
      """, paging + [folder, .json]
  ) { invocation in
    let answer = try ask(invocation, "events", .object(paging(of: invocation)))
    Terminal.show(answer, invocation) { answer in
      let events = answer["events"]?.arrayValue ?? []
      if events.isEmpty { return "Nothing has happened to any identity." }
      return Terminal.table(
        ["NUMBER", "TIME", "TIMES", "AGENCY", "DEVICE", "KIND", "WHAT THE HUB DID"],
        events.map { event in
          ["number", "", "times", "agency", "device", "kind", "did"].map {
            $0.isEmpty ? Terminal.time(event["lastMilliseconds"]) : Terminal.cell(event[$0])
          }
        }) + leftOut(answer)
    }
    return .success
  }

  private static func limit(of invocation: Invocation) throws -> JSON.Object {
    var arguments = JSON.Object()
    arguments["limit"] = try invocation.integer("limit", in: 1...Int.max).map { .count($0) }
    return arguments
  }
}
