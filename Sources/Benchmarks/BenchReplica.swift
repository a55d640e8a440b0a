import CBOR
import CaseRecords
import Causality
import Cryptography
import ReplicaStore
import SyncEngine
import SyncProtocol

/// An agency's device over files of its own.
final class BenchReplica {
  let hub: BenchHub
  let engine: AgencyEngine
  private(set) var bytesSent = 0
  private(set) var bytesReceived = 0

  init(_ hub: BenchHub, of agency: AgencyID, folder: String) throws {
    self.hub = hub
    try makeFolder(folder)
    var random = SecureRandom()
    let device = DeviceID(using: &random)
    let secret = random.bytes(32)
    try hub.enrol(agency, device: device, secret: secret)
    let store = try ReplicaStore(folder: folder, role: .agency, master: SymmetricKey.random())
    try AgencyEngine.enrol(
      store,
      as: AgencyIdentity(
        device: device, secret: secret, agency: agency, agencyName: "bench",
        hubPublicKey: hub.sealing.publicKey),
      epoch: 1, leaseDays: 30, now: hub.now, random: &random)
    engine = try AgencyEngine(store: store, random: SystemRandomNumberGenerator())
  }

  /// One round trip. True when there is more to fetch or to send.
  @discardableResult
  func exchange() throws -> Bool {
    let request = try engine.nextRequest(now: hub.now, pageBytes: SyncLimits.pageBytesMax)
    let sent = request.encoded()
    let received = try hub.exchange(sent, from: engine.identity.device)
    bytesSent += sent.count
    bytesReceived += received.count
    let outcome = try engine.received(
      ExchangeReply(encoded: received), to: request, now: hub.now)
    guard outcome.quarantined.isEmpty, outcome.refusedPolicy.isEmpty else {
      throw BenchFailure("the hub set work apart")
    }
    if case .refused(_, let sentence, _) = outcome.kind { throw BenchFailure(sentence) }
    return outcome.needsAnotherNow
  }

  /// Until there is nothing more to fetch or to send. The number of round trips.
  @discardableResult
  func settle() throws -> Int {
    for count in 1...10_000 where try !exchange() { return count }
    throw BenchFailure("a replica came to no rest")
  }

  /// Saves as one save, so that setting up costs one synchronisation per thousand.
  func save(_ drafts: [ChangeDraft]) throws {
    var rest = drafts[...]
    while !rest.isEmpty {
      let batch = Array(rest.prefix(1_000))
      _ = try engine.save(batch, author: PractitionerID(high: 5, low: 5), now: hub.now)
      rest = rest.dropFirst(batch.count)
    }
  }
}
