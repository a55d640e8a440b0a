import CaseRecords
import Causality
import SyncProtocol

extension SeededGenerator {
  private mutating func token() -> ExchangeToken? {
    oneIn(3) ? nil : ExchangeToken(count: integer(), mac: bytes(16))
  }

  private mutating func optionalInteger() -> UInt64 { oneIn(2) ? 0 : integer() }

  private mutating func revocation() -> Revocation {
    Revocation(compartment: identifier(), certificate: bytes(16))
  }

  mutating func request() -> ExchangeRequest {
    var request = ExchangeRequest(
      epoch: optionalInteger(), incarnation: identifier(), forkOf: oneIn(4) ? identifier() : nil,
      token: token(), digest: HoldingsDigest(high: next(), low: next()),
      policySeen: optionalInteger(), wallMilliseconds: optionalInteger())
    if oneIn(4) { request.schema = integer() }
    if oneIn(4) { request.digest = HoldingsDigest() }
    if oneIn(3) { request.pageBytes = integer() }
    if oneIn(3) { request.page = page() }
    if oneIn(5) { request.policy = list(upTo: 4) { $0.policyEntry() } }
    if oneIn(5) {
      request.purgeReceipts = list(upTo: 3) {
        PurgeReceipt(
          compartment: $0.identifier(), certificate: $0.bytes(16), proof: $0.bytes(32))
      }
    }
    if oneIn(5) { request.certificates = list(upTo: 3) { $0.revocation() } }
    if oneIn(5) {
      request.holdings = list(upTo: 20) {
        Holding(compartment: $0.identifier(), vector: $0.vector())
      }
    }
    if oneIn(5) {
      request.staged = list(upTo: 3) {
        StagedPart(
          compartment: $0.identifier(), digest: $0.bytes(32), receivedBytes: $0.integer())
      }
    }
    if oneIn(6) { request.rescued = list(upTo: 3) { $0.bytes($0.below(60)) } }
    if oneIn(6) { request.askReceived = list(upTo: 3) { $0.identifier() } }
    request.waitMilliseconds = optionalInteger()
    request.isLocked = oneIn(4)
    request.isGivingBack = oneIn(4)
    request.unsentCount = optionalInteger()
    return request
  }

  mutating func reply() -> ExchangeReply {
    switch below(10) {
    case 0: .reseed(epoch: optionalInteger())
    case 1: .needHoldings(epoch: optionalInteger())
    case 2: .recovering(epoch: optionalInteger(), wanted: list(upTo: 4) { $0.identifier() })
    case 3: .refused(refusalCode(), sentence: text(), whatToDo: text())
    default: .answer(answer())
    }
  }

  private mutating func refusalCode() -> RefusalCode {
    RefusalCode.allCases[below(RefusalCode.allCases.count)]
  }

  private mutating func answer() -> ExchangeAnswer {
    var answer = ExchangeAnswer(
      epoch: optionalInteger(), hubMilliseconds: optionalInteger(), leaseDays: optionalInteger(),
      isCaughtUp: oneIn(2))
    answer.token = token()
    if oneIn(3) { answer.page = page() }
    if oneIn(2) { return answer }
    let reasons = QuarantineReason.allCases
    answer.quarantined = list(upTo: 3) {
      QuarantineNotice(
        compartment: $0.identifier(), dot: $0.dot(), reason: reasons[$0.below(reasons.count)])
    }
    answer.deferred = list(upTo: 3) { DotNotice(compartment: $0.identifier(), dot: $0.dot()) }
    answer.aliases = list(upTo: 3) {
      AliasNotice(compartment: $0.identifier(), dot: $0.dot(), aliasOf: $0.dot())
    }
    answer.policyRefused = list(upTo: 3) {
      PolicyRefusal(
        id: $0.identifier(), conflictsWith: $0.list(upTo: 3) { $0.identifier() },
        sentence: $0.text())
    }
    answer.revocations = list(upTo: 3) { $0.revocation() }
    answer.received = list(upTo: 3) {
      Holding(compartment: $0.identifier(), vector: $0.vector())
    }
    answer.policy = list(upTo: 3) {
      PolicyDelivery(position: $0.integer(min: 1), entry: $0.policyEntry())
    }
    return answer
  }

  mutating func enrolmentRequest() -> EnrolmentRequest {
    EnrolmentRequest(
      code: text(10), device: identifier(), deviceName: text(), secret: bytes(32))
  }

  mutating func enrolmentReply() -> EnrolmentReply {
    oneIn(3)
      ? .refused(refusalCode(), sentence: text(), whatToDo: text())
      : .enrolled(
        agency: identifier(), agencyName: text(), epoch: optionalInteger(),
        leaseDays: optionalInteger(), hubPublicKey: bytes(32), isSensitive: oneIn(2))
  }
}
