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
          .option("until", "DATE", "The last day on which it holds."),
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
    [ChildCommands.child, .argument("AGENCY", "Its name.")])
}
