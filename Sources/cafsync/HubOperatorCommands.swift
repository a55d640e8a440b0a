import HTTPTransport
import Operations

/// `cafsync hub operator …` and `cafsync hub console …`: who may sign in to the operator's pages.
extension HubCommands {
  private static let name = Parameter.argument("NAME", "The operator's own name.")

  static func operators(signals: Signals) -> Command {
    Command(
      "operator", "say who may sign in to the console",
      discussion: """
        Passphrases are read from the terminal without being shown, or a line each from standard \
        input; never from the command line, where other users could see them.
        """,
      subcommands: [
        Command(
          "add", "let somebody sign in",
          [
            name,
            .flag("coordinator", "Let them see the reports of the district, and nothing else."),
            folder, .json,
          ]
        ) { invocation in
          let role = invocation.flag("coordinator") ? "coordinator" : "operator"
          return try withPassphrase(
            "operator-add", invocation, signals, ["role": .string(role)])
        },
        Command(
          "passphrase", "set another passphrase, when theirs is forgotten", [name, folder, .json]
        ) { invocation in try withPassphrase("operator-passphrase", invocation, signals) },
        Command(
          "remove-codes", "ask for no code any more, when their authenticator is lost",
          [name, folder, .json]
        ) { invocation in try naming("operator-codes-remove", invocation) },
        Command("end", "let somebody sign in no more", [name, folder, .json]) { invocation in
          try naming("operator-end", invocation)
        },
        Command("list", "list who may sign in", [folder, .json]) { invocation in
          Terminal.show(try ask(invocation, "operators"), invocation) { answer in
            let rows = (answer.arrayValue ?? []).map { one in
              [
                Terminal.cell(one["name"]), Terminal.cell(one["role"]),
                Terminal.time(one["madeMilliseconds"]),
                Terminal.cell(one["hasCodes"]),
              ]
            }
            return rows.isEmpty
              ? "Nobody may sign in yet. Next: cafsync hub operator add NAME"
              : Terminal.table(["NAME", "ROLE", "SINCE", "ASKED FOR A CODE"], rows)
          }
          return .success
        },
      ])
  }

  static let console = Command(
    "console", "open the operator's pages",
    subcommands: [
      Command(
        "open", "print a link that signs one operator in, once",
        discussion: """
          For whoever runs the hub: the way in when a passphrase or an authenticator is gone. The \
          link is good for two minutes.
          """, [name, folder, .json]
      ) { invocation in
        let answer = try ask(
          invocation, "console-open", ["name": .string(invocation.required("NAME"))])
        Terminal.show(answer, invocation) { Terminal.cell($0["sentence"]) }
        if let link = answer["url"]?.stringValue { DesktopBrowser.open(link) }
        return .success
      }
    ])

  private static func naming(
    _ operation: String, _ invocation: Invocation, _ besides: JSON = [:]
  ) throws -> ExitCode {
    let input = besides.with("name", .string(invocation.required("NAME")))
    Terminal.show(try ask(invocation, operation, input), invocation) {
      Terminal.cell($0["sentence"])
    }
    return .success
  }

  private static func withPassphrase(
    _ operation: String, _ invocation: Invocation, _ signals: Signals, _ besides: JSON = [:]
  ) throws -> ExitCode {
    let new = try Passphrase.read("New passphrase: ", signals)
    guard try Passphrase.repeated("The same again: ", signals, is: new) else {
      throw LocalFailure(.usage, "Those were two different ones. Nothing was changed.")
    }
    return try naming(operation, invocation, besides.with("passphrase", .string(new)))
  }
}
