import ReplicaStore
import SyncEngine

/// How one device stands, with all that says so.
struct DeviceStanding {
  enum State: String, CaseIterable {
    case inStep
    /// Something waits for it, or at it.
    case behind
    /// No word from it for a day.
    case silent
    /// It has joined, and not been heard since.
    case never
    /// Reported lost. What it has yet to destroy is among the purges that wait.
    case revoked
  }

  static let silentMilliseconds: UInt64 = 86_400_000
  static let dayMilliseconds: UInt64 = 86_400_000
  /// What is behind is counted so far.
  static let behindMax = 10_000

  let device: HubDevice
  let agency: String
  let runs: Int
  let lastContactMilliseconds: UInt64?
  /// It waits at the hub for news: the line is up.
  let isWaiting: Bool
  let unsent: UInt64
  let compartmentsBehind: Int
  let policyBehind: UInt64
  /// Since when the oldest of what it has not been sent waits; nil when nothing does, or it is not
  /// known.
  let behindSinceMilliseconds: UInt64?
  let pendingPurges: Int
  let pendingPurgesSinceMilliseconds: UInt64?
  let contact: DeviceContact?
  let skewMilliseconds: Int64
  let leaseEndsMilliseconds: UInt64?
  /// Whole days until it locks what it has of others; 0 when it has.
  let leaseDaysLeft: UInt64?
  let hours: [UInt64: LinkTally]
  let state: State

  init(
    of device: HubDevice, agency: (name: String, policy: UInt64), runs: [HubIncarnation],
    isWaiting: Bool, pending: (count: Int, sinceMilliseconds: UInt64)?, contact: DeviceContact?,
    hours: [UInt64: LinkTally], leaseDays: UInt64, news: inout FeedNews, now: UInt64
  ) throws {
    self.device = device
    self.agency = agency.name
    self.runs = runs.count
    self.isWaiting = isWaiting
    self.contact = contact
    self.hours = hours
    let last = runs.max { $0.lastContactMilliseconds < $1.lastContactMilliseconds }
    let heard = max(last?.lastContactMilliseconds ?? 0, contact?.atMilliseconds ?? 0)
    let lastContact = isWaiting ? now : heard > 0 ? heard : nil
    lastContactMilliseconds = lastContact
    unsent = last?.unsent ?? 0
    skewMilliseconds = contact?.skewMilliseconds ?? last?.skewMilliseconds ?? 0
    pendingPurges = pending?.count ?? 0
    pendingPurgesSinceMilliseconds = pending?.sinceMilliseconds
    let isRevoked = device.revokedMilliseconds != nil
    let cursor = last?.cursor ?? 0
    let behind = isRevoked ? nil : try news.after(cursor, of: device.agency)
    compartmentsBehind = behind?.count ?? 0
    // Positions carry the hub's epoch above the 32nd bit: one of an earlier epoch tells no number.
    let seen = last?.policySeen ?? 0
    let told = seen >> 32 == agency.policy >> 32 ? seen : (agency.policy >> 32) << 32
    policyBehind = isRevoked ? 0 : agency.policy - min(agency.policy, told)
    behindSinceMilliseconds = behind?.sinceMilliseconds.map {
      max($0, device.enrolledMilliseconds)
    }
    let (lease, isEndless) = leaseDays.multipliedReportingOverflow(by: Self.dayMilliseconds)
    let leaseEnds =
      isEndless || isRevoked
      ? nil : lastContact.map { $0.addingReportingOverflow(lease).partialValue }
    leaseEndsMilliseconds = leaseEnds
    leaseDaysLeft = leaseEnds.map { ($0 - min($0, now)) / Self.dayMilliseconds }
    if isRevoked {
      state = .revoked
    } else if let lastContact {
      if now > lastContact, now - lastContact >= Self.silentMilliseconds {
        state = .silent
      } else {
        let isInStep =
          compartmentsBehind == 0 && policyBehind == 0 && unsent == 0 && pendingPurges == 0
        state = isInStep ? .inStep : .behind
      }
    } else {
      state = .never
    }
  }

  /// What passed in the hours that are kept.
  var week: LinkTally { hours.values.reduce(into: LinkTally()) { $0.add($1) } }

  /// A revoked device that has destroyed everything is nobody's worry.
  var needsAttention: Bool {
    switch state {
    case .inStep: false
    case .behind, .silent, .never: true
    case .revoked: pendingPurges > 0
    }
  }
}

/// What an agency's feed has after a position. Most of its devices have come to its end, and those
/// that have not have often stopped together: neither is counted for each of thousands.
struct FeedNews {
  struct Found {
    let count: Int
    let sinceMilliseconds: UInt64?
  }

  private struct Place: Hashable {
    let agency: Int64
    let cursor: UInt64
  }

  private let store: ReplicaStore
  private var ends: [Int64: UInt64] = [:]
  private var found: [Place: Found] = [:]

  init(in store: ReplicaStore) { self.store = store }

  /// Nil when there is nothing. What is behind is counted up to `DeviceStanding.behindMax`.
  mutating func after(_ cursor: UInt64, of agency: Int64) throws -> Found? {
    let end = try ends[agency] ?? store.feedEnd(of: agency)
    ends[agency] = end
    guard cursor < end else { return nil }
    let place = Place(agency: agency, cursor: cursor)
    if let known = found[place] { return known.count == 0 ? nil : known }
    let count = try store.newsCount(
      of: agency, after: cursor, limit: DeviceStanding.behindMax)
    let news = Found(
      count: count,
      sinceMilliseconds: count == 0 ? nil : try store.newsSince(of: agency, after: cursor))
    found[place] = news
    return count == 0 ? nil : news
  }
}

extension HubReports {
  /// Every device that is wanted, in the order in which they joined.
  func standings(
    of isWanted: (HubDevice) -> Bool = { _ in true }
  ) throws -> [DeviceStanding] {
    let now = core.now
    let runs = Dictionary(grouping: try store.allIncarnations(), by: \.device)
    let pending = try store.pendingRevocations()
    let hours = try core.links.week(in: store, now: now)
    let waiting = core.polls.devices
    let agencies = Dictionary(
      uniqueKeysWithValues: try store.agencies().map {
        ($0.number, (name: $0.name, policy: try store.policyPosition(of: $0.number)))
      })
    var news = FeedNews(in: store)
    return try store.devices().filter(isWanted).map { device in
      try DeviceStanding(
        of: device, agency: agencies[device.agency] ?? (name: "", policy: 0),
        runs: runs[device.number] ?? [], isWaiting: waiting.contains(device.number),
        pending: pending[device.number], contact: core.links.contacts[device.number],
        hours: hours[device.number] ?? [:], leaseDays: core.engine.leaseDays, news: &news,
        now: now)
    }
  }
}
