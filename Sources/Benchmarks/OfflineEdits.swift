import CaseRecords
import Causality
import ReplicaStore
import SyncEngine
import SyncProtocol

/// B and E: ten agencies' devices edit the same shared records offline; then all push, all pull,
/// and all hold the same.
struct OfflineEdits {
  static let devices = 10
  let folder: String
  let records: Int
  let edits: Int

  func run() throws -> [Figure] {
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
    for (number, replica) in replicas.enumerated() {
      try replica.save(
        (0..<edits).map { edit in
          let record = Int.random(in: 0..<records, using: &random)
          let field = Int.random(in: BenchRecords.fields.indices, using: &random)
          let write = Write(
            record: RecordID(high: 1, low: UInt64(record)), kind: "comment",
            group: BenchRecords.fields[field],
            value: BenchRecords.value(number * edits + edit, field: field))
          return ChangeDraft(to: .existing(compartments[record].id), writes: [write])
        })
    }
    let before = replicas.map { ($0.bytesSent, $0.bytesReceived) }
    let watch = Stopwatch()
    for replica in replicas { try replica.settle() }
    // The last has everything; whoever came before pulls the rest.
    for replica in replicas.dropLast() { try replica.settle() }
    let seconds = watch.wallSeconds
    let processor = watch.processorSeconds
    try check(compartments, replicas)
    let received = zip(replicas, before).reduce(0) { $0 + $1.0.bytesReceived - $1.1.1 }
    let sent = zip(replicas, before).reduce(0) { $0 + $1.0.bytesSent - $1.1.0 }
    let pushed = Self.devices * edits
    let pulled = pushed * (Self.devices - 1)
    let bytesPerChange = Double(received) / Double(pulled)
    // One table for each that takes changes in, the same bytes, one transaction each.
    var limit = try SQLiteLimit.insert(
      rows: pushed, bytesPerRow: Int(bytesPerChange), path: folder + "/offline-limit.sqlite")
    for number in 0..<Self.devices {
      limit += try SQLiteLimit.insert(
        rows: pushed - edits, bytesPerRow: Int(bytesPerChange),
        path: folder + "/offline-limit-\(number).sqlite")
    }
    let applied = Double(pushed + pulled)
    return [
      Figure("offline, \(pushed) edits merged and pulled by all", seconds, "s", limit: limit),
      Figure("offline, applied per second", applied / seconds, "/s", limit: applied / limit),
      Figure("offline, processor time of all ends", processor, "s", limit: limit),
      Figure("offline, wire per change delivered", bytesPerChange, "bytes"),
      Figure("offline, wire per change pushed", Double(sent) / Double(pushed), "bytes"),
    ]
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
