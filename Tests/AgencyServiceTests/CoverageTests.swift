import AgencyService
import CaseRecords
import Causality
import Cryptography
import Operations
import ReplicaStore
import SyncEngine
import SyncProtocol
import Testing

@Suite("How complete the index is")
struct CoverageTests {
  private let day: UInt64 = 86_400_000

  /// The hub's answer to the latest enquiry, as it arrives.
  private func answer(
    _ replica: TestReplica, reporting: Int, asOf: UInt64, expires: UInt64
  ) throws {
    let engine = replica.replica.engine
    try replica.run("check", ["given": "Kit", "family": "Canary", "consent": "form 12"])
    let desk = try #require(
      try engine.store.compartments(in: .desk).max { $0.number < $1.number })
    var random = SecureRandom()
    let value = GroupValue().setting("enquiry", RecordID(using: &random))
      .setting("outcome", "noEntry").setting("agenciesReporting", count: reporting)
      .setting("agenciesTotal", count: 17).setting("oldestSyncAgencyName", "Portage")
      .setting("oldestSyncDays", count: 9).setting("asOf", instant: asOf)
      .setting("expires", instant: expires)
    _ = try engine.write(
      to: desk.id,
      writes: [
        Write(
          record: RecordID(using: &random), kind: "enquiryAnswer", group: "answer",
          value: value.encoded())
      ], author: nil, now: UInt64(replica.clock.wallMilliseconds()))
    try replica.replica.invalidate(changed: [desk.id])
  }

  @Test("It is said by the newest answer that has not run out, and else said to be not known")
  func newest() throws {
    let replica = try TestReplica()
    let child = try replica.child()
    let now = UInt64(replica.clock.wallMilliseconds())
    func coverage() throws -> JSON {
      try #require(try replica.run("child-show", ["child": .string(child)])["coverage"])
    }
    #expect(try coverage()["isKnown"] == false)
    #expect(try coverage()["sentence"]?.stringValue?.contains("is not known here") == true)
    try answer(replica, reporting: 13, asOf: now - day, expires: now + 1)
    let known = try coverage()
    #expect(
      known["sentence"]
        == "13 of 17 agencies reporting; oldest sync: Portage, 9 days. As of 2025-11-23 16:00 UTC.")
    #expect(known["agenciesReporting"] == 13 && known["oldestSyncDays"] == 9)
    try answer(replica, reporting: 12, asOf: now - 2 * day, expires: now + 9 * day)
    #expect(try coverage()["agenciesReporting"] == 13)
    try answer(replica, reporting: 15, asOf: now, expires: now + 2)
    #expect(try coverage()["agenciesReporting"] == 15)
    replica.clock.advance(milliseconds: 1)
    #expect(try coverage()["isKnown"] == true)
    replica.clock.advance(milliseconds: 1)
    #expect(try coverage()["isKnown"] == false)
  }
}
