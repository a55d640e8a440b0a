import CBOR
import CaseRecords
import Causality

// Fields that several messages have, as they are read.
extension MessageReader {
  /// The payload of a body, once its envelope has held.
  init(_ message: MessageKind, body: [UInt8]) throws(MessageError) {
    do {
      // The message's map, its page's map, items, change.
      self.init(message, try Envelope.opened(body), nesting: 4)
    } catch {
      throw MessageError(message, field: "envelope", offset: 0, .envelope(error))
    }
  }

  /// Key 1, which must come first: the version, which must not be newer than ours.
  mutating func protocolVersion(fieldCount: Int) throws(MessageError) {
    guard fieldCount > 0, try key() == 1 else { throw failure("protocol version", .missing) }
    let version = try unsigned("protocol version", min: 1)
    guard version <= SyncLimits.protocolVersion else {
      throw failure("protocol version", .newerProtocol(version: version))
    }
  }

  /// A number that would have been left out if it were that.
  mutating func unsigned(
    _ field: StaticString, otherThan absent: UInt64
  ) throws(MessageError) -> UInt64 {
    let value = try unsigned(field)
    try notDefault(value == absent, field)
    return value
  }

  /// An array that would have been left out if it were empty.
  mutating func list(
    _ field: StaticString, itemsEach: Int = 1, countMax: Int
  ) throws(MessageError) -> Int {
    let count = try array(field, itemsEach: itemsEach, countMax: countMax)
    try notDefault(count == 0, field)
    return count
  }

  mutating func pageField() throws(MessageError) -> Page {
    let page = try page()
    try notDefault(page.isEmpty, "page")
    return page
  }

  mutating func token() throws(MessageError) -> ExchangeToken {
    try array("token", count: 2)
    return ExchangeToken(count: try unsigned("token"), mac: try bytes("token", count: 16))
  }

  mutating func revocations(
    _ field: StaticString, countMax: Int
  ) throws(MessageError) -> [Revocation] {
    let content = try parts(field, bytesEach: Revocation.encodedBytes, countMax: countMax)
    try notDefault(content.isEmpty, field)
    return stride(from: content.startIndex, to: content.endIndex, by: Revocation.encodedBytes).map {
      Revocation(compartment: identifier(at: $0), certificate: Array(input[$0 + 16..<$0 + 32]))
    }
  }

  mutating func purgeReceipts() throws(MessageError) -> [PurgeReceipt] {
    let content = try parts(
      "purge receipts", bytesEach: PurgeReceipt.encodedBytes,
      countMax: SyncLimits.purgeReceiptsPerRequestMax)
    try notDefault(content.isEmpty, "purge receipts")
    return stride(from: content.startIndex, to: content.endIndex, by: PurgeReceipt.encodedBytes).map
    {
      PurgeReceipt(
        compartment: identifier(at: $0), certificate: Array(input[$0 + 16..<$0 + 32]),
        proof: Array(input[$0 + 32..<$0 + 64]))
    }
  }

  mutating func holdings() throws(MessageError) -> [Holding] {
    let count = try array(
      "holdings", itemsEach: 2, countMax: SyncLimits.holdingsPerRequestMax)
    var holdings: [Holding] = []
    holdings.reserveCapacity(count)
    for _ in 0..<count {
      let id: CompartmentID = try identifier("holdings")
      holdings.append(Holding(compartment: id, vector: try vector("holdings")))
    }
    _ = try distinct(holdings.map(\.compartment), "holdings")
    return holdings
  }

  mutating func staged() throws(MessageError) -> [StagedPart] {
    let count = try list("staged", itemsEach: 3, countMax: SyncLimits.stagedPerRequestMax)
    var staged: [StagedPart] = []
    for _ in 0..<count {
      staged.append(
        StagedPart(
          compartment: try identifier("staged"), digest: try bytes("staged", count: 32),
          receivedBytes: try unsigned("staged")))
    }
    return staged
  }

  mutating func dotOfCompartment(
    _ field: StaticString
  ) throws(MessageError) -> (id: CompartmentID, dot: Dot) {
    (try identifier(field), try dot(field))
  }
}

extension EncodedPage {
  var isEmpty: Bool { bytes == [0xa0] }
}
