import CBOR
import CaseRecords
import Causality
import SyncProtocol
import Testing

/// Every limit holds at the limit, and one more is refused.
@Suite struct LimitTests {
  /// What `make` gives for the limit reads; for one more it is refused for that reason.
  private func check<Value>(
    _ max: Int, _ reason: MessageError.Reason, encode: (Int) -> [UInt8],
    decode: ([UInt8]) throws -> Value
  ) {
    #expect(throws: Never.self) { try decode(encode(max)) }
    #expect { try decode(encode(max + 1)) } throws: { ($0 as? MessageError)?.reason == reason }
  }

  private func checkRequest(
    _ max: Int, _ reason: MessageError.Reason,
    change: (inout ExchangeRequest, Int) -> Void
  ) {
    check(max, reason) {
      var request = SeededGenerator.idleRequest()
      change(&request, $0)
      return request.encoded()
    } decode: {
      try ExchangeRequest(encoded: $0)
    }
  }

  private func checkAnswer(
    _ max: Int, _ reason: MessageError.Reason, change: (inout ExchangeAnswer, Int) -> Void
  ) {
    check(max, reason) {
      var answer = ExchangeAnswer(epoch: 1, hubMilliseconds: 1, leaseDays: 1, isCaughtUp: true)
      change(&answer, $0)
      return ExchangeReply.answer(answer).encoded()
    } decode: {
      try ExchangeReply(encoded: $0)
    }
  }

  private func checkPolicy(
    _ max: Int, _ reason: MessageError.Reason, kind: (Int) -> PolicyKind
  ) {
    check(max, reason) {
      PolicyEntry(
        id: PolicyID(high: 1, low: 1), child: nil, kind: kind($0), madeAtMilliseconds: 1,
        authorAgency: AgencyID(high: 1, low: 1), author: nil
      ).encoded()
    } decode: {
      try PolicyEntry(encoded: $0)
    }
  }

  private func ids<Tag>(_ count: Int) -> [Identifier<Tag>] {
    (0..<count).map { Identifier(high: 1, low: UInt64($0)) }
  }

  @Test func valuesInAChange() {
    check(SyncLimits.valueBytesMax, .tooManyBytes(max: SyncLimits.valueBytesMax)) {
      SeededGenerator.sampleChange(value: valueOfBytes($0)).encoded()
    } decode: {
      try Change(encoded: $0)
    }
  }

  @Test func valuesInAState() {
    check(SyncLimits.valueBytesMax, .tooManyBytes(max: SyncLimits.valueBytesMax)) {
      var content = CompartmentContent()
      content.apply(SeededGenerator.sampleChange(value: valueOfBytes($0)))
      return content.encoded()
    } decode: {
      try CheckedContent(encoded: $0)
    }
  }

  @Test func depthOfValuesIsTheSameWhereverTheyStand() {
    for (name, decodes) in [
      ("change", { (change: Change) in _ = try Change(encoded: change.encoded()) }),
      ("page", { _ = try Page(encoded: Page(items: [.change(id, $0)]).encoded().bytes) }),
      (
        "request",
        {
          var request = SeededGenerator.idleRequest()
          request.page.items = [.change(id, $0)]
          _ = try ExchangeRequest(encoded: request.encoded())
        }
      ),
      (
        "content",
        {
          var content = CompartmentContent()
          content.apply($0)
          _ = try CompartmentContent(encoded: content.encoded())
        }
      ),
    ] as [(String, (Change) throws -> Void)] {
      let at = SeededGenerator.sampleChange(value: valueOfDepth(SyncLimits.valueDepthMax))
      #expect(throws: Never.self, "\(name)") { try decodes(at) }
      let over = SeededGenerator.sampleChange(value: valueOfDepth(SyncLimits.valueDepthMax + 1))
      #expect(throws: MessageError.self, "\(name)") { try decodes(over) }
    }
  }

  private let id = CompartmentID(high: 1, low: 1)

  @Test func writesOfAChange() {
    check(SyncLimits.writesPerChangeMax, .tooMany(max: SyncLimits.writesPerChangeMax)) { count in
      var change = SeededGenerator.sampleChange()
      change.writes = (0..<count).map {
        Write(record: RecordID(high: 1, low: UInt64($0)), kind: "k", group: "g", value: [0])
      }
      return change.encoded()
    } decode: {
      try Change(encoded: $0)
    }
  }

  @Test func namesAreShortVisibleASCII() {
    check(SyncLimits.nameBytesMax, .tooManyBytes(max: SyncLimits.nameBytesMax)) {
      SeededGenerator.sampleChange(group: String(repeating: "x", count: $0)).encoded()
    } decode: {
      try Change(encoded: $0)
    }
    for name in ["", "é", "a b", "a\n", "\u{7f}"] {
      #expect(!SyncLimits.isName(name))
      #expect {
        try Change(encoded: SeededGenerator.sampleChange(group: name).encoded())
      } throws: {
        ($0 as? MessageError)?.reason == .badName
      }
    }
  }

  @Test func actorsOfAVector() {
    func vector(_ count: Int) -> VersionVector {
      VersionVector(
        Dictionary(
          uniqueKeysWithValues: (0..<count).map { (Actor(rawValue: UInt64($0)), UInt64(1)) }))
    }
    let max = SyncLimits.actorsPerVectorMax
    check(max, .tooMany(max: max)) {
      vector($0).encoded()
    } decode: {
      try VersionVector(encoded: $0)
    }
    check(max, .tooMany(max: max)) {
      SeededGenerator.sampleChange(actor: .max, context: vector($0)).encoded()
    } decode: {
      try Change(encoded: $0)
    }
  }

  @Test func integers() {
    let over = MessageError.Reason.outOfRange(min: 0, max: SyncLimits.integerMax)
    checkRequest(Int(SyncLimits.integerMax), over) { $0.epoch = UInt64($1) }
    checkRequest(Int(SyncLimits.integerMax), over) { $0.unsentCount = UInt64($1) }
    checkAnswer(Int(SyncLimits.integerMax), over) { $0.hubMilliseconds = UInt64($1) }
    check(Int(SyncLimits.integerMax), .outOfRange(min: 1, max: SyncLimits.integerMax)) {
      VersionVector([Actor(rawValue: 1): UInt64($0)]).encoded()
    } decode: {
      try VersionVector(encoded: $0)
    }
    let time = MessageError.Reason.outOfRange(min: 0, max: HybridTime.millisecondsMax)
    check(Int(HybridTime.millisecondsMax), time) {
      var change = SeededGenerator.sampleChange()
      change.claimedMilliseconds = UInt64($0)
      return change.encoded()
    } decode: {
      try Change(encoded: $0)
    }
  }

  @Test func listsOfARequest() {
    func over(_ max: Int) -> MessageError.Reason { .tooMany(max: max) }
    let entry = PolicyEntry(
      id: PolicyID(high: 1, low: 1), child: nil, kind: .erase(reason: ""), madeAtMilliseconds: 1,
      authorAgency: AgencyID(high: 1, low: 1), author: nil)
    var max = SyncLimits.policyEntriesPerRequestMax
    checkRequest(max, over(max)) { $0.policy = Array(repeating: entry, count: $1) }
    max = SyncLimits.purgeReceiptsPerRequestMax
    let receipt = PurgeReceipt(
      compartment: id, certificate: [UInt8](repeating: 1, count: 16),
      proof: [UInt8](repeating: 2, count: 32))
    checkRequest(max, over(max)) { $0.purgeReceipts = Array(repeating: receipt, count: $1) }
    max = SyncLimits.stagedPerRequestMax
    let part = StagedPart(
      compartment: id, digest: [UInt8](repeating: 1, count: 32), receivedBytes: 1)
    checkRequest(max, over(max)) { $0.staged = Array(repeating: part, count: $1) }
    max = SyncLimits.rescuedPerRequestMax
    checkRequest(max, over(max)) { $0.rescued = Array(repeating: [1, 2], count: $1) }
    max = SyncLimits.receivedPerRequestMax
    checkRequest(max, over(max)) { $0.askReceived = ids($1) }
  }

  /// Four hundred thousand holdings take long to read; that so many are let in shows in the error,
  /// which is then about the first of them.
  @Test func holdings() {
    let max = SyncLimits.holdingsPerRequestMax
    for (count, expected) in [
      (max, MessageError.Reason.wrongByteCount(expected: 16)), (max + 1, .tooMany(max: max)),
    ] {
      var payload = CBOREncoder()
      payload.mapHeader(count: 2)
      for key in [1, 1, 13] as [UInt64] { payload.unsigned(key) }
      payload.arrayHeader(count: count * 2)
      payload.raw([UInt8](repeating: 0x40, count: count * 2))
      #expect {
        try ExchangeRequest(encoded: Envelope.sealed(payload.bytes))
      } throws: {
        ($0 as? MessageError)?.reason == expected
      }
    }
  }

  @Test func compartmentsWantedBack() {
    let max = SyncLimits.holdingsPerRequestMax
    for (count, fits) in [(max, true), (max + 1, false)] {
      var payload = CBOREncoder()
      payload.mapHeader(count: 2)
      for key in [1, 4, 14] as [UInt64] { payload.unsigned(key) }
      payload.bytes([UInt8](repeating: 1, count: count * 16))
      let reply = try? ExchangeReply(encoded: Envelope.sealed(payload.bytes))
      #expect((reply != nil) == fits)
    }
  }

  @Test func listsOfAnAnswer() {
    var max = SyncLimits.revocationsPerReplyMax
    let revocation = Revocation(compartment: id, certificate: [UInt8](repeating: 1, count: 16))
    checkAnswer(max, .tooMany(max: max)) {
      $0.revocations = Array(repeating: revocation, count: $1)
    }
    max = SyncLimits.policyEntriesPerReplyMax
    let entry = PolicyEntry(
      id: PolicyID(high: 1, low: 1), child: nil, kind: .erase(reason: ""), madeAtMilliseconds: 1,
      authorAgency: AgencyID(high: 1, low: 1), author: nil)
    checkAnswer(max, .tooMany(max: max)) {
      $0.policy = Array(repeating: PolicyDelivery(position: 1, entry: entry), count: $1)
    }
    max = SyncLimits.policyEntriesPerRequestMax
    let refusal = PolicyRefusal(id: PolicyID(high: 1, low: 1), conflictsWith: [], sentence: "")
    checkAnswer(max, .tooMany(max: max)) {
      $0.policyRefused = Array(repeating: refusal, count: $1)
    }
    max = SyncLimits.changesPerPageMax
    let dot = Dot(actor: Actor(rawValue: 1), counter: 1)
    checkAnswer(max, .tooMany(max: max)) {
      $0.deferred = Array(repeating: DotNotice(compartment: id, dot: dot), count: $1)
    }
  }

  @Test func policies() {
    checkPolicy(SyncLimits.policyTextBytesMax, .tooManyBytes(max: SyncLimits.policyTextBytesMax)) {
      .erase(reason: String(repeating: "x", count: $0))
    }
    checkPolicy(SyncLimits.policyNamesMax, .tooMany(max: SyncLimits.policyNamesMax)) {
      .shield(allowed: Set(ids($0)), reviewOnMilliseconds: 1)
    }
  }

  @Test func labelsAndCodes() {
    let name = SyncLimits.labelBytesMax
    check(name, .tooManyBytes(max: name)) {
      EnrolmentRequest(
        code: "c", device: DeviceID(high: 1, low: 1),
        deviceName: String(repeating: "x", count: $0), secret: [UInt8](repeating: 1, count: 32)
      ).encoded()
    } decode: {
      try EnrolmentRequest(encoded: $0)
    }
    let code = SyncLimits.enrolmentCodeBytesMax
    check(code, .tooManyBytes(max: code)) {
      EnrolmentRequest(
        code: String(repeating: "x", count: $0), device: DeviceID(high: 1, low: 1),
        deviceName: "d", secret: [UInt8](repeating: 1, count: 32)
      ).encoded()
    } decode: {
      try EnrolmentRequest(encoded: $0)
    }
  }
}
