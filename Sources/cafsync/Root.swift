import Operations

/// The tree of commands: a line per group.
enum Root {
  static let version = ProgramVersion.text

  static func command(signals: Signals) -> Command {
    Command(
      "cafsync", "keep children's records of several agencies in step",
      discussion: """
        An agency works on its own replica whether the line is up or not. Its daemon and the hub \
        exchange what each lacks, and nobody receives what the family has not consented to.
        """,
      subcommands: [
        HubCommands.group(signals: signals), AgencyCommands.group(signals: signals),
        ChildCommands.group, ChildCommands.check, ChildCommands.family, ChildCommands.involvement,
        ChildCommands.note,
        CAFCommands.group,
        CAFCommands.lead, ConsentCommands.group, ConsentCommands.mayShare, ConsentCommands.why,
        LawCommands.override, LawCommands.shield, LawCommands.unshield, LawCommands.erase,
        CAFCommands.conflicts, ChildCommands.tasks, ChildCommands.export, SampleCommand.command,
        DemoCommand.command(signals: signals),
        BenchCommand.command(signals: signals), SimulateCommand.command,
      ])
  }
}
