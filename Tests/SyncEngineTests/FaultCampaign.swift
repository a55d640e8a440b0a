import CaseRecords
import ReplicaStore
import SQLite
import SyncEngine
import TestSupport
import Testing

/// One step from one snapshot, over and over: the fault strikes one operation later each time.
struct FaultCampaign {
  let snapshot: FaultSnapshot
  let step: FaultStep
  let machine: Machine
  private let reference: Reference

  /// How it goes without a fault.
  private struct Reference {
    /// What is found after a power cut: at the beginning, and after each synchronisation.
    var states: [StoredState] = []
    /// What everybody reads once all is at rest again.
    var texts: [[String]] = []
  }

  struct Tally {
    var runs = 0
    var struck: [SimulatedDisk.Fault: Int] = [:]
    var transactions = 0
  }

  init(_ snapshot: FaultSnapshot, _ step: FaultStep, on machine: Machine) throws {
    self.snapshot = snapshot
    self.step = step
    self.machine = machine
    var reference = Reference()
    let district = try FaultDistrict(snapshot)
    let disk = district.disk(of: machine)
    var lefts = [disk.after(.dropped)]
    disk.onSynchronised = { [unowned disk] in lefts.append(disk.after(.dropped)) }
    try district.run(step)
    disk.onSynchronised = nil
    try district.settle()
    reference.texts = try Self.texts(in: district)
    district.close()
    for left in lefts {
      let store = try FaultDistrict.store(of: machine, on: left)
      reference.states.append(try StoredState(of: store))
      store.database.close()
      store.vault.close()
    }
    self.reference = reference
  }

  /// How many transactions the step is on this machine.
  var transactionCount: Int {
    zip(reference.states, reference.states.dropFirst()).count { $0 != $1 }
  }

  /// Strikes at operation `place`. False when there is none: the step has survived.
  func strike(_ fault: SimulatedDisk.Fault, at place: Int) throws -> Bool {
    let district = try FaultDistrict(snapshot)
    let disk = district.disk(of: machine)
    let keys = try Self.keys(of: district.store(of: machine))
    var synchronised = 0
    disk.onSynchronised = { synchronised += 1 }
    disk.strike(fault, at: place)
    var failed = false
    do { try district.run(step) } catch { failed = true }
    defer { district.close() }
    guard disk.hasStruck else {
      #expect(!failed, "\(self) failed without a fault")
      return false
    }
    let name = "\(step) on \(machine), \(fault) at \(place)"
    // Half of them go on after the error; what dies, dies in three ways.
    if fault == .crash || place % 2 == 0 {
      try dieAndCompare(district, synchronised, keys, name, seed: UInt64(place))
    } else {
      disk.onSynchronised = nil
      disk.heal()
    }
    try goOn(district, name)
    return true
  }

  private func dieAndCompare(
    _ district: FaultDistrict, _ synchronised: Int, _ keys: [Int64: [UInt8]], _ name: String,
    seed: UInt64
  ) throws {
    let aftermaths: [SimulatedDisk.Aftermath] = [
      .dropped, .processDied, .reordered(seed: seed), .reordered(seed: seed &+ 1_000),
    ]
    let before = reference.states[min(synchronised, reference.states.count - 1)]
    let after = reference.states.dropFirst(synchronised).first { $0 != before }
    // Those that are only looked at: what the disk holds does not change by looking.
    for aftermath in aftermaths {
      let left = district.disk(of: machine).after(aftermath)
      let store = try FaultDistrict.store(of: machine, on: left)
      let state = try StoredState(of: store)
      #expect(state == before || state == after, "\(name), \(aftermath): between two states")
      #expect(try store.database.integrityCheck() == [], "\(name), \(aftermath)")
      store.database.close()
      store.vault.close()
    }
    try district.restart(machine, after: aftermaths[Int(seed / 2 % 4)])
    let store = district.store(of: machine)
    let now = try Self.keys(of: store)
    let rows = Set(try store.compartmentNumbers())
    #expect(Set(now.keys) == rows.union([KeyVault.ownNumber]), "\(name): keys and rows differ")
    for (number, wrapped) in keys where now[number] == nil {
      #expect(!district.disk(of: machine).holds(wrapped), "\(name): key \(number) is still there")
    }
  }

  /// The person, or the line, tries again; then nothing is wrong any more, and nothing is lost.
  private func goOn(_ district: FaultDistrict, _ name: String) throws {
    do {
      try district.run(step)
      try district.settle()
    } catch {
      Issue.record("\(name): cannot go on: \(error)")
      return
    }
    #expect(try Self.texts(in: district) == reference.texts, "\(name): other words at the end")
    for agency in district.agencies.values {
      #expect(try agency.digestMatchesHoldings, "\(name): the digest does not fit")
    }
    let state = try StoredState(of: district.store(of: machine))
    let left = district.disk(of: machine).after(.dropped)
    let store = try FaultDistrict.store(of: machine, on: left)
    #expect(try StoredState(of: store) == state, "\(name): what was committed is lost")
    store.database.close()
    store.vault.close()
  }

  private static func keys(of store: ReplicaStore) throws -> [Int64: [UInt8]] {
    var keys: [Int64: [UInt8]] = [:]
    for number in try store.vault.numbers() { keys[number] = try store.vault.wrapped(number) }
    return keys
  }

  /// What each machine holds of each child, and what a person has to decide about.
  private static func texts(in district: FaultDistrict) throws -> [[String]] {
    try Machine.allCases.flatMap { machine in
      try FaultDistrict.children.indices.map { child in
        let store = district.store(of: machine)
        guard let stored = try store.compartment(district.compartment(child).id) else { return [] }
        return AgencyDevice.texts(of: try store.content(of: stored), group: "text")
      }
    }
  }
}
