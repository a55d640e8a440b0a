import CaseRecords
import Causality
import SyncProtocol
import Testing

@Suite struct PageBuilderTests {
  @Test func theEstimateIsExactAfterEveryItem() {
    var generator = SeededGenerator(40)
    for _ in 0..<60 {
      var builder = PageBuilder()
      #expect(builder.estimatedBytes == builder.finish().bytes.count)
      for item in generator.page().items + generator.page().items {
        let described = generator.oneIn(3) ? generator.compartment(item.compartment) : nil
        took(builder.append(item, describing: described))
        #expect(builder.estimatedBytes == builder.finish().bytes.count)
      }
    }
  }

  @Test func whatDoesNotFitLeavesNoTrace() throws {
    var generator = SeededGenerator(41)
    for _ in 0..<60 {
      var builder = PageBuilder(pageBytes: 600 + generator.below(2_000))
      var taken: [PageItem] = []
      var refused = 0
      for _ in 0..<60 {
        let item = generator.pageItem()
        let before = builder.finish()
        if builder.append(item) {
          taken.append(item)
        } else {
          refused += 1
          #expect(builder.finish() == before)
        }
        #expect(builder.itemCount == taken.count)
        #expect(taken.count == 1 || builder.estimatedBytes <= builder.pageBytes)
      }
      #expect(refused > 0)
      #expect(try Page(encoded: builder.finish().bytes).items == taken)
      #expect(builder.finish() == Page(items: taken).encoded())
    }
  }

  @Test func anEmptyPageTakesAnItemOfAnySizeAndThenNoOther() {
    let item = PageItem.change(CompartmentID(high: 1, low: 1), SeededGenerator.sampleChange())
    var builder = PageBuilder(pageBytes: 1)
    took(builder.append(item))
    took(builder.append(item), false)
    #expect(builder.remainingBytes == 0)
  }

  @Test func aPageIsFullAtExactlyItsBytes() {
    let item = PageItem.change(CompartmentID(high: 1, low: 1), SeededGenerator.sampleChange())
    let bytes = Page(items: [item, item]).encoded().bytes.count
    for (pageBytes, fits) in [(bytes, true), (bytes - 1, false)] {
      var builder = PageBuilder(pageBytes: pageBytes)
      took(builder.append(item))
      took(builder.append(item), fits)
    }
  }

  @Test func storedContentTravelsUntouched() throws {
    var generator = SeededGenerator(42)
    let (id, vector, content) = (
      generator.identifier() as CompartmentID, generator.vector(), generator.content()
    )
    var builder = PageBuilder()
    let compartment = Compartment(
      id: id, child: generator.identifier(), category: .health, custodian: generator.identifier())
    took(
      builder.append(
        snapshotOf: id, vector: vector, contentBytes: content.encoded(),
        describing: compartment))
    let item = PageItem.snapshot(id, vector: vector, content: CheckedContent(content))
    let page = Page(compartments: [compartment], items: [item])
    #expect(try Page(encoded: builder.finish().bytes) == page)
    #expect(page.encoded() == builder.finish())
  }

  @Test func aDescriptionComesOnceAndTheFirstMentionDecides() throws {
    let id = CompartmentID(high: 1, low: 1)
    let compartment = Compartment(
      id: id, child: nil, category: .glossary, custodian: AgencyID(high: 2, low: 2))
    let item = PageItem.change(id, SeededGenerator.sampleChange())
    var described = PageBuilder()
    took(described.append(describing: compartment))
    took(described.append(item, describing: compartment))
    #expect(try Page(encoded: described.finish().bytes).compartments == [compartment])
    var known = PageBuilder()
    took(known.append(item))
    took(known.append(item, describing: compartment))
    #expect(try Page(encoded: known.finish().bytes).compartments.isEmpty)
  }

  @Test func aPartFitsIntoWhatThePageHasLeftOfItsOverhead() {
    var builder = PageBuilder(pageBytes: 1_000)
    let bytes = [UInt8](repeating: 1, count: 1_000 - PageBuilder.partOverheadBytesMax)
    let id = CompartmentID(high: 1, low: 1)
    let compartment = Compartment(
      id: id, child: ChildID(high: 3, low: 3), category: .plan,
      custodian: AgencyID(high: 2, low: 2))
    took(
      builder.append(
        .snapshotPart(
          id, digest: [UInt8](repeating: 2, count: 32), offset: 8 << 20, totalBytes: 8 << 20 + 900,
          bytes: bytes),
        describing: compartment))
    #expect(builder.estimatedBytes <= 1_000)
  }

  @Test func aMessageTakesAnEncodedPageInPlaceOfItsOwn() throws {
    var generator = SeededGenerator(43)
    let page = generator.page()
    var request = SeededGenerator.idleRequest()
    let body = request.encoded(page: page.encoded())
    request.page = page
    #expect(request.encoded() == body)
    var answer = ExchangeAnswer(epoch: 1, hubMilliseconds: 2, leaseDays: 3, isCaughtUp: false)
    let reply = ExchangeReply.answer(answer).encoded(page: page.encoded())
    answer.page = page
    #expect(ExchangeReply.answer(answer).encoded() == reply)
  }
}
