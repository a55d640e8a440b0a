import Operations

/// `cafsync caf …`, `lead`, `conflicts`: the assessment, and who coordinates.
enum CAFCommands {
  private static let caf = Parameter.option(
    "caf", "CAF", "Which one, when several are held: the first digits.")

  static let group = Command(
    "caf", "start, show, write and complete a Common Assessment",
    discussion: """
      Content stays with its author's agency until there is consent to store it (cafsync consent \
      give). Blank sections are valid. Two agencies that write in different boxes do not disturb \
      one another; in the same box both texts are kept until a person chooses (cafsync conflicts).
      """,
    subcommands: [
      AgencyClient.command(
        "start", "start a CAF, and say so on the index", "caf-start",
        [
          ChildCommands.child, .option("led-to", "TEXT", "What led to it."), AgencyClient.author,
        ]),
      AgencyClient.command(
        "show", "show a child's CAFs as they are held here", "caf-show",
        [ChildCommands.child, caf]),
      AgencyClient.command(
        "write", "write in one element", "caf-write",
        [
          ChildCommands.child,
          .argument("ELEMENT", "For example behaviouralDevelopment; or: conclusions."), caf,
          .option("strengths", "TEXT", "What goes well."),
          .option("needs", "TEXT", "What is needed."),
          .option("evidence", "TEXT", "How it is known."),
          .option("source", "CODE", "observed, saidByFamily or fromInvolvement."),
          .option("view", "TEXT", "A differing view."), .option("whose", "WHO", "Whose view."),
          .option("need-codes", "CODE,…", "Needs, for the service directory."),
          .option("state", "STATE", "started, done or notNeeded."),
          .option("conclusions", "TEXT", "With ELEMENT conclusions."),
          .option("child-comment", "TEXT", "With ELEMENT conclusions."),
          .option("parent-comment", "TEXT", "With ELEMENT conclusions."),
          .option("seen", "TOKEN", "What you had before you: the token that show printed."),
          AgencyClient.author,
        ]),
      AgencyClient.command(
        "complete", "complete, close or reopen a CAF", "caf-complete",
        [
          ChildCommands.child, caf,
          .option("state", "STATE", "complete, inReview, closed or reopened."),
          .option("closure-reason", "CODE", "With --state closed."), AgencyClient.author,
        ]),
    ])

  static let lead = Command(
    "lead", "say who is lead professional, accept it, and end it",
    subcommands: [
      AgencyClient.command(
        "set", "name the lead professional", "lead-set",
        [
          ChildCommands.child, .option("name", "NAME", "Who.", isRequired: true),
          .option("agency", "AGENCY", "Of which agency; this one if not given."),
          .option("contact", "CONTACT", "How to reach them."),
          .option(
            "basis", "CODE", "completedCAF, mostContact, convenedTAC, familyChoice or other.",
            isRequired: true),
          .option("in-place-of", "NAME", "Who leads until this one accepts."), AgencyClient.author,
        ]),
      AgencyClient.command(
        "accept", "accept, or decline, to lead", "lead-accept",
        [ChildCommands.child, .flag("decline", "Decline."), AgencyClient.author]),
      AgencyClient.command(
        "end", "record that somebody leads no more", "lead-end",
        [
          ChildCommands.child, .option("name", "NAME", "Who, when several lead."),
          .option("on", "DATE", "The last day; today if not given."), AgencyClient.author,
        ], discussion: "What the lead's agency held on that ground alone is then taken back."),
    ])

  static let conflicts = Command(
    "conflicts", "list, show and resolve what two people wrote in one box",
    subcommands: [
      AgencyClient.command(
        "list", "list what waits for a decision", "conflict-list",
        [.option("child", "CHILD", "Of one child only.")]),
      AgencyClient.command(
        "show", "show the values with their authors and times", "conflict-show",
        [.argument("CONFLICT", "As the list names it, or its beginning.")]),
      AgencyClient.command(
        "resolve", "choose one of the values, or write a third", "conflict-resolve",
        [
          .argument("CONFLICT", "As the list names it, or its beginning."),
          .option("keep", "N", "The number of the value to keep."),
          .option("text", "TEXT", "What shall stand instead."),
          .flag("both", "Keep the texts of all, each with who wrote it."),
          .option("seen", "TOKEN", "What you had before you: the token that show printed."),
          AgencyClient.author,
        ]),
    ])
}
