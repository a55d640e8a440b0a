import Operations
import TestDaemons
import Testing

/// All suites that start browsers, one test after another: they share the machine's two cores.
@Suite("In a practitioner's browser", .serialized)
enum InTheBrowser {}

extension Browser {
  /// Follows a link that the agency's command line has just printed.
  func open(_ agency: TestAgency) throws {
    let link = try #require(try agency.command("agency", "open")["url"]?.stringValue)
    try go(link)
  }

  /// What was typed is looked up by itself, where the page's script runs; else by its button.
  func findTyped(until shown: String) throws {
    if runsScript { try awaitText(shown) } else { try press("Find") }
  }

  /// On the page that asks for a consent.
  func fillInConsent(to agency: String) throws {
    try type("2006-09", into: "Which version of the sharing agreement was explained?")
    try type("Mother", into: "Name of whoever gives the consent")
    try type("mother", into: "Who they are to the child")
    try choose("Has parental responsibility")
    try choose(agency)
  }

  /// Another page of the daemon that this one is from.
  func visit(_ path: String) throws {
    let start = try url.split(separator: "/", omittingEmptySubsequences: false).prefix(3)
    try go(start.joined(separator: "/") + path)
  }
}

/// With the pages' own script, and without: every story is told twice.
let withAndWithoutScript = [true, false]
