import CBOR
import CaseRecords
import Causality
import SyncProtocol
import Testing

/// Bytes are dear: on a bad line they are the time that people wait.
@Suite struct SizeTests {
  @Test func anIdleExchangeIsSmall() {
    let request = SeededGenerator.idleRequest().encoded()
    let reply = ExchangeReply.answer(
      ExchangeAnswer(
        epoch: 3, hubMilliseconds: 1_790_000_000_000, leaseDays: 30, isCaughtUp: true)
    ).encoded()
    print("idle request \(request.count) bytes, idle answer \(reply.count) bytes")
    #expect(request.count <= 150)
    #expect(reply.count <= 60)
  }

  @Test func aChangeOfOneShortFieldIsSmallInAPageOfMany() {
    // A morning's work: 200 saves on 20 records of 5 compartments by 2 people each, minutes apart.
    var generator = SeededGenerator(31)
    var page = Page()
    var vectors = [VersionVector](repeating: VersionVector(), count: 5)
    for index in 0..<200 {
      let family = generator.below(5)
      let actor = UInt64(family * 2 + generator.below(2)) &* 0x1234_5678_9abc_def1 &+ 7
      let counter = vectors[family][Actor(rawValue: actor)] + 1
      let change = SeededGenerator.sampleChange(
        actor: actor, counter: counter, record: UInt64(family * 4 + generator.below(4)),
        group: ["name", "telephone", "school", "note"][generator.below(4)],
        value: CBOR.text("0113 496 0\(100 + index)").encoded, context: vectors[family],
        milliseconds: 1_790_000_000_000 + UInt64(index) * 60_000)
      vectors[family][Actor(rawValue: actor)] = counter
      page.items.append(.change(CompartmentID(high: 77, low: UInt64(family)), change))
    }
    let bytes = page.encoded().bytes.count + Envelope.headBytes
    print("page of 200 changes: \(bytes) bytes, \(bytes / 200) per change")
    #expect(bytes / 200 < 45)
  }

  @Test func aSnapshotIsLittleMoreThanItsValues() {
    var content = CompartmentContent()
    var valueBytes = 0
    var record = RecordContent(kind: "person")
    for index in 0..<10 {
      let value = CBOR.text("value number \(index)").encoded
      valueBytes += value.count
      let written = Written(
        value: value, author: PractitionerID(high: 1, low: 2),
        time: HybridTime(milliseconds: 1_790_000_000_000, logical: 0),
        claimedMilliseconds: 1_790_000_000_000)
      let dot = Dot(actor: Actor(rawValue: .max), counter: 1)
      record.groups["group\(index)"] = Register(siblings: [.init(dots: [dot], value: written)])
    }
    content.records[RecordID(high: 1, low: 1)] = record
    let bytes = content.encoded().count
    print("content with 10 registers: \(bytes) bytes, of them \(valueBytes) of values")
    // Names, 2 bytes per register, and once: actor, author, record, stamp.
    #expect(bytes - valueBytes <= 10 * (7 + 2) + 80)
  }
}
