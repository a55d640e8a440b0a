import Glibc
import HubService
import Operations

/// `cafsync hub backup …`: the hub against the loss of its disk.
extension HubCommands {
  static let backup = Command(
    "backup", "back the hub up while it serves, and check that the backup is whole",
    discussion: """
      Each backup is a folder in DIR named for its time, with a manifest. It appears whole or not \
      at all, and nothing is written over. The keys go to another folder, of which only the newest \
      copy stays: it opens the older backups too, except what has been erased since. Whoever has \
      both, and master.key, can read it all: keep the three apart, and master.key and hub.secrets \
      where neither disk takes them along. The policy journal and the witness are not in it: they \
      belong on another disk than the database, and are never put back from a backup.
      """,
    [
      .argument("DIR", "Where the backups of the database are; made if it is not there."),
      .option(
        "keys", "DIR", "Where the copy of the keys is: on another disk than DIR.",
        isRequired: true),
      .option("keep", "N", "Destroy all but the newest N afterwards."), folder, .json,
    ]
  ) { invocation in
    var arguments = JSON.Object()
    arguments["to"] = .string(try whole(invocation.required("DIR")))
    arguments["keys"] = .string(try whole(invocation.required("keys")))
    arguments["keep"] = try invocation.integer("keep", in: 1...10_000).map { .count($0) }
    Terminal.show(try ask(invocation, "backup", .object(arguments)), invocation) { taken in
      """
      \(warning(taken))Backed up and checked: \(Terminal.cell(taken["compartments"])) \
      compartments, \(Terminal.cell(taken["bytes"])) bytes.
      Database: \(Terminal.cell(taken["database"]))
      Keys:     \(Terminal.cell(taken["keys"]))
      """
    }
    return .success
  }

  /// What is said before all else of a backup that was taken; blank, or a line.
  static func warning(_ taken: JSON?) -> String {
    (taken?["warning"]?.stringValue).map { "WARNING: \($0)\n" } ?? ""
  }

  /// The whole path of what may not be there yet: the daemon may have been started elsewhere.
  static func whole(_ path: String) throws -> String {
    if path.hasPrefix("/") { return path }
    guard let here = getcwd(nil, 0) else { throw FileError(.read, path, errno: errno) }
    defer { free(here) }
    return String(cString: here) + "/" + path
  }
}

/// `cafsync hub restore …`.
extension HubCommands {
  static let restore = Command(
    "restore", "put a backup back, into a clean folder or for a lost database",
    discussion: """
      DIR is one backup, or the folder of several: then the newest is taken. What has been erased \
      since the backup stays erased, by its missing key. The hub then begins a new epoch: devices \
      give back what the backup lacks, and nothing is let out that may have been withdrawn. A \
      policy journal that survived makes that short; it says which is the case, and what to do next.
      """,
    [
      .argument("DIR", "The backup of the database."),
      .option("keys", "DIR", "The copy of the keys.", isRequired: true),
      .option(
        "secrets", "DIR", "Where master.key and hub.secrets are kept, if not in the folder."),
      .option(
        "journal", "DIR",
        "Where policy journal and witness are, if not in the folder: on a disk that survived, or "
          + "where a new journal is to begin. They stay there."),
      .flag("replace", "Put aside the database that is in the folder."), folder, .json,
    ]
  ) { invocation in
    let places = HubRestore.Places(
      database: try whole(invocation.required("DIR")), keys: try whole(invocation.required("keys")),
      secrets: try invocation.value("secrets").map(whole),
      journal: try invocation.value("journal").map(whole))
    let restored = try HubRestore(
      into: whole(folder(of: invocation)), from: places, isReplacing: invocation.flag("replace")
    ).run()
    Terminal.show(restored, invocation) { restored in
      let steps = (restored["next"]?.arrayValue ?? []).compactMap(\.stringValue)
      return """
        Restored the backup of \(Terminal.time(restored["backupMilliseconds"])): \
        \(Terminal.cell(restored["compartments"])) compartments; \
        \(Terminal.cell(restored["destroyedSince"])) were destroyed since and stay so.

        """
          + steps.enumerated().map { "\($0.offset + 1). \($0.element)" }.joined(separator: "\n")
    }
    return .success
  }
}
