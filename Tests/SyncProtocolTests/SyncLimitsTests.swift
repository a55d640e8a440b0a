import Causality
import SyncProtocol
import Testing

/// How the limits stand to each other: what fits one must not break on the next.
@Suite struct SyncLimitsTests {
  @Test func aLimitHasRoomForWhatItHolds() {
    #expect(SyncLimits.pageBytesMin < SyncLimits.pageBytesDefault)
    #expect(SyncLimits.pageBytesDefault < SyncLimits.pageBytesMax)
    #expect(SyncLimits.valueBytesMax < SyncLimits.changeBytesMax)
    #expect(SyncLimits.changeBytesMax < SyncLimits.compartmentBytesMax)
    // A whole page, and a single item larger than it, with the rest of a message.
    #expect(SyncLimits.pageBytesMax * 2 < SyncLimits.bodyBytesMax)
    #expect(SyncLimits.snapshotBytesMax < SyncLimits.bodyBytesMax)
  }

  @Test func aSavedChangeMayBeMintedAnewWithTheLargestContext() {
    let contextBytes = SyncLimits.actorsPerVectorMax * (9 + 9) + 5
    let dependencyBytes = SyncLimits.policyNamesMax * 16 + 5
    #expect(
      SyncLimits.savedChangeBytesMax + contextBytes + dependencyBytes + 64
        < SyncLimits.changeBytesMax)
    #expect(SyncLimits.valueBytesMax < SyncLimits.savedChangeBytesMax)
    #expect(
      SyncLimits.policyBytesPerRequestMax + 2 * SyncLimits.pageBytesMax < SyncLimits.bodyBytesMax)
  }

  @Test func aStateFitsItsEncodingWithTheLargestVector() {
    let vectorBytes = SyncLimits.actorsPerVectorMax * (9 + 9) + 5
    #expect(SyncLimits.compartmentBytesMax + vectorBytes + 5 + 1 <= SyncLimits.snapshotBytesMax)
  }

  @Test func listsFitABody() {
    let room = SyncLimits.bodyBytesMax
    #expect(SyncLimits.purgeReceiptsPerRequestMax * 64 < room)
    #expect(SyncLimits.revocationsPerReplyMax * 32 < room)
    #expect(SyncLimits.holdingsPerRequestMax * 32 < room)
    // An identifier and a vector of one actor: what nearly every compartment has.
    #expect(SyncLimits.holdingsPerRequestMax * (17 + 1 + 9 + 5) < room)
  }

  @Test func aPageOfOneChangeIsWithinItsContextsLimit() {
    #expect(SyncLimits.actorsPerVectorMax < SyncLimits.contextEntriesPerPageMax)
  }

  @Test func sumsOfWireIntegersCannotOverflow() {
    #expect(SyncLimits.integerMax < UInt64(Int64.max) / 2)
    #expect(HybridTime.millisecondsMax < SyncLimits.integerMax)
    #expect(SyncLimits.waitMillisecondsMax < SyncLimits.integerMax)
  }
}
