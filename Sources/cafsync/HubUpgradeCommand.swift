import HubService
import Operations

/// `cafsync hub upgrade …`.
extension HubCommands {
  static let upgrade = Command(
    "upgrade", "bring the database to this program's schema, after a backup",
    discussion: """
      For a hub that is stopped, after a newer program was installed. It backs up as `backup` \
      does, reads the backup back, and only then changes the database. There is no way back but to \
      restore that backup with the older program. Says so when there is nothing to do; refuses a \
      database of a newer program.
      """,
    [
      .argument("DIR", "Where the backups of the database are."),
      .option("keys", "DIR", "Where the copy of the keys is.", isRequired: true), folder, .json,
    ]
  ) { invocation in
    let done = try HubUpgrade(
      folder: folder(of: invocation), credentials: credentials,
      databases: whole(invocation.required("DIR")),
      keys: whole(invocation.required("keys"))
    ).run()
    Terminal.show(done, invocation) { done in
      done["from"] == done["to"]
        ? "Nothing to do: the database has version \(Terminal.cell(done["to"])) already."
        : warning(done["backup"])
          + "Upgraded from version \(Terminal.cell(done["from"])) to \(Terminal.cell(done["to"])). "
          + "The backup of before: \(Terminal.cell(done["backup"]?["database"]))"
    }
    return .success
  }
}
