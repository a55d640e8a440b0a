import Glibc
import HTTPTransport
import Operations

/// `cafsync override`, `shield`, `unshield`, `erase`: what is decided without the family's consent,
/// or takes a record away from everyone.
enum LawCommands {
  static let override = AgencyClient.command(
    "override", "record a lawful disclosure without consent", "override-add",
    [
      ChildCommands.child, .option("agencies", "NAME,…", "Who is given it.", isRequired: true),
      .option(
        "categories", "CATEGORY,…",
        "whereabouts, household, development, health, parenting, plan, sensitive, index.",
        isRequired: true),
      .option("reason", "TEXT", "On what ground, for example: suspected significant harm."),
      .option("decided-by", "NAME", "Who decided it."),
      .option(
        "until", "DATE", "The last day on which it holds; or a moment, YYYY-MM-DDThh:mm (UTC).",
        isRequired: true),
      .flag("significant-harm", "The ground is suspected significant harm; sensitive needs it."),
      .flag("authorised-role", "An authorised role decided it; whereabouts need it."),
      .flag("preview", "Show who would be given what, and record nothing."), AgencyClient.author,
    ],
    discussion: """
      It is stronger than a withdrawal, reaches only the agencies named, and ends by itself; it \
      cannot be taken back before. Reason and name stay with the hub and this agency.
      """)

  static let shield = AgencyClient.command(
    "shield", "hide a child's whereabouts from everyone but the named", "shield",
    [
      ChildCommands.child,
      .option("agencies", "NAME,…", "Who may hold them beside this agency."),
      .option("review", "DATE", "When it is to be reviewed.", isRequired: true),
      AgencyClient.author,
    ],
    discussion: """
      Holds at once, offline too, against every consent; copies elsewhere are destroyed. Agencies \
      keep whereabouts that are their own record. It does not end by itself on the day of its \
      review: cafsync unshield lifts it.
      """)

  static let unshield = AgencyClient.command(
    "unshield", "lift the shields on a child's whereabouts", "unshield",
    [
      ChildCommands.child,
      .option("entry", "ID", "Only the shield that begins so; cafsync consent show lists them."),
      AgencyClient.author,
    ])

  static let erase = Command(
    "erase", "destroy a child's record everywhere, for ever",
    discussion: """
      Says first what will happen, and then asks for the child's name. Every device sends a \
      receipt for what it has destroyed. What several agencies have written is erased by the hub's \
      operator (cafsync hub erase).
      """,
    [
      ChildCommands.child, .option("reason", "TEXT", "Why, for the record.", isRequired: true),
      .option("name", "NAME", "The child's name as it is shown, instead of typing it when asked."),
      .flag("yes", "Do not ask."), AgencyClient.author, AgencyClient.folder, .json,
    ]
  ) { invocation in
    let folder = try AgencyClient.folder(of: invocation)
    var input = JSON.Object()
    input["child"] = .string(invocation.required("CHILD"))
    if !invocation.flag("yes") {
      var question = input
      question["preview"] = true
      let preview = try LocalControl.ask(
        folder: folder, operation: "erase", arguments: .object(question))
      if !invocation.flag("json") { Terminal.print(AgencyPrinting.text(preview)) }
      input["name"] = try (invocation.value("name") ?? typedName()).map { .string($0) }
    }
    for name in ["reason", "as"] {
      input[name] = invocation.value(name).map { .string($0) }
    }
    input["yes"] = .bool(invocation.flag("yes"))
    let answer = try LocalControl.ask(
      folder: folder, operation: "erase", arguments: .object(input))
    Terminal.show(answer, invocation, AgencyPrinting.text)
    return .success
  }

  /// Nil when nobody sits there to be asked.
  private static func typedName() throws -> String? {
    guard isatty(STDIN_FILENO) == 1 else { return nil }
    Terminal.print("Type the child's name to erase the record: ", terminator: "")
    fflush(nil)
    return readLine(strippingNewline: true)
  }
}
