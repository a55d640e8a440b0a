import CBOR
import CaseRecords
import Causality
import SyncProtocol
import Testing

/// The limits of pages and states, where reaching them takes some bytes.
@Suite struct PageLimitTests {
  private let id = CompartmentID(high: 1, low: 1)

  private func reason(_ body: () throws -> Void) -> MessageError.Reason? {
    do {
      try body()
      return nil
    } catch {
      return (error as? MessageError)?.reason
    }
  }

  /// A page of equal changes without writes, by one actor. `others` go into the first one's
  /// context.
  private func handmadePage(itemCount: Int, others: Int = 0) -> [UInt8] {
    var page = CBOREncoder()
    page.mapHeader(count: 3)
    page.unsigned(3)
    page.bytes(id.bytes)
    page.unsigned(4)
    page.bytes(
      (0...UInt64(others)).flatMap { Identifier<ActorTag>(high: $0, low: 0).bytes.prefix(8) })
    page.unsigned(8)
    page.arrayHeader(count: itemCount)
    for index in 0..<itemCount {
      let hasOthers = index == 0 && others > 0
      page.arrayHeader(count: hasOthers ? 8 : 7)
      page.integer(-1)
      for number in [0, 1, hasOthers ? 1 : 0] as [UInt64] { page.unsigned(number) }
      if hasOthers {
        page.arrayHeader(count: others * 2)
        for other in 1...UInt64(others) {
          page.unsigned(other)
          page.unsigned(1)
        }
      }
      page.unsigned(0)
      page.null()
      page.unsigned(0)
    }
    return page.bytes
  }

  @Test func itemsOfAPage() throws {
    let max = SyncLimits.changesPerPageMax
    let page = try Page(encoded: handmadePage(itemCount: max))
    #expect(page.items.count == max)
    #expect(
      reason { _ = try Page(encoded: handmadePage(itemCount: max + 1)) } == .tooMany(max: max))
    var builder = PageBuilder()
    for item in page.items {
      took(builder.append(item))
    }
    took(builder.append(page.items[0]), false)
    #expect(builder.finish().bytes == handmadePage(itemCount: max))
  }

  @Test func contextsOfAPageTogether() throws {
    let max = SyncLimits.contextEntriesPerPageMax
    let others = SyncLimits.actorsPerVectorMax
    let count = max / others
    let page = try Page(encoded: handmadePage(itemCount: count, others: others))
    #expect(page.items.count == count)
    #expect(
      reason { _ = try Page(encoded: handmadePage(itemCount: count + 1, others: others)) }
        == .tooMany(max: max))
    var builder = PageBuilder()
    for item in page.items {
      took(builder.append(item))
    }
    took(builder.append(page.items[0]), false)
  }

  /// A page of one change with ten writes, its item of that many bytes.
  private func page(ofItemBytes itemBytes: Int) -> Page {
    var change = SeededGenerator.sampleChange()
    // Head 2, compartment, actor, counter, flags, time 9, author, policy seen; 2 for each write.
    let valueBytes = itemBytes - 17 - 20
    change.writes = (0..<10).map { index in
      Write(
        record: RecordID(high: 1, low: UInt64(index)), kind: "k", group: "g",
        value: valueOfBytes(index < 9 ? 104_000 : valueBytes - 9 * 104_000))
    }
    return Page(items: [.change(id, change)])
  }

  @Test func bytesOfAChange() throws {
    let max = SyncLimits.changeBytesMax
    #expect(throws: Never.self) { try Page(encoded: page(ofItemBytes: max).encoded().bytes) }
    #expect(
      reason { _ = try Page(encoded: page(ofItemBytes: max + 1).encoded().bytes) }
        == .tooManyBytes(max: max))
  }

  /// Seventy registers, the last of the length that makes up the whole.
  private func state(ofBytes count: Int) -> CompartmentContent {
    func content(lastValueBytes: Int) -> CompartmentContent {
      var record = RecordContent(kind: "k")
      for index in 0..<70 {
        let value = valueOfBytes(index < 69 ? 120_000 : lastValueBytes)
        let written = Written(
          value: value, author: nil, time: HybridTime(rawValue: 0), claimedMilliseconds: 0)
        let dot = Dot(actor: Actor(rawValue: 1), counter: 1)
        record.groups["g\(100 + index)"] = Register(siblings: [.init(dots: [dot], value: written)])
      }
      var content = CompartmentContent()
      content.records[RecordID(high: 1, low: 1)] = record
      return content
    }
    let first = content(lastValueBytes: 100_000).encoded().count
    return content(lastValueBytes: 100_000 + count - first)
  }

  @Test func bytesOfAState() throws {
    let max = SyncLimits.compartmentBytesMax
    let content = state(ofBytes: max)
    #expect(content.encoded().count == max)
    #expect(try CompartmentContent(encoded: content.encoded()) == content)
    let over = state(ofBytes: max + 1)
    #expect(over.encoded().count == max + 1)
    #expect(
      reason { _ = try CompartmentContent(encoded: over.encoded()) } == .tooManyBytes(max: max))
  }
}

private enum ActorTag {}
