import CaseRecords
import Causality
import ReplicaStore
import SyncEngine
import SyncProtocol

/// One running replica. A clone is another one with the same identity.
final class SimulatedDevice {
  let number: Int
  /// The agency's place in the world.
  let agency: Int
  let disk: Disk
  private(set) var engine: AgencyEngine
  private var seed: UInt64
  /// An old copy of the disk, and what is known over that.
  private var kept:
    (
      disk: Disk, known: [CompartmentID: Set<Int>], heardRestores: Int,
      startedOver: (at: Int, heard: Int)?
    )?

  /// What this device's clock shows beyond the true time, in milliseconds.
  var clockOffset: Int64 = 0
  private(set) var bootedAt: UInt64
  var isAway = false
  var losesRequests = false
  var losesReplies = false
  /// The operator has been told that it is lost.
  var isReportedLost = false
  var pageBytes = 1 << 16
  /// True time of the last answer; the clock has not been set since.
  var answeredAt: UInt64
  var hasClockMoved = false
  /// How often the hub had been restored when a reply of whatever kind was last heard.
  var heardRestores = 0
  /// As a copy, before the recovery after this restore, having heard of that one.
  var startedOver: (at: Int, heard: Int)?
  /// It has sent something else than it had to send, or heard what it had given up: it may pass for
  /// a copy, until it has started over.
  var hasStrayed = false
  /// What it listed by mistake, in place of what it has.
  var claimed: (holding: Holding, wider: Holding)?
  /// The last reply said that the hub was restored; nothing else was heard since.
  var isGivingBack = false
  /// Since then, in one request or several.
  var ordersShown: Set<CompartmentID> = []
  /// Of work that was set apart, as this disk knows.
  var voidActors: Set<Actor> = []
  /// Words that have been shown here, by compartment: what a person may know.
  var known: [CompartmentID: Set<Int>] = [:]
  /// Forms that are open: what their authors saw.
  var forms: [CompartmentID: (vector: VersionVector, known: Set<Int>)] = [:]

  var store: ReplicaStore { engine.store }
  var name: String { "d\(number)" }

  init(number: Int, agency: Int, disk: Disk, seed: UInt64, now: UInt64) throws {
    self.number = number
    self.agency = agency
    self.disk = disk
    self.seed = seed
    bootedAt = now
    answeredAt = now
    engine = try AgencyEngine(
      store: disk.open(master: Disk.master), random: SimulationRandom(seed: seed))
    lookAtClocks(now)
  }

  func wall(_ now: UInt64) -> UInt64 { UInt64(clamping: Int64(now) + clockOffset) }
  func boot(_ now: UInt64) -> UInt64 { now - bootedAt }

  func crash(afterCommits count: Int) { disk.crash(afterCommits: count) }

  /// Starts again over what is on the disk, and finishes what was cut off.
  func restart(now: UInt64, isLocked: Bool = false) throws {
    seed &+= 1
    bootedAt = now
    forms = [:]
    isGivingBack = false
    engine = try AgencyEngine(
      store: disk.open(master: isLocked ? nil : Disk.master),
      random: SimulationRandom(seed: seed))
    _ = try engine.purgeDrained(now: wall(now))
    lookAtClocks(now)
  }

  /// As the daemon does all the time: how far the clock may be trusted is seen against the time
  /// since boot.
  func lookAtClocks(_ now: UInt64) { _ = engine.leaseState(wall: wall(now), boot: boot(now)) }

  func keepCopy() throws {
    kept = (try disk.copy(), known, heardRestores, startedOver)
  }

  /// False when there is none.
  func restore(now: UInt64) throws -> Bool {
    guard let kept else { return false }
    try disk.become(kept.disk)
    known = kept.known
    heardRestores = kept.heardRestores
    startedOver = kept.startedOver
    voidActors = []
    try restart(now: now)
    return true
  }

  func clone(number: Int, seed: UInt64, now: UInt64) throws -> SimulatedDevice {
    let twin = try SimulatedDevice(
      number: number, agency: agency, disk: disk.copy(), seed: seed, now: now)
    twin.known = known
    twin.clockOffset = clockOffset
    twin.answeredAt = answeredAt
    twin.heardRestores = heardRestores
    twin.startedOver = startedOver
    twin.hasClockMoved = true
    twin.isReportedLost = isReportedLost
    return twin
  }

  /// Runs what may meet the end of the power. Nil: it did, and the device has been started again.
  func survive<T>(now: UInt64, _ body: () throws -> T) throws -> T? {
    do {
      return try body()
    } catch {
      guard disk.isDead else { throw error }
      try restart(now: now, isLocked: engine.isLocked)
      return nil
    }
  }
}
