import AgencyService
import Glibc
import HTTPTransport
import Operations

/// `cafsync agency backup …`: what exists on this device only, kept against its loss.
enum BackupCommands {
  static func group(signals: Signals) -> Command {
    Command(
      "backup", "keep private notes against the loss of this device",
      discussion: """
        Private notes are never sent to the hub, so nobody can give them back. Once a passphrase \
        is set, the daemon by itself keeps a sealed copy of them in the file privateBackupFile of \
        the configuration; only the passphrase opens it. cafsync agency status says how it stands.
        """,
      subcommands: [
        Command(
          "set", "set the backup's passphrase, and write the first one",
          discussion: """
            Asked for twice; or one line of standard input. It is needed only to restore: keep it \
            where it is not lost with the device. With another one set already, the new one counts \
            from the backup that is written now.
            """, [AgencyClient.folder, .json]
        ) { invocation in
          let passphrase = try Passphrase.read("Passphrase of the backup: ", signals)
          guard try Passphrase.repeated("The same again: ", signals, is: passphrase) else {
            throw OperationError(.usage, "Those were two different ones. Nothing was changed.")
          }
          return try ask("backup-set", ["passphrase": .string(passphrase)], invocation)
        },
        AgencyClient.command("now", "write the backup now, and say what came of it", "backup-now"),
        Command(
          "restore", "take over what a backup holds, beside what is here",
          discussion: """
            Into a replica of the same agency: the same one, or one that has newly joined. Nothing \
            here is overwritten; where both have changed one note, both stand until a person \
            chooses. Doing it twice changes nothing. What has been erased since stays erased.
            """,
          [.argument("FILE", "The backup."), AgencyClient.folder, .json]
        ) { invocation in
          let name = invocation.required("FILE")
          // The daemon may have been started elsewhere.
          guard let path = realpath(name, nil) else { throw FileError(.read, name, errno: errno) }
          defer { free(path) }
          let passphrase = try Passphrase.read("Passphrase of the backup: ", signals)
          return try ask(
            "backup-restore",
            ["file": .string(String(cString: path)), "passphrase": .string(passphrase)],
            invocation)
        },
      ])
  }

  private static func ask(
    _ operation: String, _ input: JSON, _ invocation: Invocation
  ) throws -> ExitCode {
    let answer = try LocalControl.ask(
      folder: AgencyClient.folder(of: invocation), operation: operation, arguments: input,
      deadlineMilliseconds: 600_000)
    Terminal.show(answer, invocation, AgencyPrinting.text)
    return .success
  }
}
