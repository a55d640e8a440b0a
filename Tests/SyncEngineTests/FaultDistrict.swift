import CaseRecords
import Causality
import Cryptography
import Foundation
import ReplicaStore
import SQLite
import SyncEngine
import SyncProtocol
import TestSupport

/// A hub, a school and a health visitor, each on a simulated disk of its own.
enum Machine: CaseIterable { case hub, school, visitor }

/// What people and lines do to them: each step is one transaction or a few, on one or two machines.
enum FaultStep: Hashable {
  case save(Machine, child: Int, text: String)
  case exchange(Machine)
  /// The school shares a child's development with the visitor, or does so no more.
  case share(child: Int)
  case withdrawShare(child: Int)
  /// The family lets nobody but the school keep it, or the hub again too.
  case keep(child: Int)
  case withdrawAll(child: Int)

  /// Whose disk it writes to.
  var machines: [Machine] {
    switch self {
    case .save(let machine, _, _): [machine]
    case .exchange(let machine): [machine, .hub]
    case .share, .withdrawShare, .keep, .withdrawAll: [.school]
    }
  }

  /// What a school and a visitor do in so many rounds: three children in turn, each shared,
  /// written about by both, withdrawn while work about it is unsent, purged, and shared anew.
  static func rounds(_ count: Int) -> [FaultStep] {
    (0..<count).flatMap { round -> [FaultStep] in
      let child = round % 3
      var steps: [FaultStep] = [.keep(child: child), .share(child: child)]
      steps += (0..<2).map { .save(.school, child: child, text: "school \(round).\($0)") }
      steps += [.exchange(.school), .exchange(.visitor)]
      steps += [.save(.visitor, child: child, text: "visitor \(round)")]
      steps += [.exchange(.visitor), .exchange(.school)]
      if round % 2 == 1 {
        steps += [.withdrawShare(child: child), .exchange(.school)]
        steps += [.save(.visitor, child: child, text: "unsent \(round)")]
        steps += [.exchange(.visitor), .exchange(.visitor), .exchange(.visitor)]
      }
      if round % 5 == 4 {
        steps += [.withdrawAll(child: child), .exchange(.school), .exchange(.visitor)]
        steps += [.exchange(.visitor), .exchange(.visitor), .exchange(.school)]
      }
      return steps
    }
  }
}

/// The three as they lie on their disks.
struct FaultSnapshot {
  var disks: [Machine: SimulatedDisk]
  var lines: [JournalLine]
  var now: UInt64
  var seed: UInt64
}

/// The three while they run.
final class FaultDistrict {
  static let secrets = Result {
    HubSecrets(
      certifyingKey: [UInt8](repeating: 9, count: 32), sealing: try SealingKeyPair.generate())
  }
  static let children = (0..<3).map { ChildID(high: 7, low: UInt64($0)) }

  private(set) var disks: [Machine: SimulatedDisk]
  let world: HubWorld
  private(set) var agencies: [Machine: AgencyDevice] = [:]

  /// Everybody joins.
  init() throws {
    disks = Dictionary(uniqueKeysWithValues: Machine.allCases.map { ($0, SimulatedDisk()) })
    world = try HubWorld(
      over: Self.store(of: .hub, on: disks), secrets: Self.secrets.get(), journal: MemoryJournal(),
      random: Seeded(state: 5))
    for machine in [Machine.school, .visitor] {
      agencies[machine] = try AgencyDevice(
        world, of: "\(machine)", store: Self.store(of: machine, on: disks))
    }
  }

  /// Starts all three over copies of their disks.
  init(_ snapshot: FaultSnapshot) throws {
    disks = snapshot.disks.mapValues { $0.copy() }
    let journal = MemoryJournal()
    journal.lines = snapshot.lines
    world = try HubWorld(
      over: Self.store(of: .hub, on: disks), secrets: Self.secrets.get(), journal: journal,
      random: Seeded(state: snapshot.seed))
    world.now = snapshot.now
    for machine in [Machine.school, .visitor] {
      agencies[machine] = try AgencyDevice(
        world, reopening: Self.store(of: machine, on: disks))
    }
  }

  func snapshot() -> FaultSnapshot {
    FaultSnapshot(
      disks: disks.mapValues { $0.copy() }, lines: world.journal.lines, now: world.now,
      seed: world.random.next())
  }

  static func store(of machine: Machine, on disk: SimulatedDisk) throws -> ReplicaStore {
    try ReplicaStore(
      folder: "", role: machine == .hub ? .hub : .agency, master: AgencyDevice.master,
      vfs: disk.name)
  }

  private static func store(
    of machine: Machine, on disks: [Machine: SimulatedDisk]
  ) throws -> ReplicaStore {
    guard let disk = disks[machine] else { throw Unexpected(reply: "no disk") }
    return try store(of: machine, on: disk)
  }

  var school: AgencyDevice { agencies[.school]! }
  var visitor: AgencyDevice { agencies[.visitor]! }
  func disk(of machine: Machine) -> SimulatedDisk { disks[machine]! }
  func store(of machine: Machine) -> ReplicaStore {
    machine == .hub ? world.engine.store : agencies[machine]!.engine.store
  }

  // MARK: Steps

  func compartment(_ child: Int) -> Compartment {
    Compartment(
      id: CompartmentID(high: 8, low: UInt64(child)), child: Self.children[child],
      category: .development, custodian: school.agency)
  }

  func run(_ step: FaultStep) throws {
    world.now += 60_000
    switch step {
    case .save(let machine, let child, let text):
      do { try agencies[machine]!.save(text, in: compartment(child)) } catch is AgencyError {
        // Not shared with the visitor just then: the words are set apart.
      }
    case .exchange(let machine): try agencies[machine]!.step()
    case .share(let child):
      try school.grant(
        [.share], [.development], to: [visitor.agency], child: Self.children[child])
    case .withdrawShare(let child):
      try school.withdraw(
        [.development], from: .agencies([visitor.agency]), child: Self.children[child])
    case .keep(let child):
      try school.grant([.store], [.development], to: [.hub], child: Self.children[child])
    case .withdrawAll(let child):
      try school.withdraw([.development], from: .everyone, child: Self.children[child])
    }
  }

  /// Exchanges until everybody is at rest, as they do once the line and the disks are good again.
  func settle() throws {
    for _ in 0..<2 {
      school.engine.failed()
      visitor.engine.failed()
      try school.sync()
      try visitor.sync()
    }
    try school.sync()
  }

  // MARK: Dying and coming back

  /// The process dies, or its machine, and starts again over what is on the disk.
  func restart(_ machine: Machine, after aftermath: SimulatedDisk.Aftermath) throws {
    let left = kill(machine, aftermath)
    disks[machine] = left
    let store = try Self.store(of: machine, on: left)
    if machine == .hub {
      try world.restart(over: store)
    } else {
      let device = try AgencyDevice(world, reopening: store)
      agencies[machine] = device
      _ = try device.engine.purgeDrained(now: world.now)
    }
  }

  /// What is left on the disk.
  func kill(_ machine: Machine, _ aftermath: SimulatedDisk.Aftermath) -> SimulatedDisk {
    let disk = disk(of: machine)
    disk.stop()
    let left = disk.after(aftermath)
    store(of: machine).database.close()
    store(of: machine).vault.close()
    graveyard.append(disk)
    return left
  }

  /// Statements of the dead may still hold files open.
  private var graveyard: [SimulatedDisk] = []

  func close() {
    for machine in Machine.allCases {
      disk(of: machine).stop()
      store(of: machine).database.close()
      store(of: machine).vault.close()
    }
  }
}
