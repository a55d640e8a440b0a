import CaseRecords
import Causality
import Cryptography
import Operations
import ReplicaStore
import SyncEngine
import SyncProtocol
import Testing

@testable import AgencyService

/// Row 20: a checklist never leaves the replica, and goes when no CAF follows.
@Suite("How long a pre-CAF is kept")
struct PreCAFTests {
  private let replica: TestReplica
  private let child: String

  init() throws {
    replica = try TestReplica()
    child = try replica.child()
  }

  private func pass(days: Int) {
    replica.clock.advance(milliseconds: Int64(days) * 86_400_000)
  }

  private var day: CalendarDate { replica.replica.today }

  @discardableResult
  private func fillIn(
    on day: CalendarDate? = nil, state: String = "saved", record: RecordID? = nil
  ) throws -> RecordID {
    try replica.put(
      child, .private, "preCAF",
      [
        "made": GroupValue().setting("on", day ?? self.day), "state": .one("state", state),
        "servicesNeeded": .one("servicesNeeded", "Canaryword, and a nursery place"),
      ], record: record
    ).record
  }

  private func listed() throws -> Int {
    let list = try replica.run("record-list", ["child": .string(child), "kinds": "preCAF"])
    return list["records"]?.arrayValue?.count ?? -1
  }

  /// Everything that stands in private compartments, in every way in which it was written.
  private func privateWords() throws -> String {
    let store = replica.replica.store
    let values = try store.compartments(in: .private).flatMap { stored in
      try store.content(of: stored).records.values.flatMap(\.groups.values).flatMap(\.siblings)
        .map(\.value.value)
    }
    return values.map { String(decoding: $0, as: UTF8.self) }.joined(separator: "\n")
  }

  private func warnings() throws -> [JSON] {
    (try replica.run("worklist")["alerts"]?.arrayValue ?? []).filter { $0["kind"] == "preCAFEnds" }
  }

  @Test("it is here on its last day, and gone on the next, from every backup too")
  func limit() throws {
    try fillIn()
    try replica.run("note-add", ["child": .string(child), "text": "A note stays"])
    let removals = replica.replica.engine.privateNews.removals
    pass(days: 90)
    #expect(try replica.replica.deleteOldPreCAFs() == 0)
    #expect(try listed() == 1 && privateWords().contains("Canaryword"))
    pass(days: 1)
    // As the daemon does it: before it speaks to the hub, whether or not there is a line.
    try replica.replica.prepareExchange(asksReceived: false, log: Log(sink: { _ in }))
    #expect(try listed() == 0 && !privateWords().contains("Canaryword"))
    #expect(try privateWords().contains("A note stays"))
    #expect(replica.replica.engine.privateNews.removals == removals + 1)
    #expect(try replica.replica.deleteOldPreCAFs() == 0)
  }

  @Test("an older backup, restored, does not bring it back")
  func restored() throws {
    let engine = replica.replica.engine
    try fillIn()
    try engine.setPrivateBackupKey(
      PrivateBackupKey(
        passphrase: "three quiet herons",
        cost: PassphraseKey.Cost(iterations: 2, blockSize: 1, parallelism: 1)))
    guard case .due(let backup) = try engine.privateBackupNeed(now: replica.replica.now) else {
      Issue.record("a first backup is due")
      return
    }
    pass(days: 91)
    #expect(try replica.replica.deleteOldPreCAFs() == 1)
    #expect(try !engine.isPrivateBackupCurrent())
    _ = try engine.restorePrivate(backup.body, mark: 1)
    #expect(try listed() == 0 && !privateWords().contains("Canaryword"))
  }

  @Test("for as many days as the configuration says")
  func configured() throws {
    replica.replica.preCAFKeptDays = 7
    try fillIn()
    for (days, left) in [(7, 1), (1, 0)] {
      pass(days: days)
      _ = try replica.replica.deleteOldPreCAFs()
      #expect(try listed() == left)
    }
    func days(_ text: String) throws -> Int {
      try AgencyConfiguration(
        ConfigurationReader(bytes: Array("{ folder: 'x', \(text) }".utf8), file: "agency.json5")
      ).preCAFKeptDays
    }
    #expect(try days("") == 90)
    for good in [1, 365] { #expect(try days("preCAF: { keptDays: \(good) }") == good) }
    for bad in [0, 366] {
      #expect(throws: ConfigurationError.self) { try days("preCAF: { keptDays: \(bad) }") }
    }
  }

  @Test("whoever writes on in it keeps it")
  func writtenOn() throws {
    let record = try fillIn()
    pass(days: 80)
    try fillIn(record: record)
    pass(days: 90)
    #expect(try replica.replica.deleteOldPreCAFs() == 0)
    pass(days: 1)
    #expect(try replica.replica.deleteOldPreCAFs() == 1)
  }

  @Test("it is kept for a CAF that is open or came after it, here or by the word of the index")
  func followed() throws {
    let flags: [(status: String, startedDaysAgo: Int, isKept: Bool)] = [
      ("inProgress", 200, true), ("closed", 0, true), ("closed", 1, false),
    ]
    for (status, daysAgo, isKept) in flags {
      let test = try PreCAFTests()
      try test.fillIn()
      try test.replica.put(
        test.child, .index, of: AgencyID(high: 7, low: 7), "cafFlag",
        [
          "declared": GroupValue().setting("status", status)
            .setting("startedOn", test.day.adding(days: -daysAgo))
            .setting("agency", AgencyID(high: 7, low: 7))
        ])
      test.pass(days: 20)
      test.replica.replica.preCAFKeptDays = 20
      #expect(try test.warnings().isEmpty == isKept, "\(status)")
      // What is known counts also when it may not be shown, for want of a lease.
      test.pass(days: 71)
      test.replica.replica.preCAFKeptDays = 90
      #expect(try test.replica.replica.deleteOldPreCAFs() == (isKept ? 0 : 1), "\(status)")
    }
    try fillIn()
    try replica.run("caf-start", ["child": .string(child)])
    pass(days: 1_000)
    #expect(try replica.replica.deleteOldPreCAFs() == 0)
    #expect(try listed() == 1)
  }

  @Test("discarded or removed, it goes though a CAF followed")
  func dropped() throws {
    try fillIn(state: "discarded")
    let removed = try fillIn()
    try fillIn()
    try replica.run("caf-start", ["child": .string(child)])
    try replica.run(
      "record-remove",
      ["child": .string(child), "kind": "preCAF", "record": .string(removed.text)])
    pass(days: 90)
    #expect(try replica.replica.deleteOldPreCAFs() == 0)
    pass(days: 1)
    #expect(try replica.replica.deleteOldPreCAFs() == 2)
    #expect(try listed() == 1)
  }

  @Test("it is said two weeks before, at home and where checklists are written")
  func warned() throws {
    try fillIn()
    let last = try #require(day.adding(days: 90))
    pass(days: 75)
    #expect(try warnings().isEmpty)
    pass(days: 1)
    #expect(try warnings().compactMap { $0["due"]?.stringValue } == [last.text])
    let visitor = try TestVisitor(replica)
    try visitor.open("/")
    #expect(visitor.text.contains("is deleted by itself after \(last.text)"))
    #expect(visitor.page.contains("href=\"/children/\(child)/pre-caf\""))
    try visitor.open("/children/\(child)/pre-caf")
    #expect(visitor.text.contains("nobody has written in it for 90 days"))
    try replica.run("caf-start", ["child": .string(child)])
    #expect(try warnings().isEmpty)
  }
}
