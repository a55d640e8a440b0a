import CaseRecords
import Causality
import ReplicaStore
import SQLite
import SyncEngine
import SyncProtocol

/// C: nothing has changed. What does one poll cost?
struct IdleExchange {
  let folder: String
  let polls: Int
  let rounds: Int

  func run(_ report: (Figure) -> Void) throws {
    let pair = try Pair(folder: folder + "/idle")
    var costs: [Cost] = []
    var limits: [Cost] = []
    var bytes = 0
    let written = pair.stores.map(\.database.totalChanges)
    for round in 0..<rounds {
      let before = pair.reader.bytesSent + pair.reader.bytesReceived
      let watch = Stopwatch()
      for _ in 0..<polls { try pair.reader.exchange() }
      costs.append(watch.cost)
      bytes = pair.reader.bytesSent + pair.reader.bytesReceived - before
      // The hub has to look up at least who asks, and how far it is.
      let read = try SQLiteLimit.read(
        rounds: polls, bytesPerRow: 100, path: folder + "/idle-limit-\(round).sqlite")
      limits.append(read + read)
    }
    let rows = zip(pair.stores.map(\.database.totalChanges), written).reduce(0) { $0 + $1.0 - $1.1 }
    guard rows == 0 else { throw BenchFailure("an idle exchange wrote something") }
    func each(_ seconds: Double) -> Double { seconds / Double(polls) * 1e6 }
    report(
      Figure(
        "idle", "an idle exchange, both ends", costs.map { each($0.wallSeconds) }, "µs",
        limits: limits.map { $0.wallSeconds * 1e6 }, "two reads"))
    report(
      Figure(
        "idle", "an idle exchange: processor", costs.map { each($0.processorSeconds) }, "µs",
        limits: limits.map { $0.processorSeconds * 1e6 }, "two reads"))
    report(Figure("idle", "body both ways", [Double(bytes) / Double(polls)], "B"))
    report(Figure("idle", "rows written, both ends", [Double(rows)], ""))
  }
}

/// D: one edit's way: saved, pushed, and pulled by the other, each durable. Without the line; with
/// it see the command's `hop`.
struct OneEdit {
  let folder: String
  let edits: Int
  let rounds: Int

  func run(_ report: (Figure) -> Void) throws {
    let pair = try Pair(folder: folder + "/edit")
    var medians: [Double] = []
    var tails: [Double] = []
    var processor: [Double] = []
    var limits: [Cost] = []
    for round in 0..<rounds {
      var seconds: [Double] = []
      let whole = Stopwatch()
      for edit in 0..<edits {
        let watch = Stopwatch()
        try pair.writer.save([pair.edit(round * edits + edit)])
        try pair.writer.exchange()
        try pair.reader.exchange()
        seconds.append(watch.wallSeconds * 1e3)
      }
      processor.append(whole.processorSeconds / Double(edits) * 1e3)
      medians.append(seconds.median)
      tails.append(seconds.quantile(0.95))
      // Three files take it in: the writer's, the hub's, the reader's.
      let commit = try SQLiteLimit.commit(
        rounds: edits, bytesPerRow: 100, path: folder + "/edit-limit-\(round).sqlite")
      limits.append(commit + commit + commit)
    }
    let wall = limits.map { $0.wallSeconds * 1e3 }
    report(
      Figure("edit", "saved to received, median", medians, "ms", limits: wall, "three commits"))
    report(Figure("edit", "saved to received, 95 %", tails, "ms", limits: wall, "three commits"))
    report(
      Figure(
        "edit", "saved to received: processor", processor, "ms",
        limits: limits.map { $0.processorSeconds * 1e3 }, "three commits"))
  }
}

/// A hub and two devices of an agency, with a hundred records.
private struct Pair {
  let hub: BenchHub
  let writer: BenchReplica
  let reader: BenchReplica
  let compartments: [Compartment]

  var stores: [ReplicaStore] { [hub.engine.store, writer.engine.store, reader.engine.store] }

  init(folder: String) throws {
    let hub = try BenchHub(folder: folder + "-hub")
    let agency = try hub.agency("School")
    self.hub = hub
    writer = try BenchReplica(hub, of: agency, folder: folder + "-writer")
    reader = try BenchReplica(hub, of: agency, folder: folder + "-reader")
    compartments = (0..<100).map { _ in
      BenchRecords.compartment(.index, custodian: agency)
    }
    try writer.save(
      compartments.enumerated().map { number, compartment in
        ChangeDraft(to: .creating(compartment), writes: BenchRecords.writes(number))
      })
    for replica in [writer, reader, writer, reader] { try replica.settle() }
  }

  func edit(_ number: Int) -> ChangeDraft {
    let compartment = number % compartments.count
    return ChangeDraft(
      to: .existing(compartments[compartment].id),
      writes: [
        Write(
          record: RecordID(high: 1, low: UInt64(compartment)), kind: "child", group: "school",
          value: BenchRecords.value(number, group: 9))
      ])
  }
}
