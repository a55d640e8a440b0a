import Foundation
import Operations
import TestDaemons
import Testing

extension CanaryHub {
  /// Which there are no words of to search, and why.
  static let silentCommands: [[String]: String] = [
    ["serve"]: "It is the hub that runs: what it says is the log."
  ]

  /// Types every command of `cafsync hub`, as a person and as a program reads it; says what of the
  /// tree of commands was left out. Stops the hub.
  func typeEverything(_ shown: ShownTexts) throws -> [String] {
    var left = try leaves(of: []).filter { Self.silentCommands[$0] == nil }
    func type(_ words: [String], input: String = "", at folder: String? = nil) throws {
      left.removeAll { words.starts(with: $0) }
      // Twice, so that what can be done once is also refused once.
      for form in [[], ["--json"]] {
        let line = ["hub"] + words + ["--folder", folder ?? hub.folder] + form
        let ended = try DaemonProcess.run(
          arguments: line.map { Array($0.utf8) }, input: input, in: hub.root)
        shown.add("hub " + words.joined(separator: " "), ended.text)
        // A command line that does not fit shows nothing of the hub.
        #expect(ended.status != 2, "\(words): \(ended.text)")
      }
    }
    for words in try lookingCommands() { try type(words) }
    for name in ["add", "passphrase"] {
      let twice = Self.passphrase + "\n" + Self.passphrase + "\n"
      try type(["operator", name, "Mia Moss"], input: twice)
    }
    for words in try changingCommands() { try type(words) }
    try hub.stop()
    let shelves = [output("backups"), "--keys", output("keys")]
    try type(["upgrade"] + shelves)
    try type(
      ["restore"] + shelves + ["--secrets", hub.folder], at: district.folder.path + "/restored")
    try type(["init"], at: district.folder.path + "/another")
    return left.map { $0.joined(separator: " ") }
  }

  /// As `--help` shows them.
  private func leaves(of group: [String]) throws -> [[String]] {
    let help = try DaemonProcess.run(
      arguments: (["hub"] + group + ["--help"]).map { Array($0.utf8) }, in: hub.root)
    try #require(help.status == 0, "\(group)")
    guard let section = help.output.split(separator: "Commands:\n").dropFirst().first else {
      return [group]
    }
    let lines = section.prefix(upTo: section.firstRange(of: "\n\n")?.lowerBound ?? section.endIndex)
    return try lines.split(separator: "\n").compactMap { line -> String? in
      line.firstMatch(of: #/^ {2}([a-z][a-z-]*)/#).map { String($0.1) }
    }.flatMap { try leaves(of: group + [$0]) }
  }

  private func lookingCommands() throws -> [[String]] {
    [
      ["status"], ["devices", "--week"], ["agency", "list"], ["journal"], ["capacity"], ["check"],
      ["withdrawals"], ["blocked"], ["conflicts"], ["events"], ["quarantine", "list", "--all"],
      ["ledger", child], ["ledger", erased], ["ledger", "--agency", "Finch"],
      ["why", child, "Finch"], ["blast-radius", "agreement", "Robin"],
      ["blast-radius", "agency", "Robin"], ["blast-radius", "consent", kept],
      ["blast-radius", "erasure", kept], ["report", "coverage"], ["report", "needs"],
      ["report", "enquiries"], ["report", "training"], ["report", "issues"],
      ["audit", "list", "--limit", "500"], ["audit", "verify"], ["operator", "list"],
      ["erasure-certificate", erased, "--to", output("certificate")],
      ["erasure-certificate", "--verify", output("certificate")],
    ]
  }

  private func changingCommands() throws -> [[String]] {
    [
      ["agency", "add", "Heron", "--sector", "health", "--locality", "batley"],
      ["enrol", "Heron"], ["console", "open", "Mia Moss"],
      ["operator", "remove-codes", "Mia Moss"],
      ["operator", "end", "Mia Moss"],
      ["backup", output("backups"), "--keys", output("keys"), "--keep", "3"],
      [
        "subject-access", child, "--to", output("access-2"), "--reason", "courtOrder",
        "--reference", "7/2",
      ],
      ["quarantine", "return", "2"], ["quarantine", "release", "2"],
      ["erase", counted[1], "--reason", "Canaryerasure"],
      ["erase", counted[1], "--reason", "Canaryerasure", "--yes"],
      ["agreement", "lock", "Finch"], ["agreement", "sign", "Finch"],
      ["agreement", "lock", "Finch", "--yes"],
      ["revoke-device", try device(of: "Wren")], ["agency", "remove", "Heron", "--yes"],
      ["finish-recovery"], ["status"], ["blocked"], ["withdrawals"], ["audit", "list"],
    ]
  }
}
