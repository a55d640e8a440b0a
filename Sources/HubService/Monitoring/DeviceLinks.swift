import ReplicaStore

/// How good each device's line is: counted in memory by the hour, and written now and then.
struct DeviceLinks {
  private struct Place: Hashable {
    let device: Int64
    let hour: UInt64
  }

  /// Since the last time it was written.
  private var tallies: [Place: LinkTally] = [:]
  /// The last of every device, written or not.
  private(set) var contacts: [Int64: DeviceContact]
  private var unwritten: Set<Int64> = []
  /// The devices that were last given something: when, by the boot clock, and how many bytes.
  private var given: [Int64: (bootMilliseconds: Int64, bytes: Int)] = [:]
  /// By the boot clock.
  private var nextWrite: Int64

  static let writeMilliseconds: Int64 = 600_000
  static let hourMilliseconds: UInt64 = 3_600_000
  private static let feedTimesMilliseconds: UInt64 = 60 * 86_400_000
  /// Whoever asks later than this after an answer has paused.
  static let roundTripMillisecondsMax: Int64 = 60_000

  init(store: ReplicaStore, bootMilliseconds: Int64) throws {
    contacts = try store.deviceContacts()
    nextWrite = bootMilliseconds + Self.writeMilliseconds
  }

  var isEmpty: Bool { tallies.isEmpty && unwritten.isEmpty }

  /// The device was there, whether it has been answered or waits for news.
  mutating func note(_ visit: DeviceVisit) {
    contacts[visit.device] = visit.contact
    unwritten.insert(visit.device)
  }

  /// A request of a device was there, at that time by the boot clock: what the device was given
  /// before has come to it, been worked on, and led to this.
  mutating func noteArrival(_ account: ExchangeAccount, bootMilliseconds: Int64) {
    guard let visit = account.visit, let given = given.removeValue(forKey: visit.device),
      !visit.wasCut
    else { return }
    let taken = bootMilliseconds - given.bootMilliseconds
    guard (0...Self.roundTripMillisecondsMax).contains(taken) else { return }
    var tally = LinkTally()
    tally.roundTrips = 1
    tally.roundTripMilliseconds = UInt64(taken)
    tally.roundTripBytes = UInt64(given.bytes + account.receivedBytes)
    add(tally, of: visit)
  }

  /// A request of a device has been answered.
  mutating func note(_ account: ExchangeAccount, sentBytes: Int, bootMilliseconds: Int64) {
    guard let visit = account.visit else { return }
    note(visit)
    if account.outcome == .moved { given[visit.device] = (bootMilliseconds, sentBytes) }
    var tally = LinkTally()
    tally.exchanges = 1
    tally.moved = account.outcome == .moved ? 1 : 0
    tally.cut = visit.wasCut ? 1 : 0
    tally.receivedBytes = UInt64(account.receivedBytes)
    tally.sentBytes = UInt64(sentBytes)
    tally.unsent = visit.unsent
    add(tally, of: visit)
  }

  private mutating func add(_ tally: LinkTally, of visit: DeviceVisit) {
    let hour = visit.contact.atMilliseconds / Self.hourMilliseconds
    tallies[Place(device: visit.device, hour: hour), default: LinkTally()].add(tally)
  }

  // MARK: Writing

  func isDue(bootMilliseconds: Int64) -> Bool { bootMilliseconds >= nextWrite && !isEmpty }

  /// Inside a transaction of the caller's; `forgetWritten` follows when it is on the disk.
  func write(to store: ReplicaStore, now: UInt64) throws {
    for (place, tally) in tallies {
      try store.add(tally, toHour: place.hour, of: place.device)
    }
    for device in unwritten {
      if let contact = contacts[device] { try store.save(contact, of: device) }
    }
    let hour = now / Self.hourMilliseconds
    try store.dropLinkHours(
      before: hour - min(hour, ReplicaStore.linkHoursKept), after: hour + 1)
    try store.dropFeedTimes(before: now - min(now, Self.feedTimesMilliseconds))
  }

  mutating func forgetWritten(bootMilliseconds: Int64) {
    tallies = [:]
    unwritten = []
    nextWrite = bootMilliseconds + Self.writeMilliseconds
  }

  // MARK: Reading

  /// The last week by the device's number, hour by hour, what is not written yet among it.
  func week(in store: ReplicaStore, now: UInt64) throws -> [Int64: [UInt64: LinkTally]] {
    let hour = now / Self.hourMilliseconds
    let first = hour - min(hour, ReplicaStore.linkHoursKept - 1)
    var week = try store.linkHours(from: first).mapValues { hours in
      Dictionary(uniqueKeysWithValues: hours.map { ($0.hour, $0.tally) })
    }
    for (place, tally) in tallies where place.hour >= first {
      week[place.device, default: [:]][place.hour, default: LinkTally()].add(tally)
    }
    return week
  }
}
