import Operations
import TestDaemons
import Testing

/// An operator before the console of a hub with two agencies, one of which has gone silent while a
/// consent was withdrawn.
struct OperatorDesk {
  static let passphrase = "nine quiet lanterns"

  let district: TestDistrict
  let child: String

  var hub: TestHub { district.hub }
  var wren: TestAgency { district.agencies[0] }
  var finch: TestAgency { district.agencies[1] }

  init() throws {
    district = try TestDistrict(["Wren", "Finch"])
    child = try district.sharedChild()
    let (wren, finch) = (district.agencies[0], district.agencies[1])
    try finch.stop()
    try wren.consent("consent-withdraw", child, [finch], "index")
    try wren.synchronise()
    try district.hub.ask(
      "operator-add", ["name": "Ola Obi", "passphrase": .string(Self.passphrase)])
  }

  func address() throws -> String {
    let url = try #require(
      try hub.command("console", "open", "Ola Obi")["url"]?.stringValue)
    return String(url.prefix { $0 != "?" })
  }

  func signIn(_ browser: Browser) throws {
    try browser.go(address())
    try browser.type("Ola Obi", into: "Your name")
    try browser.type(Self.passphrase, into: "Your passphrase")
    try browser.press("Sign in")
    let shown = try browser.text
    try #require(try browser.title == "Board – CAFSync", "\(shown)")
  }

  /// Every address of the console that shows a page, with what stands there in this district.
  func paths() throws -> [(name: String, path: String)] {
    let agency = try #require(
      try hub.ask("agencies").arrayValue?.first?["id"]?.stringValue)
    let device = try #require(try hub.ask("devices").arrayValue?.first?["id"]?.stringValue)
    return [
      ("board", "/"), ("agencies", "/agencies"), ("agency", "/agencies/\(agency)"),
      ("device", "/devices/\(device)"), ("device-revoke", "/devices/\(device)/revoke"),
      ("withdrawals", "/withdrawals"), ("withdrawals-all", "/withdrawals?all=yes"),
      ("agency-end", "/agencies/\(agency)/end"), ("agency-remove", "/agencies/\(agency)/remove"),
      ("conflicts", "/conflicts"), ("events", "/identity"), ("ledger", "/ledger"),
      ("ledger-found", "/ledger?child=\(child)"), ("reports", "/reports"),
      ("recovery", "/recovery"),
      ("capacity", "/capacity"), ("apart", "/apart"), ("audit", "/audit"),
      ("operators", "/operators"),
      ("operators-codes", "/operators/codes"),
    ]
  }
}
