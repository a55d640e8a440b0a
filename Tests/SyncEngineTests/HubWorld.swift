import CBOR
import CaseRecords
import Causality
import Cryptography
import ReplicaStore
import SQLite
import SyncEngine
import SyncProtocol
import Testing

/// A hub in memory, and devices that are spoken for by hand: each keeps just what the protocol says
/// it must, so that a test can also lie.
final class HubWorld {
  var now: UInt64 = 1_700_000_000_000
  var random = Seeded(state: 7)
  let journal: MemoryJournal
  private(set) var engine: HubEngine
  let secrets: HubSecrets
  private var disk: HubDisk

  init() throws {
    journal = MemoryJournal()
    secrets = HubSecrets(
      certifyingKey: [UInt8](repeating: 9, count: 32), sealing: try SealingKeyPair.generate())
    disk = try HubDisk()
    engine = try disk.engine(secrets: secrets, journal: journal)
  }

  /// A hub whose files are elsewhere; `backup` and `restore` are not for it.
  init(
    over store: ReplicaStore, secrets: HubSecrets, journal: MemoryJournal, random: Seeded
  ) throws {
    self.journal = journal
    self.secrets = secrets
    self.random = random
    disk = try HubDisk()
    engine = try Self.engine(over: store, secrets: secrets, journal: journal, seed: random.state)
  }

  /// The hub's process has died, and starts again over its files.
  func restart(over store: ReplicaStore) throws {
    engine = try Self.engine(
      over: store, secrets: secrets, journal: journal, seed: random.next())
    try engine.store.transaction {
      for line in journal.lines { try engine.replay(line, now: now) }
    }
  }

  private static func engine(
    over store: ReplicaStore, secrets: HubSecrets, journal: MemoryJournal, seed: UInt64
  ) throws -> HubEngine {
    try HubEngine(
      store: store, secrets: secrets, journal: journal, leaseDays: 30, random: Seeded(state: seed))
  }

  /// Another hub with the same secrets, that has nothing yet.
  static func makeEngine(secrets: HubSecrets, journal: MemoryJournal) throws -> HubEngine {
    try HubDisk().engine(secrets: secrets, journal: journal)
  }

  /// The hub's database and keys as they are now.
  func backup() throws -> HubDisk { try disk.copy() }

  /// Puts a backup in their place, and does not tell the hub that it is one.
  func putBack(_ backup: HubDisk) throws {
    disk = backup
    engine = try disk.engine(secrets: secrets, journal: journal)
  }

  /// Puts a backup in their place.
  func restore(
    _ backup: HubDisk, epoch: UInt64 = 2, isJournalComplete: Bool = true
  ) throws {
    try putBack(backup)
    try engine.store.transaction {
      for line in journal.lines { try engine.replay(line, now: now) }
      try engine.beginRecovery(epoch: epoch, isJournalComplete: isJournalComplete, now: now)
    }
  }

  func device(of name: String, sensitive: Bool = false) throws -> HandDevice {
    try engine.store.transaction {
      let agency =
        try engine.store.agency(named: name)
        ?? engine.addAgency(
          name: name, sector: "school", locality: "Batley", isSensitive: sensitive, now: now)
      let code = try engine.makeCode(for: agency, validMilliseconds: 60_000, now: now)
      let device = HandDevice(
        world: self, agency: agency.id, id: DeviceID(using: &random),
        incarnation: IncarnationID(using: &random))
      let reply = try engine.enrol(
        EnrolmentRequest(
          code: code, device: device.id, deviceName: "laptop",
          secret: [UInt8](repeating: 3, count: 32)), now: now)
      guard case .enrolled = reply else { throw Unexpected(reply: "\(reply)") }
      return device
    }
  }

  /// What the hub's operator records: of agreements with agencies, or of a child.
  @discardableResult
  func operatorRecords(_ kind: PolicyKind, of child: ChildID? = nil) throws -> PolicyEntry {
    try engine.store.transaction {
      let own = try #require(try engine.store.agency(AgencyID.hub))
      let entry = PolicyEntry(
        id: PolicyID(using: &random), child: child, kind: kind, madeAtMilliseconds: now,
        authorAgency: .hub, author: nil)
      try engine.commit(policy: entry, from: own, now: now)
      return entry
    }
  }

  func exchange(_ request: ExchangeRequest, from device: DeviceID) throws -> ExchangeReply {
    // Over the wire, so that the codec takes part.
    let sent = try ExchangeRequest(encoded: request.encoded())
    let reply: HubReply
    do {
      reply = try engine.store.transaction {
        try engine.expire(now: now)
        guard let row = try engine.store.device(device) else {
          throw Unexpected(reply: "no device")
        }
        return try engine.exchange(sent, from: row, now: now)
      }
    } catch {
      try engine.forgetTransaction()
      throw error
    }
    try engine.purgeHubCopies()
    return try ExchangeReply(encoded: reply.reply.encoded(page: reply.page))
  }
}

/// A hub's two files, in memory.
struct HubDisk {
  let database: Database
  let keys: Database
  private static let master = SymmetricKey(bytes: [UInt8](repeating: 2, count: 32))

  init() throws {
    database = try Database(path: ":memory:", options: DatabaseOptions(journal: .memory))
    keys = try Database(path: ":memory:", options: DatabaseOptions(journal: .memory))
  }

  func copy() throws -> HubDisk {
    let other = try HubDisk()
    try database.copy(to: other.database)
    try keys.copy(to: other.keys)
    return other
  }

  func engine(secrets: HubSecrets, journal: MemoryJournal) throws -> HubEngine {
    let vault = try KeyVault(database: keys, master: Self.master)
    let store = try ReplicaStore(database: database, vault: vault, role: .hub)
    return try HubEngine(
      store: store, secrets: secrets, journal: journal, leaseDays: 30,
      random: Seeded(state: 11))
  }
}

struct Unexpected: Error { let reply: String }

final class MemoryJournal: PolicyJournal {
  var lines: [JournalLine] = []
  func append(_ line: JournalLine) { lines.append(line) }
}

struct Seeded: RandomNumberGenerator, Sendable {
  var state: UInt64
  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var value = state
    value = (value ^ (value >> 30)) &* 0xbf58_476d_1ce4_e5b9
    value = (value ^ (value >> 27)) &* 0x94d0_49bb_1331_11eb
    return value ^ (value >> 31)
  }
}

/// A device whose every field a test may set.
final class HandDevice {
  let world: HubWorld
  let agency: AgencyID
  let id: DeviceID
  var incarnation: IncarnationID
  var forkOf: IncarnationID?
  var epoch: UInt64 = 0
  var token: ExchangeToken?
  var policySeen: UInt64 = 0
  var vectors: [CompartmentID: VersionVector] = [:]
  var contents: [CompartmentID: CompartmentContent] = [:]
  var descriptions: [CompartmentID: Compartment] = [:]
  var policy: [PolicyEntry] = []
  var last: ExchangeAnswer?

  init(world: HubWorld, agency: AgencyID, id: DeviceID, incarnation: IncarnationID) {
    self.world = world
    self.agency = agency
    self.id = id
    self.incarnation = incarnation
  }

  var digest: HoldingsDigest {
    vectors.reduce(HoldingsDigest()) { $0.adding($1.key, $1.value) }
  }

  func request() -> ExchangeRequest {
    ExchangeRequest(
      epoch: epoch, incarnation: incarnation, forkOf: forkOf, token: token, digest: digest,
      policySeen: policySeen, wallMilliseconds: world.now)
  }

  /// Sends, and takes the answer in as an honest device does.
  @discardableResult
  func exchange(
    policy: [PolicyEntry] = [], changes: [(Compartment, Change)] = [],
    receipts: [PurgeReceipt] = [], pageBytes: UInt64 = 256 << 10
  ) throws -> ExchangeAnswer {
    var request = request()
    request.policy = policy
    request.pageBytes = pageBytes
    request.purgeReceipts = receipts
    for (compartment, change) in changes {
      if !request.page.compartments.contains(compartment) {
        request.page.compartments.append(compartment)
      }
      request.page.items.append(.change(compartment.id, change))
    }
    let reply = try world.exchange(request, from: id)
    guard case .answer(let answer) = reply else { throw Unexpected(reply: "\(reply)") }
    take(answer, for: request)
    return answer
  }

  func take(_ answer: ExchangeAnswer, for request: ExchangeRequest) {
    last = answer
    epoch = answer.epoch
    token = answer.token ?? token
    for receipt in request.purgeReceipts { vectors[receipt.compartment] = nil }
    let apart = Set(answer.quarantined.map(\.dot)).union(answer.deferred.map(\.dot))
    for item in request.page.items {
      guard case .change(let id, let change) = item, !apart.contains(change.dot) else { continue }
      _ = vectors[id, default: VersionVector()].advance(to: change.dot)
      contents[id, default: CompartmentContent()].apply(change)
    }
    for notice in answer.quarantined { vectors[notice.compartment] = nil }
    for compartment in answer.page.compartments { descriptions[compartment.id] = compartment }
    for item in answer.page.items {
      switch item {
      case .change(let id, let change):
        _ = vectors[id, default: VersionVector()].advance(to: change.dot)
        contents[id, default: CompartmentContent()].apply(change)
      case .snapshot(let id, let vector, let content):
        vectors[id] = vector
        contents[id] = try? content.opened()
      case .snapshotPart: break
      }
    }
    for delivery in answer.policy {
      policySeen = delivery.position
      policy.append(delivery.entry)
    }
  }

  // MARK: Making things

  func compartment(_ category: CaseRecords.Category, child: ChildID?) -> Compartment {
    Compartment(
      id: CompartmentID(using: &world.random), child: child, category: category,
      custodian: agency)
  }

  func change(
    _ dot: Dot, context: VersionVector = VersionVector(), _ text: String, policySeen: UInt64? = nil,
    dependencies: [PolicyID] = [], group: String = "text", origin: Dot? = nil
  ) -> Change {
    Change(
      dot: dot, origin: origin, context: context, policySeen: policySeen ?? self.policySeen,
      policyDependencies: dependencies,
      writes: [
        Write(
          record: RecordID(high: 1, low: 1), kind: "comment", group: group,
          value: CBOR.text(text).encoded)
      ],
      time: HybridTime(milliseconds: world.now, logical: 0), claimedMilliseconds: world.now,
      author: PractitionerID(high: 5, low: 5))
  }

  func entry(_ kind: PolicyKind, child: ChildID?) -> PolicyEntry {
    PolicyEntry(
      id: PolicyID(using: &world.random), child: child, kind: kind,
      madeAtMilliseconds: world.now, authorAgency: agency, author: nil)
  }

  func grant(
    _ purposes: Set<Purpose>, _ categories: Set<CaseRecords.Category>, to agencies: Set<AgencyID>,
    child: ChildID, supersedes: Set<PolicyID> = [], expires: UInt64? = nil
  ) -> PolicyEntry {
    entry(
      .grant(
        ConsentTerms(
          scope: ConsentScope(
            purposes: purposes, categories: categories, recipients: .agencies(agencies)),
          excluded: [], supersedes: supersedes, expiresAtMilliseconds: expires,
          evidence: ConsentEvidence(
            givenBy: "Parent", relationship: "mother", capacityBasis: "parentalResponsibility",
            capacityAssessedBy: nil, agreementVersion: "1", note: ""))), child: child)
  }

  func withdrawal(
    _ categories: Set<CaseRecords.Category>, from recipients: Recipients, child: ChildID
  ) -> PolicyEntry {
    entry(
      .withdrawal(
        ConsentScope(
          purposes: Set(Purpose.allCases), categories: categories, recipients: recipients)),
      child: child)
  }

  func receipt(for revocation: Revocation) -> PurgeReceipt {
    PurgeReceipt(
      compartment: revocation.compartment, certificate: revocation.certificate,
      proof: [UInt8](repeating: 1, count: 32))
  }

  func texts(_ id: CompartmentID, group: String = "text") -> [String] {
    (contents[id]?.records[RecordID(high: 1, low: 1)]?.groups[group]?.siblings ?? [])
      .compactMap {
        guard case .text(let text)? = try? CBOR(decoding: $0.value.value) else { return nil }
        return text
      }.sorted()
  }
}
