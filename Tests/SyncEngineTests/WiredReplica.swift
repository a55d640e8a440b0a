import CBOR
import CaseRecords
import Causality
import Cryptography
import ReplicaStore
import SQLite
import SyncEngine
import SyncProtocol

/// What can happen to one exchange on its way.
enum Fault: Equatable {
  case none
  /// The request is cut after so many bytes: the hub never has it whole.
  case requestCut(Int)
  /// The hub has done it, and the reply is cut after so many bytes.
  case replyCut(Int)
}

/// A real replica beside the hub of a `HubWorld`: production store, engine and codec, in memory.
final class WiredReplica {
  let world: HubWorld
  let name: String
  var engine: AgencyEngine
  var store: ReplicaStore { engine.store }
  private(set) var bytesReceived: [UInt8] = []
  private(set) var lastRequestBytes = 0
  private(set) var lastReplyBytes = 0

  init(world: HubWorld, agency name: String, sensitive: Bool = false) throws {
    self.world = world
    self.name = name
    let hand = try world.device(of: name, sensitive: sensitive)
    let store = try WiredReplica.makeStore()
    try AgencyEngine.enrol(
      store,
      as: AgencyIdentity(
        device: hand.id, secret: [UInt8](repeating: 3, count: 32), agency: hand.agency,
        agencyName: name, hubPublicKey: world.secrets.sealing.publicKey),
      epoch: 0, leaseDays: 30, now: world.now, random: &world.random)
    engine = try AgencyEngine(store: store, random: Seeded(state: world.random.next()))
  }

  static func makeStore() throws -> ReplicaStore {
    let database = try Database(path: ":memory:", options: DatabaseOptions(journal: .memory))
    let keys = try Database(path: ":memory:", options: DatabaseOptions(journal: .memory))
    return try ReplicaStore(
      database: database, vault: KeyVault(database: keys, master: SymmetricKey.random()),
      role: .agency)
  }

  /// The daemon is killed and started again.
  func restart() throws {
    engine = try AgencyEngine(store: store, random: Seeded(state: world.random.next()))
  }

  /// One exchange through the bytes of the wire. Nil: nothing came back.
  @discardableResult
  func exchange(_ fault: Fault = .none, pageBytes: Int = 1 << 18) throws -> AgencyOutcome? {
    let request = try engine.nextRequest(now: world.now, pageBytes: pageBytes)
    let sent = request.encoded()
    lastRequestBytes = sent.count
    if case .requestCut(let count) = fault, count < sent.count {
      // What arrives is not a request: the hub must not take it for one.
      if (try? ExchangeRequest(encoded: Array(sent[..<count]))) != nil { throw CutWasAccepted() }
      engine.failed()
      return nil
    }
    let reply = try world.exchange(
      ExchangeRequest(encoded: sent), from: engine.identity.device)
    let received = reply.encoded()
    lastReplyBytes = received.count
    if case .replyCut(let count) = fault, count < received.count {
      bytesReceived += received[..<count]
      if (try? ExchangeReply(encoded: Array(received[..<count]))) != nil { throw CutWasAccepted() }
      engine.failed()
      return nil
    }
    bytesReceived += received
    let outcome = try engine.received(
      ExchangeReply(encoded: received), to: request, now: world.now)
    _ = try engine.purgeDrained(now: world.now)
    return outcome
  }

  /// Until nothing more is to be fetched or sent.
  func settle(limit: Int = 60) throws {
    for _ in 0..<limit {
      guard let outcome = try exchange() else { continue }
      if !outcome.needsAnotherNow && !outcome.madeProgress { return }
    }
    throw NeverSettled(name: name)
  }

  func compartment(
    _ category: CaseRecords.Category, child: ChildID?
  ) -> Compartment {
    Compartment(
      id: CompartmentID(using: &world.random), child: child, category: category,
      custodian: engine.identity.agency)
  }

  @discardableResult
  func write(
    _ text: String, in compartment: Compartment, group: String = "text",
    seen: VersionVector? = nil
  ) throws -> Dot {
    try engine.write(
      creating: compartment,
      writes: [
        Write(
          record: RecordID(high: 1, low: 1), kind: "comment", group: group,
          value: CBOR.text(text).encoded)
      ], seen: seen, author: PractitionerID(high: 5, low: 5), now: world.now)
  }

  func texts(_ id: CompartmentID, group: String = "text") throws -> [String] {
    guard let stored = try store.compartment(id) else { return [] }
    let register = try store.content(of: stored).records[RecordID(high: 1, low: 1)]?.groups[group]
    return (register?.siblings ?? []).compactMap {
      guard case .text(let text)? = try? CBOR(decoding: $0.value.value) else { return nil }
      return text
    }.sorted()
  }

  func decide(_ kind: PolicyKind, child: ChildID) throws {
    try engine.addPolicy(
      PolicyEntry(
        id: PolicyID(using: &world.random), child: child, kind: kind,
        madeAtMilliseconds: world.now, authorAgency: engine.identity.agency, author: nil))
  }

  func grant(
    _ purposes: Set<Purpose>, _ categories: Set<CaseRecords.Category>, to agencies: Set<AgencyID>,
    child: ChildID, supersedes: Set<PolicyID> = []
  ) throws {
    try decide(
      .grant(
        ConsentTerms(
          scope: ConsentScope(
            purposes: purposes, categories: categories, recipients: .agencies(agencies)),
          excluded: [], supersedes: supersedes, expiresAtMilliseconds: nil, evidence: nil)),
      child: child)
  }

  func withdraw(
    _ categories: Set<CaseRecords.Category>, from recipients: Recipients, child: ChildID
  ) throws {
    try decide(
      .withdrawal(
        ConsentScope(
          purposes: [.share, .index], categories: categories, recipients: recipients)),
      child: child)
  }
}

struct CutWasAccepted: Error {}
struct NeverSettled: Error { let name: String }
