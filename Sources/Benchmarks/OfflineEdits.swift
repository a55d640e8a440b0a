import CaseRecords
import Causality
import ReplicaStore
import SyncEngine
import SyncProtocol

/// B and E: ten agencies' devices edit the same shared records offline; then all push, all pull,
/// and all hold the same. Each round edits again what the rounds before have left.
struct OfflineEdits {
  static let devices = 10
  let folder: String
  let records: Int
  let edits: Int
  let rounds: Int

  func run(_ report: (Figure) -> Void) throws {
    let hub = try BenchHub(folder: folder + "/offline-hub")
    let agencies = try (0..<Self.devices).map { try hub.agency("Agency \($0)") }
    let replicas = try agencies.enumerated().map { number, agency in
      try BenchReplica(hub, of: agency, folder: folder + "/offline-\(number)")
    }
    let compartments = (0..<records).map { _ in
      BenchRecords.compartment(.development, custodian: agencies[0])
    }
    try share(compartments, by: replicas[0], with: agencies)
    for replica in replicas { try replica.settle() }

    var random = SplitMix(state: 1)
    var merged = MeasuredRounds()
    var received = 0
    var sent = 0
    var valueBytes = 0
    let pushed = Self.devices * edits
    let pulled = pushed * (Self.devices - 1)
    for round in 0..<rounds {
      valueBytes += try edit(compartments, by: replicas, round: round, using: &random)
      let before = replicas.map { ($0.bytesSent, $0.bytesReceived) }
      let watch = Stopwatch()
      for replica in replicas { try replica.settle() }
      // The last has everything; whoever came before pulls the rest.
      for replica in replicas.dropLast() { try replica.settle() }
      let cost = watch.cost
      try check(compartments, replicas)
      sent += zip(replicas, before).reduce(0) { $0 + $1.0.bytesSent - $1.1.0 }
      received += zip(replicas, before).reduce(0) { $0 + $1.0.bytesReceived - $1.1.1 }
      merged.add(
        cost, limit: try limit(bytesPerRow: received / (pulled * (round + 1)), round: round))
    }
    let applied = Double(pushed + pulled)
    merged.figures("offline", "\(pushed) edits merged, pulled by all").forEach(report)
    report(
      Figure(
        "offline", "applied", merged.wallSeconds.map { applied / $0 }, "/s",
        limits: merged.limitSeconds.map { applied / $0 }))
    let value = Double(valueBytes) / Double(pushed * rounds)
    report(
      Figure(
        "offline", "wire per change delivered", [Double(received) / Double(pulled * rounds)], "B",
        limits: [value], "the value"))
    report(
      Figure(
        "offline", "wire per change pushed", [Double(sent) / Double(pushed * rounds)], "B",
        limits: [value], "the value"))
  }

  /// Returns how many bytes were typed.
  private func edit(
    _ compartments: [Compartment], by replicas: [BenchReplica], round: Int,
    using random: inout SplitMix
  ) throws -> Int {
    var bytes = 0
    for (number, replica) in replicas.enumerated() {
      try replica.save(
        (0..<edits).map { edit in
          let record = Int.random(in: 0..<records, using: &random)
          let group = Int.random(in: BenchRecords.groups.indices, using: &random)
          let value = BenchRecords.value(
            (round * replicas.count + number) * edits + edit, group: group)
          bytes += value.count
          let write = Write(
            record: RecordID(high: 1, low: UInt64(record)), kind: "child",
            group: BenchRecords.groups[group].name, value: value)
          return ChangeDraft(to: .existing(compartments[record].id), writes: [write])
        })
    }
    return bytes
  }

  /// One table for each that takes changes in, the same bytes, one transaction each.
  private func limit(bytesPerRow: Int, round: Int) throws -> Cost {
    let pushed = Self.devices * edits
    let path = folder + "/offline-limit-\(round)"
    var cost = try SQLiteLimit.insert(
      rows: pushed, bytesPerRow: bytesPerRow, path: path + "-hub.sqlite")
    for number in 0..<Self.devices {
      cost =
        cost
        + (try SQLiteLimit.insert(
          rows: pushed - edits, bytesPerRow: bytesPerRow, path: path + "-\(number).sqlite"))
    }
    return cost
  }

  private func share(
    _ compartments: [Compartment], by owner: BenchReplica, with agencies: [AgencyID]
  ) throws {
    var random = SplitMix(state: 2)
    for compartment in compartments {
      try owner.engine.addPolicy(
        PolicyEntry(
          id: PolicyID(using: &random), child: compartment.child,
          kind: .grant(
            ConsentTerms(
              scope: ConsentScope(
                purposes: [.store, .share], categories: [.development],
                recipients: .agencies(Set(agencies).union([.hub]))),
              excluded: [], supersedes: [], expiresAtMilliseconds: nil, evidence: nil)),
          madeAtMilliseconds: owner.hub.now, authorAgency: owner.engine.identity.agency,
          author: nil))
    }
    try owner.save(
      compartments.enumerated().map { number, compartment in
        ChangeDraft(to: .creating(compartment), writes: BenchRecords.writes(number))
      })
  }

  private func check(_ compartments: [Compartment], _ replicas: [BenchReplica]) throws {
    for compartment in compartments {
      let hub = try replicas[0].hub.engine.store.compartment(compartment.id)
      for replica in replicas
      where try replica.engine.store.compartment(compartment.id)?.vector != hub?.vector {
        throw BenchFailure("the replicas did not converge")
      }
    }
  }
}

/// A repeatable generator (Steele, Lea and Flood 2014).
struct SplitMix: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var value = state
    value = (value ^ (value >> 30)) &* 0xbf58_476d_1ce4_e5b9
    value = (value ^ (value >> 27)) &* 0x94d0_49bb_1331_11eb
    return value ^ (value >> 31)
  }
}
