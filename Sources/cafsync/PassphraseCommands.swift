import AgencyService
import HTTPTransport
import Operations

/// `cafsync agency unlock | lock | passphrase …`: the passphrase on an agency's keys.
enum PassphraseCommands {
  private static let reading = """
    The passphrase is read from the terminal without being shown, or a line each from standard \
    input; never from the command line, where other users could see it.
    """

  static func all(signals: Signals) -> [Command] {
    [
      command("unlock", "open the keys with the passphrase", discussion: reading) {
        invocation, folder in
        var input = JSON.Object()
        if try !areKeysOpen(folder) {
          input["passphrase"] = .string(try Passphrase.read("Passphrase: ", signals))
        }
        return try ask(folder, "unlock", input, invocation)
      },
      AgencyClient.command(
        "lock", "forget the keys until the passphrase is given again", "lock",
        discussion: "Nothing can be read or written then; withdrawals are obeyed all the same."),
      Command(
        "passphrase", "put the keys under a passphrase, or take it away",
        subcommands: [
          command(
            "set", "set the passphrase, or another one",
            discussion: reading + """
               With one set already, the current one comes first. It wraps the key in master.key \
              (scrypt, n = 32768, r = 8, p = 1); the file that opened without it is destroyed.
              """
          ) { invocation, folder in
            var input = JSON.Object()
            if try hasPassphrase(folder) {
              input["current"] = .string(try Passphrase.read("Current passphrase: ", signals))
            }
            let new = try Passphrase.read("New passphrase: ", signals)
            guard try Passphrase.repeated("The same again: ", signals, is: new) else {
              throw OperationError(.usage, "Those were two different ones. Nothing was changed.")
            }
            input["passphrase"] = .string(new)
            return try ask(folder, "passphrase-set", input, invocation)
          },
          command("remove", "take the passphrase away", discussion: reading) { invocation, folder in
            var input = JSON.Object()
            input["current"] = .string(try Passphrase.read("Current passphrase: ", signals))
            return try ask(folder, "passphrase-remove", input, invocation)
          },
        ]),
    ]
  }

  private static func command(
    _ name: String, _ summary: String, discussion: String,
    _ run: @escaping @Sendable (Invocation, String) throws -> ExitCode
  ) -> Command {
    Command(name, summary, discussion: discussion, [AgencyClient.folder, .json]) { invocation in
      try run(invocation, AgencyClient.folder(of: invocation))
    }
  }

  private static func ask(
    _ folder: String, _ operation: String, _ input: JSON.Object, _ invocation: Invocation
  ) throws -> ExitCode {
    let answer = try LocalControl.ask(
      folder: folder, operation: operation, arguments: .object(input))
    Terminal.show(answer, invocation, AgencyPrinting.text)
    return .success
  }

  private static func areKeysOpen(_ folder: String) throws -> Bool {
    try LocalControl.ask(folder: folder, operation: "status")["keys"]?.stringValue == "open"
  }

  private static func hasPassphrase(_ folder: String) throws -> Bool {
    try LocalControl.ask(folder: folder, operation: "status")["hasPassphrase"]?.boolValue == true
  }
}
