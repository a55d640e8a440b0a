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
      confirmed that it destroyed its copy. A basis names the consent or override; see `journal`.
      """, [child, folder, .json]
  ) { invocation in
    let lines = try ask(
      invocation, "ledger", ["child": .string(invocation.required("CHILD"))])
    Terminal.show(lines, invocation, HubPrinting.ledger)
    return .success
  }
}
