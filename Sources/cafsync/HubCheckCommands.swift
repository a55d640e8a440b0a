import HubService
import Operations

/// `cafsync hub check`: is everything as it should be?
extension HubCommands {
  static let check = Command(
    "check", "look whether the hub's files are whole and fit each other",
    discussion: """
      Looks at the rights of the files, every page of both databases, the keys of all \
      compartments, the audit log's chain, the policy journal and the witness against the \
      database, and the disclosure ledger against the books of who holds what. Changes nothing, \
      also beside a hub that serves. Ends with 6 when something is wrong.
      """, [folder, .json]
  ) { invocation in
    let answer = try ask(invocation, "check")
    Terminal.show(answer, invocation) { answer in
      Terminal.table(
        ["CHECKED", "", "FOUND"],
        (answer["checks"]?.arrayValue ?? []).map { line in
          ["name", "verdict", "detail"].map { Terminal.cell(line[$0]) }
        })
    }
    return answer["isWhole"]?.boolValue == true ? .success : .damaged
  }
}
