package import CaseRecords
import Causality
package import Cryptography
import ReplicaStore
package import SyncEngine
import SyncProtocol

/// One of a crowd of devices that hold next to nothing, wait for news, and may write a record of
/// their own.
///
/// Everything about it is made from its number, so that the process that enrols it and the one that
/// plays it need not tell each other anything. That is no way to make a secret: for measuring only.
package struct WaitingDevice {
  package let device: DeviceID
  package let secret: [UInt8]
  private let incarnation: IncarnationID
  private var token: ExchangeToken?
  private var digest = HoldingsDigest()
  private var vectors: [CompartmentID: VersionVector] = [:]
  private let number: Int
  private let actor: Actor
  /// Its own record, once it has written.
  private var own: Compartment?
  /// Sent, and not answered yet.
  private var sent: Dot?

  package init(number: Int) {
    self.number = number
    var random = SplitMix(state: UInt64(number))
    device = DeviceID(using: &random)
    secret = (0..<32).map { _ in UInt8(truncatingIfNeeded: random.next()) }
    incarnation = IncarnationID(using: &random)
    actor = Actor(rawValue: random.next())
  }

  /// Puts devices 0 ..< `count` on the books of a hub that does not run, of so many agencies in
  /// turn. The agencies, in that order.
  @discardableResult
  package static func enrol(
    count: Int, agencies: Int = 1, folder: String, master: SymmetricKey, secrets: HubSecrets,
    now: UInt64
  ) throws -> [AgencyID] {
    let hub = try BenchHub(existing: folder, master: master, secrets: secrets)
    let ids = try hub.engine.store.transaction {
      let rows = try (1...agencies).map { number in
        try hub.engine.addAgency(
          name: "Waiting agency \(number)", sector: "voluntary", locality: "batley",
          isSensitive: false, now: now)
      }
      for number in 0..<count {
        let made = WaitingDevice(number: number)
        let code = try hub.engine.makeCode(
          for: rows[number % agencies], validMilliseconds: 60_000, now: now)
        let reply = try hub.engine.enrol(
          EnrolmentRequest(
            code: code, device: made.device, deviceName: "waiting", secret: made.secret), now: now)
        guard case .enrolled = reply else { throw BenchFailure("the hub refused to enrol") }
      }
      return rows.map(\.id)
    }
    hub.close()
    return ids
  }

  /// The next request's body.
  package func request(waitMilliseconds: UInt64, now: UInt64) -> [UInt8] {
    var request = request(now: now)
    request.waitMilliseconds = waitMilliseconds
    return request.encoded()
  }

  private func request(now: UInt64) -> ExchangeRequest {
    ExchangeRequest(
      epoch: 1, incarnation: incarnation, token: token, digest: digest, policySeen: 0,
      pageBytes: UInt64(SyncLimits.pageBytesDefault), wallMilliseconds: now)
  }

  /// The body of a request with a change to the device's own record, which the first one makes. To
  /// be sent when the device knows what became of its last request.
  package mutating func editing(_ edit: Int, of agency: AgencyID, now: UInt64) -> [UInt8] {
    let compartment = own ?? BenchRecords.compartment(.index, custodian: agency)
    own = compartment
    let vector = vectors[compartment.id] ?? VersionVector()
    let dot = Dot(actor: actor, counter: vector[actor] + 1)
    sent = dot
    let writes =
      vector.isEmpty
      ? BenchRecords.writes(number)
      : [
        Write(
          record: RecordID(high: 1, low: UInt64(number)), kind: "child", group: "school",
          value: BenchRecords.value(number + edit, group: 9))
      ]
    let change = Change(
      dot: dot, context: vector, writes: writes, time: HybridTime(milliseconds: now, logical: 0),
      claimedMilliseconds: now, author: PractitionerID(high: 5, low: 5))
    var request = request(now: now)
    request.page = Page(
      compartments: vector.isEmpty ? [compartment] : [], items: [.change(compartment.id, change)])
    return request.encoded()
  }

  /// Takes a reply in. True when the hub has nothing more: then it may be waited.
  package mutating func take(_ body: [UInt8]) throws -> Bool {
    guard case .answer(let answer) = try ExchangeReply(encoded: body) else {
      throw BenchFailure("the hub gave a waiting device no answer")
    }
    for item in answer.page.items {
      let id = item.compartment
      let known = vectors[id] ?? VersionVector()
      var next = known
      switch item {
      case .change(_, let change): _ = next.advance(to: change.dot)
      case .snapshot(_, let vector, _): next = vector
      case .snapshotPart: throw BenchFailure("a waiting device was sent something large")
      }
      digest = digest.removing(id, known).adding(id, next)
      vectors[id] = next
    }
    try takeOwn(answer)
    token = answer.token ?? token
    return answer.token == nil && answer.isCaughtUp
  }

  /// What was sent is committed, unless the answer names it.
  private mutating func takeOwn(_ answer: ExchangeAnswer) throws {
    guard let dot = sent, let id = own?.id else { return }
    guard answer.quarantined.isEmpty && answer.deferred.isEmpty else {
      throw BenchFailure("the hub did not take an edit")
    }
    let known = vectors[id] ?? VersionVector()
    var next = known
    _ = next.advance(to: dot)
    digest = digest.removing(id, known).adding(id, next)
    vectors[id] = next
    sent = nil
  }
}
