import CaseRecords
import Glibc
import HTTPTransport
import HubService
import Operations

/// `cafsync hub …`: the hub operator's commands. What they print is in `HubPrinting`.
enum HubCommands {
  static let folder = Parameter.option(
    "folder", "FOLDER", "The hub's data folder; else CAFSYNC_HUB in the environment says it.")

  static func group(signals: Signals) -> Command {
    Command(
      "hub", "run the hub that the agencies exchange with",
      discussion: """
        The hub keeps what families consented to, decides who may hold what, and passes it on. \
        Commands reach a running hub through a socket in its folder, and open the folder \
        themselves while none runs.
        """,
      subcommands: [
        backup, restore, check, upgrade, capacity,
        initialise, serve(signals: signals), agency, enrol, devices, revokeDevice, status,
        agreement, blastRadius, withdrawals, blocked, conflicts, events, erase, why, ledger,
        journal, quarantine, finishRecovery, audit, erasureCertificate, report, subjectAccess,
        operators(signals: signals), console,
      ])
  }

  private static let initialise = Command(
    "init", "make a new hub in a folder",
    discussion: """
      Makes the folder, with the hub's keys in it. Keep copies of master.key and hub.secrets apart \
      from the backups of the database: without them it cannot be read, and whoever has both can \
      read it all. A policy journal on a disk of its own survives the loss of the database's, and \
      spares everybody a long wait after a restore.
      """,
    [
      folder,
      .option("journal", "DIR", "Where policy journal and witness go: a disk of their own."), .json,
    ]
  ) { invocation in
    let path = try folder(of: invocation)
    try HubFolder(path: path).initialise(journal: try invocation.value("journal").map(whole))
    Terminal.show(["folder": .string(path)], invocation) { _ in
      "Made a hub in \(path). Next: cafsync hub serve --folder \(path)"
    }
    return .success
  }

  // MARK: Agencies and devices

  private static let agency = Command(
    "agency", "add and list agencies",
    subcommands: [
      Command(
        "add", "add an agency that has signed the agreement",
        [
          .argument("NAME", "As other agencies are to read it."),
          .option(
            "sector", "SECTOR", "What kind of agency it is.", isRequired: true,
            allowed: CodeLists.sector.codes.map(\.value)),
          .option(
            "locality", "LOCALITY", "Where it works.", isRequired: true,
            allowed: CodeLists.locality.codes.map(\.value)),
          .flag("sensitive", "Its very involvement with a child is not shown to others."),
          folder, .json,
        ]
      ) { invocation in
        let made = try ask(
          invocation, "agency-add",
          [
            "name": .string(invocation.required("NAME")),
            "sector": .string(invocation.required("sector")),
            "locality": .string(invocation.required("locality")),
            "sensitive": .bool(invocation.flag("sensitive")),
          ])
        Terminal.show(made, invocation) {
          "Added \(Terminal.cell($0["name"])), \(Terminal.cell($0["id"]))."
        }
        return .success
      },
      Command("list", "list the agencies", [folder, .json]) { invocation in
        Terminal.show(try ask(invocation, "agencies"), invocation, HubPrinting.agencies)
        return .success
      }, removeAgency,
    ])

  private static let enrol = Command(
    "enrol", "make a code that lets one device of an agency join",
    discussion: """
      The code can be used once, lives an hour unless configured otherwise, and closes after five \
      wrong tries. Read it out to whoever sits at the device.
      """,
    [.argument("AGENCY", "Its name or identifier."), folder, .json]
  ) { invocation in
    let made = try ask(invocation, "enrol", ["agency": .string(invocation.required("AGENCY"))])
    Terminal.show(made, invocation) {
      "\(Terminal.cell($0["code"]))\nfor \(Terminal.cell($0["agency"])), until "
        + Terminal.time($0["expiresMilliseconds"])
    }
    return .success
  }

  private static let devices = Command(
    "devices", "list the devices, how each stands, and how good its line is",
    [.flag("week", "With --json: samples of the last seven days as well."), folder, .json]
  ) { invocation in
    let devices = try ask(invocation, "devices", ["week": .bool(invocation.flag("week"))])
    Terminal.show(devices, invocation) {
      HubStatusPrinting.devices($0, now: UInt64(max(SystemClock().wallMilliseconds(), 0)))
    }
    return .success
  }

  private static let revokeDevice = Command(
    "revoke-device", "let a lost device lock and purge itself at its next contact",
    [.argument("DEVICE", "Its identifier; see `devices`."), folder, .json]
  ) { invocation in
    let done = try ask(
      invocation, "revoke-device", ["device": .string(invocation.required("DEVICE"))])
    Terminal.show(done, invocation) { "Revoked \(Terminal.cell($0["id"]))." }
    return .success
  }

  private static let erase = Command(
    "erase", "destroy a child's record at every agency, for ever",
    discussion: """
      For a record that several agencies have written; an agency erases its own (cafsync erase). \
      Without --yes it says what would be destroyed and changes nothing. `status` shows who has \
      not sent a receipt yet.
      """,
    [
      .argument("CHILD", "The child's identifier."),
      .option("reason", "TEXT", "Why, for the record; no names.", isRequired: true),
      .flag("yes", "Do it."), folder, .json,
    ]
  ) { invocation in
    let erased = try askShowing(
      invocation, "erase",
      [
        "child": .string(invocation.required("CHILD")),
        "reason": .string(invocation.required("reason")),
        "yes": .bool(invocation.flag("yes")),
      ])
    Terminal.show(erased, invocation) {
      "Erased: \(Terminal.cell($0["compartments"])) compartments. Each device sends its receipt."
    }
    return .success
  }

  // MARK: Looking

  private static let status = Command(
    "status", "say whether all is in step, and if not, what waits for whom", [folder, .json]
  ) { invocation in
    Terminal.show(try ask(invocation, "status"), invocation, HubStatusPrinting.status)
    return .success
  }

  private static let journal = Command(
    "journal", "list the policy journal: kinds, identifiers, times", [folder, .json]
  ) { invocation in
    Terminal.show(try ask(invocation, "journal"), invocation, HubPrinting.journal)
    return .success
  }

  private static let finishRecovery = Command(
    "finish-recovery", "vouch that no withdrawal is missing after a restore",
    discussion: """
      After its database was restored the hub lets a compartment out only once its custodian has \
      been heard. This ends that for all that still wait, and is written into the audit log.
      """, [folder, .json]
  ) { invocation in
    let done = try ask(invocation, "finish-recovery")
    Terminal.show(done, invocation) { "Let out: \(Terminal.cell($0["letOut"]))." }
    return .success
  }

  // MARK: How the hub is reached

  static func folder(of invocation: Invocation) throws -> String {
    if let given = invocation.value("folder") { return given }
    if let named = getenv("CAFSYNC_HUB") { return String(cString: named) }
    throw UsageError("--folder is missing, and CAFSYNC_HUB is not set", path: invocation.path)
  }

  /// Where systemd puts what a unit is given by `LoadCredential…`.
  static var credentials: String? { getenv("CREDENTIALS_DIRECTORY").map { String(cString: $0) } }

  static func ask(
    _ invocation: Invocation, _ operation: String, _ arguments: JSON = [:]
  ) throws -> JSON {
    try HubAccess.perform(
      folder: try folder(of: invocation), credentials: credentials, operation: operation,
      arguments: arguments)
  }
}
