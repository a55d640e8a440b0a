import CaseRecords
import Causality
import Cryptography
import ReplicaStore
import SyncEngine
import SyncProtocol

/// A message that was held up on the line.
struct LateMessage {
  let device: Int
  let request: ExchangeRequest
  let bytes: [UInt8]
  /// Nil: the hub has not had the request yet.
  var reply: [UInt8]?
  /// Whether the device hears the reply in the end.
  let isHeard: Bool
  var restores = 0
}

/// Seen by a hub that has not started again since.
struct ShownToken: Hashable {
  let count: UInt64
  let restores: Int
  let start: Int
}

/// That a device has shown to a hub which may have forgotten it.
struct ShownOrder: Hashable {
  let agency: AgencyID
  let compartment: CompartmentID
  let restores: Int
}

/// By what the oracle's answers can change, apart from the time.
struct HubMark: Hashable {
  let disk: DiskMark
  let restores: Int
  let acknowledged: Int
  let recorded: Int
  let minters: Int
}

/// What the oracle has gathered while nothing has changed.
struct PolicyKnown {
  struct Question: Hashable {
    let child: ChildID
    let custodian: AgencyID
  }

  let mark: HubMark?
  let entries: [PolicyEntry]
  let aliases: Aliases
  var roles: [Question: CaseRoles] = [:]
  private var about: [[ChildID]: [PolicyEntry]] = [:]

  init(mark: HubMark?, entries: [PolicyEntry]) {
    self.mark = mark
    self.entries = entries
    aliases = Aliases(entries)
  }

  /// Those about a child under these identifiers, and those about whole agencies.
  mutating func entries(about members: [ChildID]) -> [PolicyEntry] {
    if let known = about[members] { return known }
    let found = entries.filter { $0.child.map(members.contains) ?? true }
    about[members] = found
    return found
  }
}

/// The district at one moment, with its witnesses.
final class World {
  static let agencyNames = ["School", "Health visitor", "Youth team", "Clinic", "Housing"]
  private static let sensitiveName = "Clinic"
  static let categories: [CaseRecords.Category] = [
    .development, .index, .plan, .health, .whereabouts, .sensitive, .private,
  ]
  static let start: UInt64 = 1_700_000_000_000
  static let day: UInt64 = 86_400_000

  let hub: SimulatedHub
  private(set) var agencies: [AgencyID] = []
  private(set) var sensitiveServices: Set<AgencyID> = []
  var devices: [SimulatedDevice] = []
  let children: [ChildID]
  var now = World.start
  var random: SimulationRandom
  var late: [LateMessage] = []
  var tally = Tally()
  var trace = Trace()

  /// Several exchanges are one transaction: what holds at its end need not have held in each.
  var isBatch = false
  /// The request that is being answered was held up: its device has gone on since.
  var isLate = false
  /// The hub was restored without its journal.
  var isJournalLost = false
  /// Where this is one of two worlds.
  var observation: TwoWorlds.Observation?

  // Witnesses
  var registry = ChangeRegistry()
  var ledger = WordLedger()
  var readings: [Int: ReplicaReading] = [:]
  /// Every entry that anybody recorded.
  var recorded: [PolicyID: PolicyEntry] = [:]
  /// Those that the hub has said it has taken.
  var acknowledged: Set<PolicyID> = []
  /// The same, whatever a restored hub has forgotten since.
  var everAcknowledged: Set<PolicyID> = []
  /// Those that it had in its journal when it died over them: nobody has been told so.
  var journalled: Set<PolicyID> = []
  /// What the hub had taken by then.
  var ordersShown: [ShownOrder: Set<PolicyID>] = [:]
  /// Those that it has refused.
  var refused: Set<PolicyID> = []
  /// Whose device mints under an actor.
  var minters: [Actor: Int] = [:]
  /// Which run of a device sends under an actor.
  var runs: [Actor: IncarnationID] = [:]
  /// Actors of which something was set apart, or was sent by a program with a mistake.
  var unfit: Set<Actor> = []
  var lastSequence: Int64 = 0
  /// Of which a run has listed something else than the hub had on its books: the state is due.
  var owed: [IncarnationID: [CompartmentID: VersionVector]] = [:]
  /// The same when the hub was backed up: one that is restored has heard no list since.
  var owedAtBackup: [IncarnationID: [CompartmentID: VersionVector]] = [:]
  /// Devices of which there is, or was, more than one disk.
  var copied: Set<DeviceID> = []
  /// The last token that each run has shown.
  var shownTokens: [IncarnationID: ShownToken] = [:]
  /// Decisions that the hub had taken when who may hold what was last looked at.
  var entitlementsSeen = 0
  var erasedSeen: Set<CompartmentID> = []
  var policySeen: [Int: UInt64] = [:]
  var compartments: [CompartmentID: Compartment] = [:]
  var quarantineRead: (count: Int64, words: Set<Int>) = (0, [])

  // What has not changed since it was looked at is not read again.
  var looks: [Int: DiskMark] = [:]
  var hubLook: HubMark?
  var policyKnown = PolicyKnown(mark: nil, entries: [])
  /// Content that roles were read from, by the compartment's number and under its seal.
  var opened: [Int64: (sealed: [UInt8], content: CompartmentContent)] = [:]

  init(seed: UInt64, agencyCount: Int, deviceAgencies: [Int], templates: Templates) throws {
    random = SimulationRandom(seed: seed ^ 0xCAF5_CAF5)
    children = [ChildID(using: &random), ChildID(using: &random), ChildID(using: &random)]
    hub = try SimulatedHub(disk: templates.make(.hub), seed: random.next(), now: now)
    try addAgencies(agencyCount)
    for agency in deviceAgencies { try addDevice(agency, templates) }
  }

  private func addAgencies(_ count: Int) throws {
    let made = try hub.commit(now: now) {
      try Self.agencyNames.prefix(count).map { name in
        try hub.engine.addAgency(
          name: name, sector: "education", locality: "Batley",
          isSensitive: name == Self.sensitiveName, now: now
        ).id
      }
    }
    agencies = made ?? []
    sensitiveServices = Set(
      zip(Self.agencyNames, agencies).filter { $0.0 == Self.sensitiveName }.map(\.1))
    _ = try hub.commit(now: now) { try hub.engine.publishAgencies(now: now) }
  }

  private func addDevice(_ agency: Int, _ templates: Templates) throws {
    let id = DeviceID(using: &random)
    let secret = (0..<32).map { _ in UInt8(truncatingIfNeeded: random.next()) }
    _ = try hub.commit(now: now) {
      guard let row = try hub.store.agency(agencies[agency]) else { return }
      let code = try hub.engine.makeCode(for: row, validMilliseconds: 60_000, now: now)
      _ = try hub.engine.enrol(
        EnrolmentRequest(code: code, device: id, deviceName: "laptop", secret: secret), now: now)
    }
    let disk = try templates.make(.agency)
    try AgencyEngine.enrol(
      disk.open(master: Disk.master),
      as: AgencyIdentity(
        device: id, secret: secret, agency: agencies[agency],
        agencyName: Self.agencyNames[agency], hubPublicKey: hub.publicKey,
        isSensitive: sensitiveServices.contains(agencies[agency])),
      epoch: try hub.engine.epoch, leaseDays: SimulatedHub.leaseDays, now: now, random: &random)
    devices.append(
      try SimulatedDevice(
        number: devices.count, agency: agency, disk: disk, seed: random.next(), now: now))
  }

  func device(_ number: Int) -> SimulatedDevice { devices[Self.place(number, in: devices.count)] }

  static func place(_ number: Int, in count: Int) -> Int {
    number < 0 ? max(count + number, 0) : number % count
  }

  /// Empty databases with their tables, copied instead of made anew, and those of districts that
  /// have been played. One set for each thread.
  final class Templates {
    /// More than a district begins with; copies that were made in it would heap up otherwise.
    private static let usedMax = 8

    private let models: [StoreRole: Disk]
    private var used: [StoreRole: [Disk]] = [:]

    init() throws {
      models = try Dictionary(
        uniqueKeysWithValues: [StoreRole.hub, .agency].map { role in
          let disk = try Disk(role: role, copyOf: nil)
          _ = try disk.open(master: Disk.master)
          return (role, disk)
        })
    }

    func make(_ role: StoreRole) throws -> Disk {
      guard let model = models[role] else { preconditionFailure("there is a model for each role") }
      guard let disk = used[role]?.popLast() else { return try model.copy() }
      try disk.become(model)
      return disk
    }

    /// Of a district that is over.
    func takeBack(_ world: World) {
      for disk in [world.hub.disk] + world.devices.map(\.disk)
      where used[disk.role, default: []].count < Self.usedMax {
        used[disk.role, default: []].append(disk)
      }
    }
  }
}

/// What happened, as a digest and its last lines.
struct Trace {
  /// Otherwise nothing is kept: what happened can be played again from the seed.
  var isKept = true
  private(set) var lines: [String] = []
  private(set) var digest = [UInt8](repeating: 0, count: 32)

  mutating func note(_ made: @autoclosure () -> String) {
    guard isKept else { return }
    let line = made()
    lines.append(line)
    digest = sha256(digest + Array(line.utf8))
  }

  /// Bytes of the wire.
  mutating func note(_ bytes: [UInt8]) {
    if isKept { digest = sha256(digest + sha256(bytes)) }
  }
}
