import AgencyService
import HTTPTransport
import Operations

/// `cafsync agency unlock | lock | passphrase …`: the passphrases on an agency's keys.
enum PassphraseCommands {
  private static let reading = """
    The passphrase is read from the terminal without being shown, or a line each from standard \
    input; never from the command line, where other users could see it.
    """

  private static let person = Parameter.option(
    "as", "NAME", "Whose own passphrase; else it is the agency's.")

  static func all(signals: Signals) -> [Command] {
    [
      command(
        "unlock", "open the keys with a passphrase",
        discussion: reading + """
           It is the agency's, or the own one of the practitioner whom --as or the configuration \
          names.
          """
      ) { invocation, folder in
        var input = naming(invocation)
        if try !areKeysOpen(folder) {
          input["passphrase"] = .string(try Passphrase.read("Passphrase: ", signals))
        }
        return try ask(folder, "unlock", input, invocation)
      },
      AgencyClient.command(
        "lock", "forget the keys until a passphrase is given again", "lock",
        discussion: "Nothing can be read or written then; withdrawals are obeyed all the same."),
      Command(
        "passphrase", "put the keys under passphrases, or take them away",
        discussion: """
          The agency's passphrase opens everything, and is the way in when another one is \
          forgotten. With --as a practitioner has their own besides: it opens the same keys, and \
          signs in to the pages. Whoever leaves (cafsync agency practitioner end) loses it.
          """,
        subcommands: [set(signals: signals), remove(signals: signals)]),
    ]
  }

  private static func set(signals: Signals) -> Command {
    command(
      "set", "set a passphrase, or another one",
      discussion: reading + """
         With one set already, the current one comes first; instead of a practitioner's own, the \
        agency's will do. It wraps the key in master.key (scrypt, n = 32768, r = 8, p = 1); the \
        file that opened without it is destroyed. A practitioner's first own one needs open keys.
        """
    ) { invocation, folder in
      var input = naming(invocation)
      let shown = try LocalControl.ask(
        folder: folder, operation: "passphrase-show", arguments: .object(input))
      if shown[invocation.value("as") == nil ? "hasPassphrase" : "hasOwn"]?.boolValue == true {
        input["current"] = .string(try Passphrase.read("Current passphrase: ", signals))
      }
      let new = try Passphrase.read("New passphrase: ", signals)
      guard try Passphrase.repeated("The same again: ", signals, is: new) else {
        throw OperationError(.usage, "Those were two different ones. Nothing was changed.")
      }
      input["passphrase"] = .string(new)
      return try ask(folder, "passphrase-set", input, invocation)
    }
  }

  private static func remove(signals: Signals) -> Command {
    command(
      "remove", "take a passphrase away",
      discussion: reading + """
         For a practitioner's own, the agency's will do. The agency's goes last: while anybody has \
        their own, it stays.
        """
    ) { invocation, folder in
      var input = naming(invocation)
      input["current"] = .string(try Passphrase.read("Current passphrase: ", signals))
      return try ask(folder, "passphrase-remove", input, invocation)
    }
  }

  private static func command(
    _ name: String, _ summary: String, discussion: String,
    _ run: @escaping @Sendable (Invocation, String) throws -> ExitCode
  ) -> Command {
    Command(name, summary, discussion: discussion, [person, AgencyClient.folder, .json]) {
      invocation in try run(invocation, AgencyClient.folder(of: invocation))
    }
  }

  private static func naming(_ invocation: Invocation) -> JSON.Object {
    var input = JSON.Object()
    if let person = invocation.value("as") { input["as"] = .string(person) }
    return input
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
}
