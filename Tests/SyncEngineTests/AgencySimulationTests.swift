import CaseRecords
import Causality
import ReplicaStore
import SyncEngine
import SyncProtocol
import Testing

/// Devices that crash, are copied, lose requests and replies, while a family changes its mind. What
/// must hold at rest: whoever may hold the compartment has exactly what the hub has; nobody else
/// has it; and every word that anybody typed stands in the record or is set apart.
@Suite("Devices that crash and are copied, while consent comes and goes")
struct AgencySimulationTests {
  /// One run; a failure names its seed.
  private final class Run {
    let world: HubWorld
    let seed: UInt64
    var random: Seeded
    var folders: [TemporaryFolder] = []
    var devices: [AgencyDevice] = []
    let child: ChildID
    let compartment: Compartment
    let visitor: AgencyID
    var withdrawals: Set<PolicyID> = []
    var isShared = true
    var written: Set<String> = []
    var log: [String] = []

    init(seed: UInt64) throws {
      self.seed = seed
      random = Seeded(state: seed)
      world = try HubWorld()
      for name in ["School", "Health visitor", "Health visitor"] {
        let folder = try TemporaryFolder()
        folders.append(folder)
        devices.append(try AgencyDevice(world, of: name, folder: folder.path))
      }
      child = ChildID(using: &random)
      compartment = devices[0].compartment(.development, child: child)
      visitor = devices[1].agency
      try devices[0].grant([.store], [.development], to: [.hub], child: child)
      try devices[0].grant([.share], [.development], to: [visitor], child: child)
      try devices[0].save("begun", in: compartment)
    }

    func below(_ bound: UInt64) -> Int { Int(random.next() % bound) }

    func step(_ number: Int) throws {
      let index = below(UInt64(devices.count))
      let device = devices[index]
      world.now += UInt64(below(10_000))
      device.pageBytes = 512 + below(3_000)
      switch below(20) {
      case 0..<7: try write(device, number)
      case 7..<16:
        let fault = AgencyDevice.Fault.allCases[below(5) < 3 ? 0 : 1 + below(2)]
        try device.step(fault)
        log.append(
          "\(number) exchange \(index) \(fault) \(device.outcomes.last.map { "\($0.kind)" } ?? "")")
      case 16: try restart(index, number)
      case 17 where devices.count < 6: try copy(index, number)
      case 18 where below(3) == 0: try changeMind(number)
      default: break
      }
    }

    private func write(_ device: AgencyDevice, _ number: Int) throws {
      guard try device.engine.store.compartment(compartment.id) != nil else { return }
      let text = "text \(number)"
      do {
        try device.save(text, in: compartment, group: "g\(below(4))", seen: VersionVector())
        log.append("\(number) write")
      } catch is AgencyError {
        log.append("\(number) write refused")
      }
      written.insert(text)
    }

    private func restart(_ index: Int, _ number: Int) throws {
      let device = devices[index]
      // In the middle of an exchange, as often as not.
      if below(2) == 0 {
        let request = try device.engine.nextRequest(now: world.now, pageBytes: device.pageBytes)
        _ = try world.exchange(request, from: device.id)
      }
      devices[index] = try AgencyDevice(
        world, reopening: AgencyDevice.makeStore(folder: folders[index].path))
      log.append("\(number) restart \(index)")
    }

    private func copy(_ index: Int, _ number: Int) throws {
      let folder = try folders[index].copy()
      folders.append(folder)
      devices.append(
        try AgencyDevice(world, reopening: AgencyDevice.makeStore(folder: folder.path)))
      log.append("\(number) copy \(index) as \(devices.count - 1)")
    }

    private func changeMind(_ number: Int) throws {
      if isShared {
        withdrawals.insert(
          try devices[0].withdraw([.development], from: .agencies([visitor]), child: child).id)
      } else {
        try devices[0].grant(
          [.share], [.development], to: [visitor], child: child, supersedes: withdrawals)
      }
      isShared.toggle()
      log.append("\(number) shared: \(isShared)")
    }

    /// Everybody exchanges until nothing is left to do.
    func rest() throws {
      for _ in 0..<4 {
        for device in devices {
          device.pageBytes = SyncLimits.pageBytesDefault
          try device.sync()
        }
      }
    }

    func check() throws {
      let hub = world.engine.store
      let atHub = try #require(try hub.compartment(compartment.id))
      let content = try hub.content(of: atHub)
      var found: Set<String> = []
      for group in 0..<4 {
        found.formUnion(AgencyDevice.texts(of: content, group: "g\(group)"))
      }
      for work in try hub.hubQuarantine() {
        found.formUnion(work.change.writes.compactMap { AgencyDevice.text($0.value) })
      }
      for (index, device) in devices.enumerated() {
        for work in try device.engine.store.quarantinedWork() {
          found.formUnion(work.change.writes.compactMap { AgencyDevice.text($0.value) })
        }
        let name = "seed \(seed), device \(index)"
        #expect(try device.engine.unsentCount == 0, "\(name)")
        #expect(try device.digestMatchesHoldings, "\(name)")
        let here = try device.engine.store.compartment(compartment.id)
        guard isShared || device.agency != visitor else {
          #expect(here == nil, "\(name)")
          continue
        }
        let held = try #require(here, "\(name)")
        #expect(held.vector == atHub.vector, "\(name)")
        #expect(try device.engine.store.content(of: held) == content, "\(name)")
      }
      #expect(written.subtracting(found).isEmpty, "seed \(seed)")
    }
  }

  @Test("at rest all agree, nobody else holds anything, and no word is lost")
  func converges() throws {
    for seed in 1...6 as ClosedRange<UInt64> {
      let run = try Run(seed: seed)
      do {
        for number in 0..<90 { try run.step(number) }
        try run.rest()
        try run.check()
      } catch {
        Issue.record("seed \(seed): \(error)\n\(run.log.suffix(40).joined(separator: "\n"))")
      }
    }
  }
}
