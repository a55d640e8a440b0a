import Operations

/// `cafsync consent …` and `cafsync why`: what the family decides, and what follows from it.
enum ConsentCommands {
  private static let scope: [Parameter] = [
    .option("agencies", "NAME,…", "Which agencies; or: everyone."),
    .option(
      "categories", "CATEGORY,…",
      "whereabouts, household, development, health, parenting, plan, sensitive, index; if not "
        + "given, the CAF without health."),
    .option("purposes", "PURPOSE,…", "store, index, discussAtECM, share, transfer."),
  ]

  private static let until = "The last day on which it holds; or a moment, YYYY-MM-DDThh:mm (UTC)."

  static let group = Command(
    "consent", "record what the family decides about sharing",
    subcommands: [
      AgencyClient.command(
        "give", "record a consent", "consent-give",
        [ChildCommands.child] + scope + [
          .option("exclude", "NAME,…", "Agencies never to receive it."),
          .option("by", "NAME", "Who gives it."),
          .option("relationship", "WHO", "mother, father, self, …"),
          .option(
            "capacity", "CODE",
            "sixteenOrOver, competentUnderSixteen, parentalResponsibility or other."),
          .option("assessed-by", "NAME", "Who assessed the capacity."),
          .option("agreement", "VERSION", "The version of the agreement that was explained."),
          .option("note", "TEXT", "Where it is written down."),
          .option("until", "DATE", until),
          .option(
            "knowing-withdrawal", "ID,…", "Withdrawals that the giver knows and lifts; or: all."),
          .flag("preview", "Show who would be given what, and record nothing."),
          AgencyClient.author,
        ],
        discussion: """
          With named agencies it covers storing at the hub and sharing with them. Health and \
          sensitive information need consent that names the agency. A consent made without knowing \
          of a withdrawal does not lift it.
          """),
      AgencyClient.command(
        "preview", "show who would be given what by a consent, and record nothing", "consent-give",
        [ChildCommands.child] + scope + [
          .option("exclude", "NAME,…", "Agencies never to receive it."),
          .option("until", "DATE", until),
        ], prepare: { _, input in input["preview"] = true }),
      AgencyClient.command(
        "withdraw", "record that consent is withdrawn: it holds at once, offline too",
        "consent-withdraw", [ChildCommands.child] + scope + [AgencyClient.author]),
      AgencyClient.command(
        "refuse", "record that the family was asked and declined", "consent-refuse",
        [ChildCommands.child] + scope + [AgencyClient.author]),
      AgencyClient.command(
        "show", "show a child's decisions, and how far each has come", "consent-show",
        [ChildCommands.child]),
    ])

  static let why = AgencyClient.command(
    "why", "say whether an agency may hold a child's record, and why", "why",
    [ChildCommands.child, .argument("AGENCY", "Its name.")],
    discussion: "For what is recorded here. To ask before it is: cafsync may-i-share.")

  static let mayShare = AgencyClient.command(
    "may-i-share", "answer yes or no: may I share this with them?", "may-share",
    [
      ChildCommands.child, .argument("AGENCY", "Its name."),
      .option("category", "CATEGORY,…", "What; if not given, all that this agency has recorded."),
      .option("purpose", "PURPOSE", "share, discussAtECM or transfer.", standard: "share"),
    ],
    discussion: """
      Answered offline, by the decisions known here, with the reason; also for what is not written \
      yet. Exit code 0 is yes, 1 is no.
      """,
    ending: { $0["mayShare"]?.boolValue == true ? .success : .failure },
    prepare: { _, input in
      input["categories"] = input["category"]
      input["category"] = nil
    })
}
