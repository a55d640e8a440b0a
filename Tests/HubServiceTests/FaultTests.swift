import HTTPTransport
import Operations
import ReplicaStore
import SQLite
import Testing

@testable import HubService

@Suite struct FaultTests {
  let folder = TemporaryFolder()

  private func core() throws -> HubCore {
    let hub = HubFolder(path: folder.path)
    try hub.initialise()
    return try HubCore(
      folder: hub, configuration: HubConfiguration(folder: folder.path), log: .silent,
      clock: ManualClock())
  }

  private func addAgency(_ name: String, to core: HubCore) throws -> Result<JSON, LocalFailure>? {
    let result = Lock<Result<JSON, LocalFailure>?>(nil)
    let arguments: JSON = ["name": .string(name), "sector": "health", "locality": "Beeston"]
    _ = core.run(
      [
        .operation("agency-add", arguments, who: "a test") { given in result.withLock { $0 = given }
        }
      ],
      onGone: { _ in })
    return result.withLock { $0 }
  }

  private func names(_ core: HubCore) throws -> [String] {
    try core.store.agencies().map(\.name)
  }

  @Test func aFullDiskRefusesTheBatchAndKeepsWhatWasThere() throws {
    let core = try core()
    defer { core.close() }
    #expect(throws: Never.self) { try addAgency("before", to: core)?.get() }
    let journalBytes = core.journal.bytes
    let database = core.store.database
    let pages = try database.first("PRAGMA page_count") { $0.int(0) } ?? 0
    try database.execute("PRAGMA max_page_count = \(pages)")
    // Names that fill the pages there are.
    let filler = String(repeating: "x", count: 190)
    var refused: LocalFailure?
    for number in 0..<500 where refused == nil {
      if case .failure(let failure)? = try addAgency(filler + "\(number)", to: core) {
        refused = failure
      }
    }
    let failure = try #require(refused)
    #expect(failure.exit == .system)
    let kept = try names(core)
    #expect(kept.contains("before"))
    #expect(core.journal.waitingCount == 0)
    #expect(core.journal.bytes > journalBytes)
    let bytes = core.journal.bytes
    #expect(throws: LocalFailure.self) { try addAgency(filler + "again", to: core)?.get() }
    #expect(core.journal.bytes == bytes)
    #expect(try names(core) == kept)
    try database.execute("PRAGMA max_page_count = 1000000")
    #expect(throws: Never.self) { try addAgency("after", to: core)?.get() }
    #expect(try names(core) == kept + ["after"])
  }

  @Test func whatFailsAloneIsUndoneAloneInDatabaseAndJournal() throws {
    let core = try core()
    defer { core.close() }
    try core.store.database.execute(
      """
      CREATE TRIGGER poison BEFORE INSERT ON agencies WHEN new.name = 'poison'
      BEGIN SELECT raise(ABORT, 'poisoned'); END
      """)
    let results = Lock<[String: Bool]>([:])
    _ = core.run(
      ["first", "poison", "last"].map { name in
        .operation(
          "agency-add", ["name": .string(name), "sector": "a", "locality": "b"], who: "a test"
        ) { given in
          results.withLock { $0[name] = (try? given.get()) != nil }
        }
      }, onGone: { _ in })
    #expect(results.withLock { $0 } == ["first": true, "poison": false, "last": true])
    #expect(try names(core) == ["hub", "first", "last"])
    let reports = HubReports(core: core)
    #expect(try reports.journal().arrayValue?.count == 2)
  }
}
