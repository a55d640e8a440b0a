import CaseRecords
import Causality
import ReplicaStore
import SyncEngine
import SyncProtocol
import Testing

/// Agencies around one hub, each with a replica that does what the protocol asks of it and no more.
final class SmallDistrict {
  static let day: UInt64 = 86_400_000

  let world: HubWorld
  var engine: HubEngine { world.engine }
  var now: UInt64 {
    get { world.now }
    set { world.now = newValue }
  }

  init() throws { world = try HubWorld() }

  /// An agency with one device.
  func agency(_ name: String, isSensitive: Bool = false) throws -> Replica {
    let device = try world.device(of: name, sensitive: isSensitive)
    return Replica(
      district: self, agency: try #require(try engine.store.agency(device.agency)),
      device: device.id, incarnation: device.incarnation)
  }

  func identifier<Tag>() -> Identifier<Tag> { Identifier(using: &world.random) }

  func actor() -> Actor { Actor(rawValue: world.random.next()) }

  /// An exchange of each, twice: what one brings the others then have.
  func settle(_ replicas: Replica...) throws {
    for _ in 0..<2 { for replica in replicas { try replica.exchange() } }
  }
}

/// One device of one agency.
final class Replica {
  struct Held {
    let compartment: Compartment
    var vector = VersionVector()
    var content = CompartmentContent()
  }

  let district: SmallDistrict
  let agency: HubAgency
  let device: DeviceID
  private let incarnation: IncarnationID
  private var token: ExchangeToken?
  private var epoch: UInt64 = 0
  private var acknowledged: [CompartmentID: VersionVector] = [:]
  private var unsent: [(compartment: Compartment, change: Change)] = []
  private var actors: [CompartmentID: Actor] = [:]
  private(set) var held: [CompartmentID: Held] = [:]
  private(set) var revoked: Set<CompartmentID> = []
  var policy: [PolicyEntry] = []

  init(
    district: SmallDistrict, agency: HubAgency, device: DeviceID, incarnation: IncarnationID
  ) {
    self.district = district
    self.agency = agency
    self.device = device
    self.incarnation = incarnation
  }

  var id: AgencyID { agency.id }

  /// A new compartment of this agency's.
  func compartment(_ category: CaseRecords.Category, of child: ChildID?) -> Compartment {
    let made = Compartment(
      id: district.identifier(), child: child, category: category, custodian: id)
    held[made.id] = Held(compartment: made)
    return made
  }

  @discardableResult
  func write(
    _ kind: String, _ groups: [String: GroupValue], in compartment: Compartment,
    record: RecordID? = nil
  ) throws -> RecordID {
    let record = record ?? district.identifier()
    let actor = actors[compartment.id] ?? district.actor()
    actors[compartment.id] = actor
    var entry = try #require(held[compartment.id])
    let change = Change(
      dot: Dot(actor: actor, counter: entry.vector[actor] + 1), context: entry.vector,
      writes: groups.sorted { $0.key < $1.key }.map {
        Write(record: record, kind: kind, group: $0.key, value: $0.value.encoded())
      }, time: HybridTime(milliseconds: district.now, logical: 0),
      claimedMilliseconds: district.now, author: PractitionerID(high: 5, low: 5))
    let isNext = entry.vector.advance(to: change.dot)
    try #require(isNext)
    entry.content.apply(change)
    held[compartment.id] = entry
    unsent.append((compartment, change))
    return record
  }

  @discardableResult
  func exchange() throws -> ExchangeAnswer {
    var request = ExchangeRequest(
      epoch: epoch, incarnation: incarnation, token: token,
      digest: acknowledged.reduce(HoldingsDigest()) { $0.adding($1.key, $1.value) },
      policySeen: 0, wallMilliseconds: district.now)
    request.page = Page(
      compartments: Set(unsent.map(\.compartment)).sorted { $0.id < $1.id },
      items: unsent.map { .change($0.compartment.id, $0.change) })
    request.policy = policy
    var reply = try district.world.exchange(request, from: device)
    if case .recovering = reply {
      request.isGivingBack = true
      request.holdings = acknowledged.sorted { $0.key < $1.key }
        .map { Holding(compartment: $0.key, vector: $0.value) }
      reply = try district.world.exchange(request, from: device)
    }
    guard case .answer(let answer) = reply else { throw Unexpected(reply: "\(reply)") }
    policy = []
    #expect(answer.quarantined.isEmpty && answer.deferred.isEmpty && answer.policyRefused.isEmpty)
    for sent in unsent {
      acknowledged[sent.compartment.id, default: VersionVector()].merge(
        VersionVector([sent.change.dot.actor: sent.change.dot.counter]))
    }
    unsent = []
    try take(answer.page)
    revoked = Set(answer.revocations.map(\.compartment))
    epoch = answer.epoch
    token = answer.token ?? token
    return answer
  }

  /// An exchange that may bring decisions back: what the hub said of them.
  func exchangeRefusals() throws -> [String] {
    var request = ExchangeRequest(
      epoch: epoch, incarnation: incarnation, token: token,
      digest: acknowledged.reduce(HoldingsDigest()) { $0.adding($1.key, $1.value) },
      policySeen: 0, wallMilliseconds: district.now)
    request.policy = policy
    let reply = try district.world.exchange(request, from: device)
    guard case .answer(let answer) = reply else { throw Unexpected(reply: "\(reply)") }
    policy = []
    token = answer.token ?? token
    return answer.policyRefused.map(\.sentence)
  }

  private func take(_ page: Page) throws {
    for compartment in page.compartments where held[compartment.id] == nil {
      held[compartment.id] = Held(compartment: compartment)
    }
    for item in page.items {
      switch item {
      case .change(let id, let change):
        try #require(held[id]?.vector.advance(to: change.dot) == true)
        held[id]?.content.apply(change)
      case .snapshot(let id, let vector, let content):
        let mine = try #require(held[id])
        held[id]?.content = mine.content.joined(
          with: try content.opened(), knownHere: mine.vector, knownThere: vector)
        held[id]?.vector.merge(vector)
      case .snapshotPart: Issue.record("nothing here is as large as a page")
      }
      acknowledged[item.compartment] = held[item.compartment]?.vector
    }
  }

  // MARK: Reading

  /// The values of a group in every record of a kind that this device holds.
  func values(_ kind: String, _ group: String) -> [GroupValue] {
    held.values.sorted { $0.compartment.id < $1.compartment.id }.flatMap { entry in
      entry.content.records(of: kind).flatMap { $0.record.values(group) }
    }
  }

  func holds(_ compartment: Compartment) -> Bool {
    held[compartment.id] != nil && !revoked.contains(compartment.id)
  }
}
