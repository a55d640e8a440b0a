import CaseRecords
import ReplicaStore
import SyncEngine
import SyncProtocol

/// A: a fresh replica receives every index compartment of the hub until all are durable.
struct FirstFill {
  let folder: String
  let records: Int

  func run() throws -> [Figure] {
    let hub = try BenchHub(folder: folder + "/fill-hub")
    let agency = try hub.agency("School")
    let first = try BenchReplica(hub, of: agency, folder: folder + "/fill-first")
    let drafts = (0..<records).map { number in
      ChangeDraft(
        to: .creating(BenchRecords.compartment(.index, custodian: agency)),
        writes: BenchRecords.writes(number))
    }
    let saving = Stopwatch()
    try first.save(drafts)
    let savingSeconds = saving.wallSeconds
    let pushing = Stopwatch()
    try first.settle()
    let pushSeconds = pushing.wallSeconds

    let second = try BenchReplica(hub, of: agency, folder: folder + "/fill-second")
    let watch = Stopwatch()
    let trips = try second.settle()
    try second.engine.store.checkpoint()
    let seconds = watch.wallSeconds
    let processor = watch.processorSeconds
    guard try second.engine.store.compartmentCount() == records else {
      throw BenchFailure("the fresh replica lacks compartments")
    }
    let bytesPerRecord = Double(second.bytesReceived) / Double(records)
    let limit = try SQLiteLimit.insert(
      rows: records, bytesPerRow: Int(bytesPerRecord), path: folder + "/fill-limit.sqlite")
    return [
      Figure("fill, \(records) saved", savingSeconds, "s", limit: limit),
      Figure("fill, \(records) pushed", pushSeconds, "s", limit: limit),
      Figure("fill, \(records) received by a fresh replica", seconds, "s", limit: limit),
      Figure("fill, processor time of both ends", processor, "s", limit: limit),
      Figure("fill, wire per record", bytesPerRecord, "bytes"),
      Figure("fill, round trips", Double(trips), "trips"),
    ]
  }
}
