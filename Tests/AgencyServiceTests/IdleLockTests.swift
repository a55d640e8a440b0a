import Foundation
import Operations
import PageServer
import Testing

@testable import AgencyService

@Suite("Keys that are locked when the pages are left alone")
struct IdleLockTests {
  private static let words: JSON = ["passphrase": "three quiet herons"]
  private static let minute: Int64 = 60_000

  private func signIn(_ daemon: AgencyDaemon) throws -> String {
    try #require(daemon.sessions.signIn(link: daemon.sessions.makeLink(for: "Ann Ash")))
  }

  private func isLocked(_ daemon: AgencyDaemon) throws -> Bool {
    try daemon.ask("status")["keys"] == "locked"
  }

  /// Has the thread look until it is so.
  private func awaited(_ daemon: AgencyDaemon, _ isSo: () throws -> Bool) throws {
    let deadline = SystemClock().bootMilliseconds() + 20_000
    while try !isSo() {
      try #require(SystemClock().bootMilliseconds() < deadline, "it did not become so")
      daemon.sessions.bell.ring()
    }
  }

  @Test("the last session is idle after the idle time, not before, and that is said once")
  func idle() throws {
    for minutes in [1, 15, PageSessions.idleMinutesMax] {
      let clock = ManualClock()
      let sessions = PageSessions(clock: clock, idleMinutes: minutes)
      let idle = Int64(minutes) * Self.minute
      #expect(!sessions.takeIdle())
      // A link that nobody followed is no session.
      let link = sessions.makeLink(for: "Ann Ash")
      clock.advance(milliseconds: PageSessions.linkMilliseconds - 1)
      #expect(!sessions.isInUse)
      let ann = try #require(sessions.signIn(link: link))
      let bob = try #require(sessions.signIn(link: sessions.makeLink(for: "Bob Birch")))
      clock.advance(milliseconds: idle - 1)
      #expect(sessions.session(cookie: ann) != nil)
      clock.advance(milliseconds: idle - 1)
      #expect(sessions.session(cookie: bob) == nil)
      #expect(!sessions.takeIdle() && sessions.isInUse)
      // Signing out puts it off no longer than any other use.
      sessions.signOut(cookie: ann)
      clock.advance(milliseconds: 1)
      #expect(sessions.takeIdle() && sessions.session(cookie: ann) == nil)
      clock.advance(milliseconds: idle)
      #expect(!sessions.takeIdle() && !sessions.isInUse)
      _ = try #require(sessions.signIn(link: sessions.makeLink(for: "Ann Ash")))
      clock.advance(milliseconds: idle)
      #expect(sessions.takeIdle())
    }
  }

  @Test("then the keys are locked as by the command, once, and open again")
  func locks() throws {
    let clock = ManualClock()
    try TestAgencyFolder().serving(clock: clock, idleMinutes: 2) { (daemon) throws in
      try daemon.ask("passphrase-set", Self.words)
      _ = try signIn(daemon)
      clock.advance(milliseconds: 2 * Self.minute)
      try awaited(daemon) { try isLocked(daemon) }
      #expect(try daemon.refusal("child-find", ["given": "Kit"]) == .refused)
      try daemon.ask("unlock", Self.words)
      // By commands alone from now on.
      clock.advance(milliseconds: 1_000 * Self.minute)
      daemon.sessions.bell.ring()
      #expect(try !isLocked(daemon) && !daemon.sessions.isInUse)
      _ = try signIn(daemon)
      clock.advance(milliseconds: 2 * Self.minute)
      try awaited(daemon) { try isLocked(daemon) }
    }
  }

  @Test("keys without a passphrase stay open")
  func withoutPassphrase() throws {
    let clock = ManualClock()
    try TestAgencyFolder().serving(clock: clock) { (daemon) throws in
      _ = try signIn(daemon)
      clock.advance(milliseconds: 15 * Self.minute)
      try awaited(daemon) { !daemon.sessions.isInUse }
      #expect(try !isLocked(daemon))
    }
  }

  @Test("whoever has left is signed out, and no link that was made for them is good any more")
  func leavers() throws {
    try TestAgencyFolder().serving { (daemon) throws in
      try daemon.ask("practitioner-add", ["name": "Ann Ash"])
      try daemon.ask("practitioner-add", ["name": "Bob Birch"])
      let sessions = daemon.sessions
      let ann = try signIn(daemon)
      let bob = try #require(sessions.signIn(link: sessions.makeLink(for: "Bob Birch")))
      let link = sessions.makeLink(for: "bob birch")
      try daemon.ask("practitioner-end", ["practitioner": "Bob Birch"])
      #expect(sessions.session(cookie: ann) != nil && sessions.session(cookie: bob) == nil)
      #expect(sessions.signIn(link: link) == nil)
    }
  }

  @Test("the example holds every key with its default")
  func example() throws {
    let path = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("../../Configs/agency.json5").path
    let example = try AgencyConfiguration(file: path)
    #expect("\(example)" == "\(AgencyConfiguration(folder: example.folder))")
  }

  @Test("the idle time is configured in minutes, from one to a working day")
  func configuration() throws {
    func minutes(_ text: String) throws -> Int {
      try AgencyConfiguration(
        ConfigurationReader(bytes: Array("{ folder: 'x', \(text) }".utf8), file: "agency.json5")
      ).idleMinutes
    }
    #expect(try minutes("") == 15)
    for good in [1, 480] { #expect(try minutes("pages: { idleMinutes: \(good) }") == good) }
    for bad in [0, 481, -1] {
      #expect(throws: ConfigurationError.self) { try minutes("pages: { idleMinutes: \(bad) }") }
    }
  }
}
