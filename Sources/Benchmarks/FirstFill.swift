import CaseRecords
import ReplicaStore
import SyncEngine
import SyncProtocol

/// A: fresh replicas receive every index compartment of the hub until all are durable. Before that,
/// what it takes to save them and to push them the first time; after, to open such a hub again.
struct FirstFill {
  let folder: String
  let records: Int
  let rounds: Int

  func run(_ report: (Figure) -> Void) throws {
    let hub = try BenchHub(folder: folder + "/fill-hub")
    let agency = try hub.agency("School")
    let first = try BenchReplica(hub, of: agency, folder: folder + "/fill-first")
    let drafts = (0..<records).map { number in
      ChangeDraft(
        to: .creating(BenchRecords.compartment(.index, custodian: agency)),
        writes: BenchRecords.writes(number))
    }
    var saved = MeasuredRounds()
    let saving = Stopwatch()
    try first.save(drafts)
    saved.add(saving.cost, limit: try limit("saved", bytesPerRecord: BenchRecords.bytesPerRecord))
    saved.figures("fill", "\(records) entries saved").forEach(report)

    var pushed = MeasuredRounds()
    let pushing = Stopwatch()
    try first.settle()
    let cost = pushing.cost
    let pushedBytes = first.bytesSent / records
    pushed.add(cost, limit: try limit("pushed", bytesPerRecord: pushedBytes))
    pushed.figures("fill", "\(records) entries pushed to the hub").forEach(report)

    var filled = MeasuredRounds()
    var trips = 0
    var bytesPerRecord = 0.0
    for round in 0..<rounds {
      let fresh = try BenchReplica(hub, of: agency, folder: folder + "/fill-\(round)")
      let watch = Stopwatch()
      trips = try fresh.settle()
      try fresh.engine.store.checkpoint()
      let cost = watch.cost
      guard try fresh.engine.store.compartmentCount() == records else {
        throw BenchFailure("the fresh replica lacks compartments")
      }
      bytesPerRecord = Double(fresh.bytesReceived) / Double(records)
      filled.add(cost, limit: try limit("\(round)", bytesPerRecord: Int(bytesPerRecord)))
    }
    filled.figures("fill", "a fresh replica receives \(records)").forEach(report)
    report(
      Figure(
        "fill", "wire per entry received", [bytesPerRecord], "B",
        limits: [Double(BenchRecords.bytesPerRecord)], "the values"))
    report(Figure("fill", "round trips", [Double(trips)], ""))

    let opening = Stopwatch()
    try hub.reopen()
    report(Figure("fill", "such a hub opens, search included", [opening.wallSeconds], "s"))
  }

  private func limit(_ name: String, bytesPerRecord: Int) throws -> Cost {
    try SQLiteLimit.insert(
      rows: records, bytesPerRow: bytesPerRecord, path: folder + "/fill-limit-\(name).sqlite")
  }
}
