import CBOR
import CaseRecords
import Causality

/// The keys of a request's map. Key 1 comes first in every version, so that even a request of which
/// nothing else is understood gets an answer.
private enum Key {
  static let protocolVersion: UInt64 = 1
  static let schema: UInt64 = 2
  static let epoch: UInt64 = 3
  static let incarnation: UInt64 = 4
  static let forkOf: UInt64 = 5
  static let token: UInt64 = 6
  static let digest: UInt64 = 7
  static let policySeen: UInt64 = 8
  static let policy: UInt64 = 9
  static let purgeReceipts: UInt64 = 10
  static let certificates: UInt64 = 11
  static let page: UInt64 = 12
  static let holdings: UInt64 = 13
  static let staged: UInt64 = 14
  static let pageBytes: UInt64 = 15
  static let waitMilliseconds: UInt64 = 16
  static let isLocked: UInt64 = 17
  static let unsentCount: UInt64 = 18
  static let wallMilliseconds: UInt64 = 19
  static let rescued: UInt64 = 20
  static let askReceived: UInt64 = 21
  static let isGivingBack: UInt64 = 22
}

/// What an absent field stands for, in every version: not what this version happens to prefer.
private enum Absent {
  static let schema: UInt64 = 1
  static let pageBytes: UInt64 = 256 << 10
}

extension ExchangeRequest {
  /// The body of `POST /v1/exchange`, envelope included. `page`, when given, goes in place of the
  /// request's own.
  package func encoded(page encodedPage: EncodedPage? = nil) -> [UInt8] {
    let page = encodedPage ?? self.page.encoded()
    var map = MessageMap(reservingBytes: page.bytes.count + 256)
    map.unsigned(Key.protocolVersion, protocolVersion, absentAs: nil)
    map.unsigned(Key.schema, schema, absentAs: Absent.schema)
    map.unsigned(Key.epoch, epoch)
    map.field(Key.incarnation) { $0.identifier(incarnation) }
    if let forkOf { map.field(Key.forkOf) { $0.identifier(forkOf) } }
    if let token { map.field(Key.token) { $0.token(token) } }
    map.field(Key.digest, when: digest != HoldingsDigest()) {
      $0.identifier(Party(high: digest.high, low: digest.low))
    }
    map.unsigned(Key.policySeen, policySeen)
    writeLists(into: &map)
    map.field(Key.page, when: !page.isEmpty) { $0.raw(page.bytes) }
    if let holdings { map.field(Key.holdings) { $0.holdings(holdings) } }
    map.field(Key.staged, when: !staged.isEmpty) { $0.staged(staged) }
    map.unsigned(Key.pageBytes, pageBytes, absentAs: Absent.pageBytes)
    map.unsigned(Key.waitMilliseconds, waitMilliseconds)
    map.field(Key.isLocked, when: isLocked) { $0.bool(true) }
    map.unsigned(Key.unsentCount, unsentCount)
    map.unsigned(Key.wallMilliseconds, wallMilliseconds)
    map.field(Key.rescued, when: !rescued.isEmpty) {
      $0.arrayHeader(count: rescued.count)
      for sealed in rescued { $0.bytes(sealed) }
    }
    map.field(Key.askReceived, when: !askReceived.isEmpty) { $0.identifiers(askReceived) }
    map.field(Key.isGivingBack, when: isGivingBack) { $0.bool(true) }
    return Envelope.sealed(map.encoded)
  }

  private func writeLists(into map: inout MessageMap) {
    map.field(Key.policy, when: !policy.isEmpty) {
      $0.arrayHeader(count: policy.count)
      for entry in policy { $0.policyEntry(entry) }
    }
    map.field(Key.purgeReceipts, when: !purgeReceipts.isEmpty) {
      $0.bytes(
        purgeReceipts.flatMap {
          joined(
            $0.compartment.bytes, $0.certificate, $0.proof, bytes: PurgeReceipt.encodedBytes)
        })
    }
    map.field(Key.certificates, when: !certificates.isEmpty) { $0.revocations(certificates) }
  }

  /// From a body, envelope included. A request of a newer protocol version fails with
  /// `MessageError.Reason.newerProtocol`, whatever else it holds. Unknown keys are passed over.
  package init(encoded body: [UInt8]) throws(MessageError) {
    var reader = try MessageReader(.exchangeRequest, body: body)
    let count = try reader.map("request")
    var incarnation: IncarnationID?
    self.init(
      epoch: 0, incarnation: IncarnationID(high: 0, low: 0), token: nil, digest: HoldingsDigest(),
      policySeen: 0, pageBytes: Absent.pageBytes, wallMilliseconds: 0)
    try reader.protocolVersion(fieldCount: count)
    protocolVersion = SyncLimits.protocolVersion
    schema = Absent.schema
    for _ in 1..<count {
      let key = try reader.key()
      if key == Key.incarnation {
        incarnation = try reader.identifier("incarnation")
      } else {
        try readField(key, &reader)
      }
    }
    self.incarnation = try reader.required(incarnation, "incarnation")
    try reader.finish()
  }

  private mutating func readField(
    _ key: UInt64, _ reader: inout MessageReader
  ) throws(MessageError) {
    switch key {
    case Key.schema: schema = try reader.unsigned("schema", otherThan: Absent.schema)
    case Key.epoch: epoch = try reader.unsigned("epoch", otherThan: 0)
    case Key.forkOf: forkOf = try reader.identifier("fork of")
    case Key.token: token = try reader.token()
    case Key.digest:
      let sum: Party = try reader.identifier("digest")
      digest = HoldingsDigest(high: sum.high, low: sum.low)
      try reader.notDefault(digest == HoldingsDigest(), "digest")
    case Key.policySeen: policySeen = try reader.unsigned("policy seen", otherThan: 0)
    case Key.policy, Key.purgeReceipts, Key.certificates, Key.holdings, Key.staged,
      Key.rescued, Key.askReceived:
      try readList(key, &reader)
    case Key.page: page = try reader.pageField()
    case Key.pageBytes: pageBytes = try reader.unsigned("page bytes", otherThan: Absent.pageBytes)
    case Key.waitMilliseconds: waitMilliseconds = try reader.unsigned("wait", otherThan: 0)
    case Key.isLocked: isLocked = try reader.yes("locked")
    case Key.isGivingBack: isGivingBack = try reader.yes("giving back")
    case Key.unsentCount: unsentCount = try reader.unsigned("unsent", otherThan: 0)
    case Key.wallMilliseconds: wallMilliseconds = try reader.unsigned("wall", otherThan: 0)
    default: try reader.skip("unknown key")
    }
  }

  private mutating func readList(
    _ key: UInt64, _ reader: inout MessageReader
  ) throws(MessageError) {
    switch key {
    case Key.policy:
      let countMax = SyncLimits.policyEntriesPerRequestMax
      let count = try reader.list("policy", countMax: countMax)
      for _ in 0..<count { policy.append(try reader.policyEntry()) }
    case Key.purgeReceipts: purgeReceipts = try reader.purgeReceipts()
    case Key.certificates:
      certificates = try reader.revocations(
        "certificates", countMax: SyncLimits.holdingsPerRequestMax)
    case Key.holdings: holdings = try reader.holdings()
    case Key.rescued:
      let count = try reader.list("rescued", countMax: SyncLimits.rescuedPerRequestMax)
      for _ in 0..<count {
        rescued.append(Array(try reader.slice("rescued", bytesMax: SyncLimits.pageBytesMax)))
      }
    case Key.askReceived:
      askReceived = try reader.identifiers(
        "ask received", countMax: SyncLimits.receivedPerRequestMax)
      try reader.notDefault(askReceived.isEmpty, "ask received")
    default: staged = try reader.staged()
    }
  }
}

extension CBOREncoder {
  mutating func token(_ token: ExchangeToken) {
    arrayHeader(count: 2)
    unsigned(token.count)
    bytes(joined(token.mac, bytes: 16))
  }

  mutating func revocations(_ revocations: [Revocation]) {
    bytes(
      revocations.flatMap {
        joined($0.compartment.bytes, $0.certificate, bytes: Revocation.encodedBytes)
      })
  }

  mutating func holdings(_ holdings: [Holding]) {
    arrayHeader(count: holdings.count * 2)
    for holding in holdings {
      identifier(holding.compartment)
      vector(holding.vector)
    }
  }

  fileprivate mutating func staged(_ staged: [StagedPart]) {
    arrayHeader(count: staged.count * 3)
    for part in staged {
      identifier(part.compartment)
      bytes(joined(part.digest, bytes: 32))
      unsigned(part.receivedBytes)
    }
  }
}
