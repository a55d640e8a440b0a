import CBOR
import CaseRecords
import Causality
import SyncProtocol
import Testing

extension SeededGenerator {
  /// One plain change with one write.
  static func sampleChange(
    actor: UInt64 = 0xa1, counter: UInt64 = 1, record: UInt64 = 1, group: String = "name",
    value: [UInt8] = CBOR.text("Leeds").encoded, context: VersionVector = VersionVector(),
    milliseconds: UInt64 = 1_790_000_000_000
  ) -> Change {
    let actor = Actor(rawValue: actor)
    var context = context
    context[actor] = counter - 1
    return Change(
      dot: Dot(actor: actor, counter: counter), context: context, policySeen: 12,
      writes: [
        Write(record: RecordID(high: 5, low: record), kind: "person", group: group, value: value)
      ],
      time: HybridTime(milliseconds: milliseconds, logical: 0), claimedMilliseconds: milliseconds,
      author: PractitionerID(high: 9, low: 9))
  }

  static func idleRequest() -> ExchangeRequest {
    var generator = SeededGenerator(30)
    return ExchangeRequest(
      epoch: 3, incarnation: generator.identifier(),
      token: ExchangeToken(count: 4_711, mac: generator.bytes(16)),
      digest: HoldingsDigest(high: generator.next(), low: generator.next()), policySeen: 812,
      waitMilliseconds: 60_000, wallMilliseconds: 1_790_000_000_000)
  }
}

/// Expects of a call that changes its receiver, which `#expect` cannot hold, whether it took.
func took(
  _ result: Bool, _ expected: Bool = true, sourceLocation: SourceLocation = #_sourceLocation
) {
  #expect(result == expected, sourceLocation: sourceLocation)
}

/// A value of exactly that many bytes.
func valueOfBytes(_ count: Int) -> [UInt8] {
  for head in [1, 2, 3, 5] where count >= head {
    let value = CBOR.bytes([UInt8](repeating: 7, count: count - head)).encoded
    if value.count == count { return value }
  }
  preconditionFailure("no byte string is \(count) bytes long")
}

/// So many arrays inside each other.
func valueOfDepth(_ depth: Int) -> [UInt8] {
  [UInt8](repeating: 0x81, count: depth - 1) + [0x80]
}
