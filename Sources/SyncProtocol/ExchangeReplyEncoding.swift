import CBOR
import CaseRecords
import Causality

/// The keys of a reply's map; which of them may stand there depends on the outcome.
private enum Key {
  static let outcome: UInt64 = 1
  static let epoch: UInt64 = 2
  static let token: UInt64 = 3
  static let hubMilliseconds: UInt64 = 4
  static let leaseDays: UInt64 = 5
  static let quarantined: UInt64 = 6
  static let deferred: UInt64 = 7
  static let aliases: UInt64 = 8
  static let policyRefused: UInt64 = 9
  static let revocations: UInt64 = 10
  static let policy: UInt64 = 11
  static let page: UInt64 = 12
  static let isCaughtUp: UInt64 = 13
  static let wanted: UInt64 = 14
  static let received: UInt64 = 15
}

/// The numbers of `ExchangeReply`'s cases. An answer is what is meant by absence.
enum Outcome {
  static let answer: UInt64 = 1
  static let reseed: UInt64 = 2
  static let needHoldings: UInt64 = 3
  static let recovering: UInt64 = 4
  static let refused: UInt64 = 5
}

extension ExchangeReply {
  /// The body that answers `POST /v1/exchange`, envelope included. `page`, when given, goes in
  /// place of an answer's own.
  package func encoded(page encodedPage: EncodedPage? = nil) -> [UInt8] {
    var map = MessageMap(reservingBytes: (encodedPage?.bytes.count ?? 0) + 256)
    switch self {
    case .answer(let answer): answer.write(into: &map, page: encodedPage ?? answer.page.encoded())
    case .reseed(let epoch):
      map.unsigned(Key.outcome, Outcome.reseed)
      map.unsigned(Key.epoch, epoch)
    case .needHoldings(let epoch):
      map.unsigned(Key.outcome, Outcome.needHoldings)
      map.unsigned(Key.epoch, epoch)
    case .recovering(let epoch, let wanted):
      map.unsigned(Key.outcome, Outcome.recovering)
      map.unsigned(Key.epoch, epoch)
      map.field(Key.wanted, when: !wanted.isEmpty) { $0.identifiers(wanted) }
    case .refused(let code, let sentence, let whatToDo):
      map.refusal(code, sentence: sentence, whatToDo: whatToDo)
    }
    return Envelope.sealed(map.encoded)
  }

  /// From a body, envelope included. Unknown keys are passed over.
  package init(encoded body: [UInt8]) throws(MessageError) {
    var reader = try MessageReader(.exchangeReply, body: body)
    var fields = ReplyFields()
    for _ in 0..<(try reader.map("reply")) { try fields.read(&reader) }
    switch fields.outcome {
    case Outcome.answer: self = .answer(fields.answer)
    case Outcome.reseed: self = .reseed(epoch: fields.answer.epoch)
    case Outcome.needHoldings: self = .needHoldings(epoch: fields.answer.epoch)
    case Outcome.recovering: self = .recovering(epoch: fields.answer.epoch, wanted: fields.wanted)
    default:
      let refusal = try fields.refusal.complete(reader)
      self = .refused(refusal.code, sentence: refusal.sentence, whatToDo: refusal.whatToDo)
    }
    try reader.finish()
  }
}

extension ExchangeAnswer {
  fileprivate func write(into map: inout MessageMap, page: EncodedPage) {
    map.unsigned(Key.epoch, epoch)
    if let token { map.field(Key.token) { $0.token(token) } }
    map.unsigned(Key.hubMilliseconds, hubMilliseconds)
    map.unsigned(Key.leaseDays, leaseDays)
    map.list(Key.quarantined, quarantined, itemsEach: 4) {
      $0.identifier($1.compartment)
      $0.dot($1.dot)
      $0.unsigned($1.reason.rawValue)
    }
    map.list(Key.deferred, deferred, itemsEach: 3) {
      $0.identifier($1.compartment)
      $0.dot($1.dot)
    }
    map.list(Key.aliases, aliases, itemsEach: 5) {
      $0.identifier($1.compartment)
      $0.dot($1.dot)
      $0.dot($1.aliasOf)
    }
    map.list(Key.policyRefused, policyRefused, itemsEach: 3) {
      $0.identifier($1.id)
      $0.identifiers($1.conflictsWith)
      $0.text($1.sentence)
    }
    map.field(Key.revocations, when: !revocations.isEmpty) { $0.revocations(revocations) }
    map.list(Key.policy, policy, itemsEach: 2) {
      $0.unsigned($1.position)
      $0.policyEntry($1.entry)
    }
    map.field(Key.page, when: !page.isEmpty) { $0.raw(page.bytes) }
    map.field(Key.isCaughtUp, when: isCaughtUp) { $0.bool(true) }
    map.field(Key.received, when: !received.isEmpty) { $0.holdings(received) }
  }
}

/// What was read of a reply so far. The outcome's key is the lowest, so it is known before the
/// rest.
private struct ReplyFields {
  var outcome = Outcome.answer
  var answer = ExchangeAnswer(epoch: 0, hubMilliseconds: 0, leaseDays: 0, isCaughtUp: false)
  var wanted: [CompartmentID] = []
  var refusal = RefusalFields()

  mutating func read(_ reader: inout MessageReader) throws(MessageError) {
    switch (outcome, try reader.key()) {
    case (Outcome.answer, Key.outcome):
      outcome = try reader.unsigned("outcome", otherThan: Outcome.answer)
      guard Outcome.reseed...Outcome.refused ~= outcome else {
        throw reader.failure("outcome", .unassignedNumber)
      }
    case (Outcome.answer...Outcome.recovering, Key.epoch):
      answer.epoch = try reader.unsigned("epoch", otherThan: 0)
    case (Outcome.recovering, Key.wanted):
      wanted = try reader.identifiers("wanted", countMax: SyncLimits.holdingsPerRequestMax)
      try reader.notDefault(wanted.isEmpty, "wanted")
    case (Outcome.refused, let key): try refusal.read(key, &reader)
    case (Outcome.answer, let key): try readAnswer(key, &reader)
    default: try reader.skip("unknown key")
    }
  }

  private mutating func readAnswer(
    _ key: UInt64, _ reader: inout MessageReader
  ) throws(MessageError) {
    switch key {
    case Key.token: answer.token = try reader.token()
    case Key.received:
      answer.received = try reader.holdings()
      try reader.notDefault(answer.received.isEmpty, "received")
    case Key.hubMilliseconds:
      answer.hubMilliseconds = try reader.unsigned("hub time", otherThan: 0)
    case Key.leaseDays: answer.leaseDays = try reader.unsigned("lease", otherThan: 0)
    case Key.quarantined: answer.quarantined = try reader.quarantineNotices()
    case Key.deferred: answer.deferred = try reader.deferredNotices()
    case Key.aliases: answer.aliases = try reader.aliasNotices()
    case Key.policyRefused: answer.policyRefused = try reader.policyRefusals()
    case Key.revocations:
      answer.revocations = try reader.revocations(
        "revocations", countMax: SyncLimits.revocationsPerReplyMax)
    case Key.policy: answer.policy = try reader.policyDeliveries()
    case Key.page: answer.page = try reader.pageField()
    case Key.isCaughtUp: answer.isCaughtUp = try reader.yes("caught up")
    default: try reader.skip("unknown key")
    }
  }
}
