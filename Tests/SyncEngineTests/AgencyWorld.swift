import CBOR
import CaseRecords
import Causality
import Cryptography
import Foundation
import ReplicaStore
import SQLite
import SyncEngine
import SyncProtocol
import Testing

/// A real replica over a real hub, with a line that a test can cut before or after the hub.
final class AgencyDevice {
  enum Fault: CaseIterable { case none, requestLost, replyLost }

  let world: HubWorld
  let engine: AgencyEngine
  let id: DeviceID
  let agency: AgencyID
  var pageBytes = SyncLimits.pageBytesDefault
  var outcomes: [AgencyOutcome] = []

  static let record = RecordID(high: 1, low: 1)
  static let author = PractitionerID(high: 5, low: 5)

  convenience init(_ world: HubWorld, of name: String, folder: String? = nil) throws {
    try self.init(world, of: name, store: Self.makeStore(folder: folder))
  }

  init(_ world: HubWorld, of name: String, store: ReplicaStore) throws {
    let hand = try world.device(of: name)
    self.world = world
    id = hand.id
    agency = hand.agency
    try AgencyEngine.enrol(
      store,
      as: AgencyIdentity(
        device: hand.id, secret: [UInt8](repeating: 3, count: 32), agency: hand.agency,
        agencyName: name, hubPublicKey: world.secrets.sealing.publicKey), epoch: 1,
      leaseDays: 30, now: world.now, random: &world.random)
    engine = try AgencyEngine(store: store, random: Seeded(state: world.random.next()))
  }

  /// Opens what is in a folder: after a restart, or of a copy.
  init(_ world: HubWorld, reopening store: ReplicaStore) throws {
    self.world = world
    engine = try AgencyEngine(store: store, random: Seeded(state: world.random.next()))
    id = engine.identity.device
    agency = engine.identity.agency
  }

  static let master = SymmetricKey(bytes: [UInt8](repeating: 1, count: 32))

  static func makeStore(folder: String? = nil, locked: Bool = false) throws -> ReplicaStore {
    let key = locked ? nil : master
    if let folder { return try ReplicaStore(folder: folder, role: .agency, master: key) }
    let database = try Database(path: ":memory:", options: DatabaseOptions(journal: .memory))
    let keys = try Database(path: ":memory:", options: DatabaseOptions(journal: .memory))
    return try ReplicaStore(
      database: database, vault: KeyVault(database: keys, master: key), role: .agency)
  }

  // MARK: Exchanges

  /// One exchange; nil when its reply was lost.
  @discardableResult
  func step(_ fault: Fault = .none) throws -> AgencyOutcome? {
    let request = try engine.nextRequest(now: world.now, pageBytes: pageBytes)
    if fault == .requestLost {
      engine.failed()
      return nil
    }
    let reply = try world.exchange(request, from: id)
    if fault == .replyLost {
      engine.failed()
      return nil
    }
    let outcome = try engine.received(reply, to: request, now: world.now)
    outcomes.append(outcome)
    _ = try engine.purgeDrained(now: world.now)
    return outcome
  }

  /// Until nothing is left to do. More than `max` exchanges are a failure.
  @discardableResult
  func sync(max: Int = 60) throws -> Int {
    for count in 1...max {
      guard let outcome = try step() else { continue }
      if case .refused(let code, let sentence, _) = outcome.kind {
        throw Unexpected(reply: "\(code) \(sentence)")
      }
      let receipts = try engine.store.unacknowledgedPurges(limit: 1)
      if !outcome.needsAnotherNow && receipts.isEmpty { return count }
    }
    throw Unexpected(reply: "no rest after \(max) exchanges")
  }

  // MARK: Records

  func compartment(_ category: CaseRecords.Category, child: ChildID?) -> Compartment {
    Compartment(
      id: CompartmentID(using: &world.random), child: child, category: category,
      custodian: agency)
  }

  func write(_ text: String, group: String = "text") -> Write {
    Write(
      record: Self.record, kind: "comment", group: group, value: CBOR.text(text).encoded)
  }

  @discardableResult
  func save(
    _ text: String, in compartment: Compartment, group: String = "text",
    seen: VersionVector? = nil
  ) throws -> Dot {
    try engine.write(
      creating: compartment, writes: [write(text, group: group)], seen: seen,
      author: Self.author, now: world.now)
  }

  func texts(_ id: CompartmentID, group: String = "text") throws -> [String] {
    guard let stored = try engine.store.compartment(id) else { return [] }
    return Self.texts(of: try engine.store.content(of: stored), group: group)
  }

  static func texts(of content: CompartmentContent, group: String) -> [String] {
    (content.records[record]?.groups[group]?.siblings ?? []).compactMap {
      text($0.value.value)
    }.sorted()
  }

  static func text(_ value: [UInt8]) -> String? {
    guard case .text(let text)? = try? CBOR(decoding: value) else { return nil }
    return text
  }

  // MARK: Policy

  func entry(_ kind: PolicyKind, child: ChildID?) -> PolicyEntry {
    PolicyEntry(
      id: PolicyID(using: &world.random), child: child, kind: kind,
      madeAtMilliseconds: world.now, authorAgency: agency, author: nil)
  }

  @discardableResult
  func grant(
    _ purposes: Set<Purpose>, _ categories: Set<CaseRecords.Category>, to agencies: Set<AgencyID>,
    child: ChildID, supersedes: Set<PolicyID> = [], until end: UInt64? = nil
  ) throws -> PolicyEntry {
    let grant = entry(
      .grant(
        ConsentTerms(
          scope: ConsentScope(
            purposes: purposes, categories: categories, recipients: .agencies(agencies)),
          excluded: [], supersedes: supersedes, expiresAtMilliseconds: end,
          evidence: ConsentEvidence(
            givenBy: "Parent", relationship: "mother", capacityBasis: "parentalResponsibility",
            capacityAssessedBy: nil, agreementVersion: "1", note: ""))), child: child)
    try engine.addPolicy(grant)
    return grant
  }

  @discardableResult
  func withdraw(
    _ categories: Set<CaseRecords.Category>, from recipients: Recipients, child: ChildID,
    purposes: Set<Purpose> = Set(Purpose.allCases)
  ) throws -> PolicyEntry {
    let withdrawal = entry(
      .withdrawal(
        ConsentScope(purposes: purposes, categories: categories, recipients: recipients)),
      child: child)
    try engine.addPolicy(withdrawal)
    return withdrawal
  }

  var digestMatchesHoldings: Bool {
    get throws {
      try engine.store.holdings().reduce(HoldingsDigest()) {
        $0.adding($1.compartment, $1.vector)
      } == engine.session.digest
    }
  }
}

/// A folder of its own that goes with the test.
final class TemporaryFolder {
  let path: String

  init() throws {
    path = NSTemporaryDirectory() + "cafsync-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  func copy() throws -> TemporaryFolder {
    let other = try TemporaryFolder()
    for file in try FileManager.default.contentsOfDirectory(atPath: path) {
      try FileManager.default.copyItem(atPath: path + "/" + file, toPath: other.path + "/" + file)
    }
    return other
  }

  /// Every file that holds these bytes anywhere.
  func files(containing bytes: [UInt8]) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: path).filter { file in
      try Data(contentsOf: URL(fileURLWithPath: path + "/" + file)).range(of: Data(bytes)) != nil
    }
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }
}

/// A school that shares a child's development with a health visitor.
struct SharedChild {
  let world: HubWorld
  let school: AgencyDevice
  let visitor: AgencyDevice
  let child: ChildID
  let compartment: Compartment

  init() throws {
    let world = try HubWorld()
    try self.init(
      world, school: AgencyDevice(world, of: "School"),
      visitor: AgencyDevice(world, of: "Health visitor"))
  }

  init(_ world: HubWorld, school: AgencyDevice, visitor: AgencyDevice) throws {
    try self.init(undelivered: "first", world, school: school, visitor: visitor)
    try visitor.sync()
  }

  /// The words are at the hub, and on no other device.
  init(
    undelivered words: String, _ world: HubWorld, school: AgencyDevice, visitor: AgencyDevice
  ) throws {
    self.world = world
    self.school = school
    self.visitor = visitor
    child = ChildID(using: &world.random)
    compartment = school.compartment(.development, child: child)
    try school.grant([.store], [.development], to: [.hub], child: child)
    try school.grant([.share], [.development], to: [visitor.agency], child: child)
    try school.save(words, in: compartment)
    try school.sync()
  }
}
