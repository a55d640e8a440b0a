import Cryptography
import Foundation
import Operations
import TestDaemons
import Testing

@testable import HubService

extension CanaryHub {
  /// Every operation there is: whoever adds one has it asked here.
  static let operations = Set(HubOperation.allCases.map(\.rawValue))
    .union(HubFileChange.allCases.map(\.rawValue))
    .union(HubAdministration.operatorOperations).union(HubUpkeep.operations)

  /// Asks the hub's socket for everything that it answers, and says what was asked.
  func askEverything(_ shown: ShownTexts) throws -> Set<String> {
    var asked: Set<String> = []
    /// - Parameter mayRefuse: what it says then is as good an answer.
    @discardableResult
    func ask(_ name: String, _ input: JSON = [:], mayRefuse: Bool = false) throws -> JSON {
      asked.insert(name)
      let answer = try shown.add(name) { try hub.ask(name, input) }
      if !mayRefuse { try #require(answer != nil, "\(name): \(shown.all.last?.text ?? "")") }
      return answer ?? [:]
    }
    let (child, erased) = (JSON.string(child), JSON.string(erased))
    for name in [
      "status", "standing", "revision", "metrics", "capacity", "upkeep", "blocked", "journal",
      "events",
      "agencies", "withdrawals", "conflicts", "report-coverage", "report-enquiries",
      "report-training", "report-issues", "operators", "check",
    ] { try ask(name) }
    try ask("report-needs-close", mayRefuse: true)
    try ask("report-needs")
    try ask("devices", ["week": true])
    try ask("why", ["child": child, "agency": "Finch"])
    for question: JSON in [["child": child], ["child": erased], ["agency": "Finch"]] {
      try ask("ledger", question)
    }
    for question: JSON in [
      ["of": "agreement", "agency": "Robin"], ["of": "agency", "agency": "Robin"],
      ["of": "consent", "child": .string(kept)], ["of": "erasure", "child": .string(kept)],
    ] { try ask("blast-radius", question) }
    let certificate = try ask("erasure-certificate", ["child": erased])
    try ask("erasure-certificate-verify", ["certificate": certificate])
    try ask(
      "subject-access",
      [
        "child": child, "to": .string(output("access")), "reason": "complaint", "reference": "7/1",
        "include-third-party": true,
      ])
    try ask(
      "backup", ["to": .string(output("backups")), "keys": .string(output("keys"))])
    try askAboutOperators(ask)
    // What changes something, and first what it says before it does.
    try ask("agency-add", ["name": "Dove", "sector": "health", "locality": "batley"])
    let code = try ask("enrol", ["agency": "Dove"])["code"]?.stringValue
    shown.addSecret(try #require(code), givenBy: "enrol")
    try ask("quarantine", ["all": true])
    for name in ["quarantine-return", "quarantine-release"] {
      try ask(name, ["number": 1], mayRefuse: true)
    }
    for (name, input): (String, JSON) in [
      ("erase", ["child": .string(counted[0]), "reason": "Canaryerasure"]),
      ("agreement-lock", ["agency": "Robin"]), ("agency-remove", ["agency": "Dove"]),
    ] {
      try ask(name, input, mayRefuse: true)
      try ask(name, input.with("yes", true), mayRefuse: name == "agency-remove")
    }
    try ask("agreement-sign", ["agency": "Robin"])
    try ask("revoke-device", ["device": .string(try device(of: "Robin"))])
    try ask("finish-recovery")
    try ask("audit-list", ["limit": 500])
    try ask("audit-verify")
    return asked
  }

  private func askAboutOperators(
    _ ask: (String, JSON, Bool) throws -> JSON
  ) throws {
    let name = JSON.string("Ned Nash")
    for operation in ["operator-add", "operator-passphrase"] {
      _ = try ask(operation, ["name": name, "passphrase": .string(Self.passphrase)], false)
    }
    let new = try ask("operator-codes-new", ["name": name], false)
    let key = try #require(new["key"]?.stringValue)
    let now = Int64(Date().timeIntervalSince1970 * 1_000)
    let code = try OneTimePassword.code(
      key: try #require(Hex.bytes(key)), step: OneTimePassword.step(atMilliseconds: now))
    _ = try ask(
      "operator-codes-set", ["name": name, "key": .string(key), "code": .string(code)], false)
    for operation in [
      "operator-codes-remove", "console-open", "operator-signed-in", "operator-signed-out",
      "operator-not-let-in",
      "operator-end",
    ] { _ = try ask(operation, ["name": name], false) }
  }
}
