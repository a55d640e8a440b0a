import CBOR
import CaseRecords
import Causality
import SyncProtocol
import Testing

/// What a newer peer sends.
@Suite struct VersionTests {
  private func body(_ entries: [(UInt64, CBOR)]) -> [UInt8] {
    let map = CBOR.map(entries.map { CBOR.Entry(key: .unsigned($0.0), value: $0.1) })
    return Envelope.sealed(map.encoded)
  }

  private let incarnation = CBOR.bytes([UInt8](repeating: 1, count: 16))
  private let unknown = CBOR.array([.text("new"), CBOR(["a": .null]), .bool(true)])

  @Test func unknownKeysOfMessagesArePassedOver() throws {
    let request = body([(1, .unsigned(1)), (4, incarnation), (99, unknown)])
    #expect(try ExchangeRequest(encoded: request).incarnation.high == 0x0101_0101_0101_0101)
    let answer = body([(2, .unsigned(5)), (99, unknown)])
    guard case .answer(let read) = try ExchangeReply(encoded: answer) else {
      Issue.record("no answer")
      return
    }
    #expect(read.epoch == 5)
    for (outcome, reply) in [
      (UInt64(2), ExchangeReply.reseed(epoch: 7)), (3, .needHoldings(epoch: 7)),
      (4, .recovering(epoch: 7, wanted: [])),
    ] {
      let bytes = body([(1, .unsigned(outcome)), (2, .unsigned(7)), (99, unknown)])
      #expect(try ExchangeReply(encoded: bytes) == reply)
    }
    let refusal = body([(1, .unsigned(5)), (20, .unsigned(8)), (99, unknown)])
    #expect(
      try ExchangeReply(encoded: refusal) == .refused(.busy, sentence: "", whatToDo: ""))
    #expect(
      try EnrolmentReply(encoded: refusal) == .refused(.busy, sentence: "", whatToDo: ""))
  }

  @Test func aNewerProtocolIsToldApartWhateverElseItSends() {
    let others: [[(UInt64, CBOR)]] = [[], [(2, .text("?"))], [(4, .null), (12, .bool(true))]]
    for rest in others {
      let newer = body([(1, .unsigned(SyncLimits.protocolVersion + 1))] + rest)
      #expect(throws: newerProtocol(.exchangeRequest)) { try ExchangeRequest(encoded: newer) }
      #expect(throws: newerProtocol(.enrolmentRequest)) { try EnrolmentRequest(encoded: newer) }
    }
  }

  private func newerProtocol(_ message: MessageKind) -> MessageError {
    MessageError(
      message, field: "protocol version", offset: 3,
      .newerProtocol(version: SyncLimits.protocolVersion + 1))
  }

  @Test func aMessageWithoutItsVersionOrNamesIsRefused() {
    let cases: [([(UInt64, CBOR)], MessageError.Reason)] = [
      ([], .missing), ([(4, incarnation)], .missing), ([(1, .unsigned(1))], .missing),
      ([(1, .unsigned(0))], .outOfRange(min: 1, max: SyncLimits.integerMax)),
      ([(1, .unsigned(1)), (2, .unsigned(1))], .redundant),
      ([(1, .unsigned(1)), (17, .bool(false))], .redundant),
      ([(1, .unsigned(1)), (12, .map([]))], .redundant),
      (
        [(1, .unsigned(1)), (4, .bytes([1, 2, 3]))], .wrongByteCount(expected: 16)
      ),
    ]
    for (entries, reason) in cases {
      #expect { try ExchangeRequest(encoded: body(entries)) } throws: {
        ($0 as? MessageError)?.reason == reason
      }
    }
  }

  @Test func unassignedNumbersAreRefused() {
    let notice = CBOR.array([
      incarnation, .bytes([UInt8](repeating: 1, count: 8)), .unsigned(1), .unsigned(99),
    ])
    let cases: [[(UInt64, CBOR)]] = [
      [(1, .unsigned(6))], [(1, .unsigned(5)), (20, .unsigned(99))], [(6, notice)],
    ]
    for entries in cases {
      #expect { try ExchangeReply(encoded: body(entries)) } throws: {
        ($0 as? MessageError)?.reason == .unassignedNumber
      }
    }
  }

  @Test func unknownKeysOfPagesAreRefusedBecauseContentCouldBeLost() {
    let page = CBOR.map([CBOR.Entry(key: .unsigned(40), value: .null)])
    #expect { try Page(encoded: page.encoded) } throws: {
      ($0 as? MessageError)?.reason == .unknownKey
    }
  }
}
