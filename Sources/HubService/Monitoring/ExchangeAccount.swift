import HTTPWire
import ReplicaStore
import SyncEngine
import SyncProtocol

/// How a device's request ended.
enum ExchangeOutcome: String, CaseIterable, Sendable {
  /// It brought or took something.
  case moved
  /// There was nothing to bring or take.
  case idle
  case reseed
  case needHoldings = "need_holdings"
  case recovering
  case refused
  case unreadable
  /// An unknown device, or a wrong secret.
  case notEnrolled = "not_enrolled"
  /// There was more to do than the hub could take, or it was stopping.
  case busy
  /// The hub's disk or database failed.
  case failed
  /// The client went away while it waited for news.
  case left
}

/// How a request to join ended.
enum EnrolmentOutcome: String, CaseIterable, Sendable {
  case enrolled, refused, unreadable, throttled, busy, failed
}

/// What one request of a device came to. Counted once its batch is on the disk.
struct ExchangeAccount: Sendable {
  var outcome: ExchangeOutcome
  let receivedBytes: Int
  /// Nil when it was no device that the hub knows.
  let visit: DeviceVisit?

  init(_ outcome: ExchangeOutcome, receivedBytes: Int, visit: DeviceVisit? = nil) {
    self.outcome = outcome
    self.receivedBytes = receivedBytes
    self.visit = visit
  }
}

/// A device at the hub.
struct DeviceVisit: Sendable {
  let device: Int64
  let agency: Int64
  let contact: DeviceContact
  let unsent: UInt64
  /// It had asked the same before, and not heard the reply.
  let wasCut: Bool

  init(
    _ request: ExchangeRequest, from device: HubDevice, client: HubClient, now: UInt64, wasCut: Bool
  ) {
    self.device = device.number
    agency = device.agency
    contact = DeviceContact(
      atMilliseconds: now, program: client.program, pageBytes: request.pageBytes,
      skewMilliseconds: Int64(clamping: request.wallMilliseconds) - Int64(clamping: now))
    unsent = request.unsentCount
    self.wasCut = wasCut
  }
}

extension HubReply {
  var outcome: ExchangeOutcome {
    switch reply {
    case .answer: isIdle ? .idle : .moved
    case .reseed: .reseed
    case .needHoldings: .needHoldings
    case .recovering: .recovering
    case .refused: .refused
    }
  }
}

extension HTTPHeaders {
  /// Which program sent this, by its own word: printable ASCII, cut to 40 characters. Whoever asks
  /// may say anything here.
  var program: String {
    let printable = (self["User-Agent"] ?? "").utf8.filter { (0x20...0x7e).contains($0) }
    return String(decoding: printable.prefix(40), as: UTF8.self)
  }
}
