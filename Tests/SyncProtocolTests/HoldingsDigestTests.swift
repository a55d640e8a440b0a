import CaseRecords
import Causality
import SyncProtocol
import Testing

@Suite struct HoldingsDigestTests {
  private let holdings: [(CompartmentID, VersionVector)] = {
    var generator = SeededGenerator(50)
    return (0..<40).map { _ in
      (generator.identifier(), VersionVector([generator.actor(): generator.integer(min: 1)]))
    }
  }()

  @Test func theOrderOfHoldingsDoesNotMatter() {
    let forward = holdings.reduce(HoldingsDigest()) { $0.adding($1.0, $1.1) }
    let backward = holdings.reversed().reduce(HoldingsDigest()) { $0.adding($1.0, $1.1) }
    #expect(forward == backward)
    #expect(forward != HoldingsDigest())
  }

  @Test func whatIsAddedCanBeRemovedInAnyOrder() {
    let all = holdings.reduce(HoldingsDigest()) { $0.adding($1.0, $1.1) }
    var left = all
    for (index, (id, vector)) in holdings.enumerated() {
      left = left.removing(id, vector)
      let rest = holdings[(index + 1)...].reduce(HoldingsDigest()) { $0.adding($1.0, $1.1) }
      #expect(left == rest)
    }
    #expect(left == HoldingsDigest())
  }

  @Test func anEmptyVectorIsAsIfNotHeld() {
    let id = CompartmentID(high: 1, low: 2)
    #expect(HoldingsDigest().adding(id, VersionVector()) == HoldingsDigest())
    #expect(HoldingsDigest().removing(id, VersionVector()) == HoldingsDigest())
  }

  @Test func everyVectorAndCompartmentCounts() {
    var sums = Set<HoldingsDigest>()
    for low in UInt64(1)...5 {
      for counter in UInt64(1)...5 {
        let vector = VersionVector([Actor(rawValue: 1): counter])
        sums.insert(HoldingsDigest().adding(CompartmentID(high: 0, low: low), vector))
      }
    }
    #expect(sums.count == 25)
  }

  @Test func theSumWrapsAndBorrowsAcrossBothWords() {
    let (id, vector) = holdings[0]
    for start in [HoldingsDigest(), HoldingsDigest(high: .max, low: .max)] {
      #expect(start.adding(id, vector).removing(id, vector) == start)
      #expect(start.removing(id, vector).adding(id, vector) == start)
    }
  }
}
