package import CaseRecords
import Causality
package import Cryptography
import ReplicaStore
package import SyncEngine
import SyncProtocol

/// One of a crowd of devices that hold next to nothing and wait for news.
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

  package init(number: Int) {
    var random = SplitMix(state: UInt64(number))
    device = DeviceID(using: &random)
    secret = (0..<32).map { _ in UInt8(truncatingIfNeeded: random.next()) }
    incarnation = IncarnationID(using: &random)
  }

  /// Puts devices 0 ..< `count` on the books of a hub that does not run, all of one agency.
  package static func enrol(
    count: Int, folder: String, master: SymmetricKey, secrets: HubSecrets, now: UInt64
  ) throws {
    let hub = try BenchHub(existing: folder, master: master, secrets: secrets)
    try hub.engine.store.transaction {
      let agency = try hub.engine.addAgency(
        name: "Waiting agency", sector: "voluntary", locality: "batley", isSensitive: false,
        now: now)
      for number in 0..<count {
        let made = WaitingDevice(number: number)
        let code = try hub.engine.makeCode(for: agency, validMilliseconds: 60_000, now: now)
        let reply = try hub.engine.enrol(
          EnrolmentRequest(
            code: code, device: made.device, deviceName: "waiting", secret: made.secret), now: now)
        guard case .enrolled = reply else { throw BenchFailure("the hub refused to enrol") }
      }
    }
    hub.close()
  }

  /// The next request's body.
  package func request(waitMilliseconds: UInt64, now: UInt64) -> [UInt8] {
    var request = ExchangeRequest(
      epoch: 1, incarnation: incarnation, token: token, digest: digest, policySeen: 0,
      pageBytes: UInt64(SyncLimits.pageBytesDefault), wallMilliseconds: now)
    request.waitMilliseconds = waitMilliseconds
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
    token = answer.token ?? token
    return answer.token == nil && answer.isCaughtUp
  }
}
