import AgencyService
import Operations

/// `cafsync child …` and `cafsync check`: the child index.
enum ChildCommands {
  static let child = Parameter.argument(
    "CHILD", "The child's identifier, or at least its first four digits.")

  private static let details: [Parameter] = [
    .option("given", "NAME", "Given name."), .option("family", "NAME", "Family name."),
    .option("other-names", "NAME,…", "Names also used."),
    .option("date-of-birth", "DATE", "Year-month-day."),
    .option("expected-date", "DATE", "For a child not yet born."),
    .option("estimated-age", "YEARS", "When no date is known."),
    .option("sex", "SEX", "male, female or unknown."),
    .option("locality", "LOCALITY", "batley, dewsbury, huddersfieldSouth, …"),
    .option("school", "NAME", "School or nursery."),
    .option("first-language", "LANGUAGE", "Spoken at home."),
    .option("interpreter-needed", "YES", "yes or no."),
    .option("ethnicity", "CODE", "Code of the 2001 census."),
    .option("nhs-number", "NUMBER", "Ten digits, checked."),
    .option("upn", "NUMBER", "Unique pupil number, checked."),
  ]

  private static let asked: [Parameter] = [
    .option("given", "NAME", "Given name."), .option("family", "NAME", "Family name."),
    .option("date-of-birth", "DATE", "Year-month-day."),
    .option("estimated-age", "YEARS", "When no date is known."),
  ]

  static let group = Command(
    "child", "find, add, show, join and import children",
    subcommands: [
      AgencyClient.command(
        "add", "put a child on this agency's index", "child-add",
        details + [
          .flag("anyway", "Although a child like this is held here already."),
          .option("official", "KIND", "official or unofficial."),
          .option("child", "ID", "The identifier, when another agency has told it."),
          AgencyClient.author,
        ]),
      AgencyClient.command(
        "find", "find children among what is held here", "child-find", asked,
        discussion: "What is not found here may be known elsewhere: ask with cafsync check."),
      AgencyClient.command("show", "show what is held of a child", "child-show", [child]),
      AgencyClient.command(
        "chronology", "list by date what is held here of a child", "chronology", [child],
        discussion: "With this agency's own notes, which are marked as private."),
      AgencyClient.command(
        "who-holds", "say in plain words who may have which part, and why", "who-holds", [child],
        discussion: """
          By the decisions known here. What is marked as not for the family (own notes, \
          confidential services, disclosures without consent, what a young person decided alone) \
          is left out of what is printed for parents.
          """),
      AgencyClient.command(
        "alias", "record that two identifiers are one child; --undo takes it back", "child-alias",
        [
          child, .argument("OTHER", "The other identifier."),
          .flag("undo", "They are two children after all."), AgencyClient.author,
        ]),
      AgencyClient.command(
        "duplicates", "list pairs held here that may be one child", "duplicates",
        discussion: """
          Join them with cafsync child alias, or say with cafsync child differ that they are two.
          """),
      AgencyClient.command(
        "differ", "record that two who are alike are two children; --undo takes it back",
        "child-differ",
        [
          child, .argument("OTHER", "The other child."),
          .flag("undo", "They may be one after all."),
          AgencyClient.author,
        ], discussion: "It is this agency's own finding, and stays on this device."),
      AgencyClient.command(
        "import", "take in an agency's list of children, all rows or none", "child-import",
        [
          .argument("FILE", "Comma-separated values; the first row names the columns."),
          .flag("dry-run", "Report on every row and change nothing."), AgencyClient.author,
        ],
        discussion: "Columns: " + AgencyOperations.importColumns.joined(separator: ", ") + ".",
        prepare: readList),
    ])

  private static func readList(_ invocation: Invocation, _ input: inout JSON.Object) throws {
    let bytes = try AtomicFile.read(
      invocation.required("FILE"), maximumBytes: AgencyOperations.importBytesMax)
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw OperationError(.usage, "The file is not UTF-8 text: save it as CSV in UTF-8.")
    }
    input["file"] = nil
    input["csv"] = .string(text)
  }

  static let check = AgencyClient.command(
    "check", "ask whether a child has a CAF, and whom to contact", "check",
    asked + [
      .option("reason", "CODE", "beforeCAF, concern, newReferral, meeting, movedIn or other."),
      .option("detail", "TEXT", "More about the reason."),
      .option("consent", "REFERENCE", "Where the family's consent is recorded."),
      .option("override", "REASON", "Why it is asked without consent."),
      .option("decided-by", "NAME", "Who decided the override."),
      .flag("list", "Show the enquiries made, and their answers as they arrive."),
      AgencyClient.author,
    ],
    discussion: """
      Held here, it is answered at once. Otherwise the enquiry is queued for the hub and the \
      answer arrives with a later exchange. It never says that there is no CAF when that is not \
      known.
      """,
    choosing: { $0.flag("list") ? "check-list" : nil },
    prepare: { _, input in input["list"] = nil })

  static let family = Command(
    "family", "join brothers and sisters, and show a child's family",
    discussion: """
      The household is written once, with one of the children. Consent stays with each child: \
      whoever may see one child's record does not see the others' for that.
      """,
    subcommands: [
      AgencyClient.command(
        "join", "record that two children are of one family; --undo takes it back", "family-join",
        [
          child, .argument("OTHER", "The brother's or sister's identifier."),
          .option("written-with", "CHILD", "With which of the two the household is written."),
          .flag("undo", "They are not of one family after all."), AgencyClient.author,
        ]),
      AgencyClient.command(
        "show", "show the household, and brothers and sisters held here", "family-show", [child]),
    ])

  static let involvement = Command(
    "involvement", "record this agency's work with a child",
    subcommands: [
      AgencyClient.command(
        "add", "record an involvement", "involvement-add",
        [
          child, .option("official", "KIND", "official or unofficial."),
          .option("status", "STATUS", "active or past."), .option("start", "DATE", "Since when."),
          .option("end", "DATE", "Until when."), .option("last-contact", "DATE", "Last contact."),
          .option("contacts-12-months", "N", "Contacts in the last 12 months."),
          .option("role", "ROLE", "The practitioner's role here."),
          .option("used-in-caf", "YES", "Whether the CAF draws on it."), AgencyClient.author,
        ])
    ])

  static let note = Command(
    "note", "keep this agency's own notes on a child",
    discussion: """
      Private notes never leave this device, and no consent concerns them: so nobody else can give \
      them back when the device is lost. Set up their backup with cafsync agency backup set.
      """,
    subcommands: [
      AgencyClient.command(
        "add", "write a dated note", "note-add",
        [
          child, .option("text", "TEXT", "The note.", isRequired: true),
          .option("title", "TITLE", "What it is about."),
          .option("on", "DATE", "Its day; today if not given."), AgencyClient.author,
        ]),
      AgencyClient.command("list", "show the notes on a child", "note-list", [child]),
    ])

  static let tasks = Command(
    "tasks", "see and answer prompts and notices",
    subcommands: [
      AgencyClient.command(
        "list", "list what is to be done", "task-list", [.flag("all", "Also what is done.")]),
      answer("done", "record that a task is done"),
      answer("declined", "record that a task is declined"),
    ])

  private static func answer(_ state: String, _ summary: String) -> Command {
    AgencyClient.command(
      state, summary, "task-answer",
      [
        .argument("TASK", "Its identifier, or the first four digits."),
        .option("why", "TEXT", "Why."), AgencyClient.author,
      ], prepare: { _, input in input["state"] = .string(state) })
  }

  static let export = AgencyClient.command(
    "export", "print everything that is held of a child, as JSON", "export", [child],
    discussion: "The replica is sealed and not readable by SQL: this is the way out.")
}
