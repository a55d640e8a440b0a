import CaseRecords
import Causality
import ReplicaStore
import SQLite
import SyncEngine
import SyncProtocol

/// C: nothing has changed. What does one poll cost?
struct IdleExchange {
  let folder: String
  let rounds: Int

  func run() throws -> [Figure] {
    let pair = try Pair(folder: folder + "/idle")
    let before = (pair.reader.bytesSent, pair.reader.bytesReceived)
    let written = pair.stores.map(\.database.totalChanges)
    let watch = Stopwatch()
    for _ in 0..<rounds { try pair.reader.exchange() }
    let seconds = watch.wallSeconds / Double(rounds)
    let processor = watch.processorSeconds / Double(rounds)
    guard pair.stores.map(\.database.totalChanges) == written else {
      throw BenchFailure("an idle exchange wrote something")
    }
    let bytes =
      pair.reader.bytesSent - before.0 + pair.reader.bytesReceived - before.1
    return [
      Figure("idle exchange", seconds * 1e6, "µs"),
      Figure("idle exchange, processor time of both ends", processor * 1e6, "µs"),
      Figure("idle exchange, wire both ways", Double(bytes) / Double(rounds), "bytes"),
    ]
  }
}

/// D: one edit's way: saved, pushed, and pulled by the other, each durable.
struct OneEdit {
  let folder: String
  let rounds: Int

  func run() throws -> [Figure] {
    let pair = try Pair(folder: folder + "/edit")
    var seconds: [Double] = []
    for round in 0..<rounds {
      let watch = Stopwatch()
      try pair.writer.save([pair.edit(round)])
      try pair.writer.exchange()
      try pair.reader.exchange()
      seconds.append(watch.wallSeconds)
    }
    seconds.sort()
    // Three files take it in: the writer's, the hub's, the reader's.
    let limit =
      3 * (try SQLiteLimit.commit(rounds: rounds, bytesPerRow: 100, path: folder + "/edit.sqlite"))
    return [
      Figure("one edit's way, median", seconds[rounds / 2] * 1e3, "ms", limit: limit * 1e3),
      Figure("one edit's way, 95 %", seconds[rounds * 95 / 100] * 1e3, "ms", limit: limit * 1e3),
    ]
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

  func edit(_ round: Int) -> ChangeDraft {
    let number = round % compartments.count
    return ChangeDraft(
      to: .existing(compartments[number].id),
      writes: [
        Write(
          record: RecordID(high: 1, low: UInt64(number)), kind: "child", group: "note",
          value: BenchRecords.value(round, field: 11))
      ])
  }
}
