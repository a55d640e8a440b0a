import AgencyService
import CaseRecords
import Causality
import Operations
import Testing

@Suite("The search index of a replica")
struct SearchIndexLeaseTests {
  @Test("What was hidden when the index was built is found once it may be shown again")
  func builtWhileLocked() throws {
    let replica = try TestReplica()
    try replica.put(
      "00000000000000000000000000000077", .index, of: AgencyID(high: 7, low: 7), "child",
      ["name": .one("given", "Kit")], record: .child(ChildID(high: 0, low: 0x77)))
    func found() throws -> Int {
      try replica.run("child-find", ["given": "Kit"]).texts("children", "child").count
    }
    let now = replica.clock.wallMilliseconds()
    _ = replica.replica.lease
    // Nobody's records but the agency's own are shown while the clock is known to be wrong.
    replica.clock.setWall(milliseconds: now - 20 * 86_400_000)
    #expect(try found() == 0)
    replica.clock.setWall(milliseconds: now)
    #expect(try found() == 1)
  }
}
