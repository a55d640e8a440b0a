import AgencyService
import Glibc
import HTTPTransport
import Operations

/// `cafsync agency …`: an agency's daemon, and what concerns the agency as a whole.
enum AgencyCommands {
  static func group(signals: Signals) -> Command {
    Command(
      "agency", "run an agency's replica and keep it in step with the hub",
      discussion: """
        The daemon owns the replica; every other command asks it through a socket in its folder. \
        Work goes on while there is no line: what was saved leaves when it returns.
        """,
      subcommands: [
        join, serve(signals: signals), open, rebuild(signals: signals), sync, status, devices,
        worklist, practitioner, agencies, quarantine, loadSample,
      ] + PassphraseCommands.all(signals: signals) + [BackupCommands.group(signals: signals)])
  }

  private static let join = Command(
    "join", "enrol this device with the hub, with the code its operator read out",
    discussion: """
      Makes the folder and the keys in it. Keep a copy of master.key apart from backups of the \
      database: without it the replica cannot be read. If the line fails, give the same command \
      again: the same code is good for the same folder.
      """,
    [
      .option("hub", "URL", "The hub's address, https://…", isRequired: true),
      .option("code", "CODE", "The one-time code.", isRequired: true),
      .option("folder", "FOLDER", "The data folder to make.", isRequired: true),
      .option("name", "DEVICE", "What the operator calls this device.", standard: "device"),
      .option("ca", "FILE", "Certificates to trust instead of the system's, PEM."),
      .option("certificate", "FILE", "What this device shows where the hub asks for it, PEM."),
      .option("certificate-key", "FILE", "The key to it, PEM."),
      .option("proxy", "URL", "A proxy on the way to the hub.", standard: ""), .json,
    ]
  ) { invocation in
    let hub = HubAddress(
      url: invocation.required("hub"), caFile: invocation.value("ca"),
      certificateFile: invocation.value("certificate"),
      certificateKeyFile: invocation.value("certificate-key"))
    let joined = try AgencyJoin.join(
      folder: AgencyFolder(path: invocation.required("folder")), hub: hub,
      code: invocation.required("code"), deviceName: invocation.required("name"),
      proxyURL: invocation.required("proxy"))
    Terminal.show(joined, invocation, AgencyPrinting.text)
    return .success
  }

  private static func serve(signals: Signals) -> Command {
    Command(
      "serve", "serve this agency until a signal says stop",
      discussion: """
        Exchanges with the hub at once after each save, waits for others' changes, and has \
        patience while there is no line. SIGTERM and SIGINT end it within five seconds; killed at \
        any moment, it loses nothing that was saved. When a passphrase lies on the keys it starts \
        locked (cafsync agency unlock). Under systemd, a credential called master.key is used \
        instead of the file in the folder.
        """,
      [
        .option("config", "FILE", "The configuration; Configs/agency.json5 documents it."),
        AgencyClient.folder,
        .option("as", "PRACTITIONER", "Who writes when a command does not say."),
      ]
    ) { invocation in
      var configuration = try configuration(of: invocation)
      if let practitioner = invocation.value("as") { configuration.practitioner = practitioner }
      let log = Log(minimum: configuration.logLevel, form: configuration.logForm)
      let credentials = getenv("CREDENTIALS_DIRECTORY").map { String(cString: $0) }
      try AgencyDaemon(configuration, credentials: credentials, log: log).run(until: signals)
      return .success
    }
  }

  private static func rebuild(signals: Signals) -> Command {
    Command(
      "rebuild", "make a damaged replica whole again, with its unsent work",
      discussion: """
        For a folder that serve has refused as damaged; not while it is served. Single flipped \
        bits are turned back, and everything that can be read goes into new files, what was not \
        sent yet first of all; the rest comes back from the hub with the next exchanges. While \
        anything could not be read, the damaged files are kept in a folder beside the new ones.
        """, [AgencyClient.folder, .json]
    ) { invocation in
      let rebuilt = try AgencyRebuild.rebuild(
        folder: AgencyFolder(path: AgencyClient.folder(of: invocation))
      ) { try Passphrase.read("The agency's passphrase: ", signals) }
      Terminal.show(rebuilt, invocation, AgencyPrinting.text)
      return .success
    }
  }

  private static func configuration(of invocation: Invocation) throws -> AgencyConfiguration {
    guard let file = invocation.value("config") else {
      return AgencyConfiguration(folder: try AgencyClient.folder(of: invocation))
    }
    var configuration = try AgencyConfiguration(file: file)
    if let folder = invocation.value("folder") { configuration.folder = folder }
    return configuration
  }

  private static let open = AgencyClient.command(
    "open", "open the pages in a browser on this machine, and print the link", "open",
    [AgencyClient.author],
    discussion: """
      From a terminal on a desktop its browser is opened; else the link is only printed. It signs \
      the practitioner in, once, within two minutes, and on this machine alone; whoever does \
      nothing for a quarter of an hour is signed out.
      """,
    ending: { answer in
      if let link = answer["url"]?.stringValue { DesktopBrowser.open(link) }
      return .success
    })

  private static let sync = AgencyClient.command(
    "sync", "exchange with the hub now, and say truly what came of it", "sync")

  private static let status = AgencyClient.command(
    "status", "show how far this agency's work has come", "status",
    [.flag("records", "Also of each part of each child's record.")],
    discussion: """
      Queued, held by the hub, or received by others: each as the hub has vouched for it. What the \
      others have received is asked about a little with every exchange, and about all with \
      cafsync agency sync.
      """)

  private static let worklist = AgencyClient.command(
    "worklist", "show a practitioner's children, and what somebody should see to", "worklist",
    [AgencyClient.author],
    discussion: """
      By what is held here: children without a lead professional, overdue actions and reviews, \
      stale entries, missing doctors, dentists and schools, and who leads for how many children.
      """)

  private static let devices = AgencyClient.command(
    "devices", "show this device's identity", "devices")

  private static let agencies = AgencyClient.command(
    "agencies", "list the agencies that the hub has published", "agency-list")

  private static let quarantine = Command(
    "quarantine", "show, take up and discard own work that was set apart",
    discussion: """
      What the hub may not let stand, and what was typed into a part of the record that had just \
      been withdrawn, is kept with its text. The hub's operator releases or returns what is at the \
      hub, without reading it; what is released goes from this list by itself.
      """,
    subcommands: [
      AgencyClient.command("list", "show it, with its text", "quarantine-list"),
      AgencyClient.command(
        "take-up", "save it again as a new write, beside what stands", "quarantine-take-up",
        [.argument("NUMBER", "As `list` shows it."), AgencyClient.author]),
      AgencyClient.command(
        "discard", "destroy the text that is kept here", "quarantine-discard",
        [.argument("NUMBER", "As `list` shows it.")]),
    ])

  private static let practitioner = Command(
    "practitioner", "add, list and end practitioners: every write carries its author",
    subcommands: [
      AgencyClient.command(
        "add", "record a practitioner of this agency", "practitioner-add",
        [
          .option("name", "NAME", "First and family name.", isRequired: true),
          .option("role", "ROLE", "For example: health visitor."),
          .option("contact", "CONTACT", "How colleagues reach them."),
          .option("trained", "DATE", "CAF training."),
          .option("refresher", "DATE", "When a refresher is due."), AgencyClient.author,
        ]),
      AgencyClient.command(
        "list", "list the practitioners", "practitioner-list",
        [.flag("all", "Those of other agencies as well.")]),
      AgencyClient.command(
        "end", "record that a practitioner has left", "practitioner-end",
        [
          .argument("PRACTITIONER", "Name or identifier."),
          .option("on", "DATE", "The last day; today if not given."), AgencyClient.author,
        ]),
    ])

  private static let loadSample = AgencyClient.command(
    "load-sample", "write a part of a generated district, for demonstrations", "load-sample",
    [
      .option("children", "N", "How many children the district has.", standard: "10"),
      .option("seed", "S", "The number that it is made from.", standard: "1"),
      .option("role", "ROLE", "Whose part this agency takes; else by its name."),
      .flag("stories", "Also the seed's five stories."),
      .flag("without-consents", "Leave the families' decisions out."),
    ])
}
