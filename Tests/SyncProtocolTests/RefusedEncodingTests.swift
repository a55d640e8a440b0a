import CBOR
import CaseRecords
import Causality
import SyncProtocol
import Testing

/// Encodings that no honest peer makes, each refused for its own reason: the random mutations of
/// `HostileInputTests` seldom come upon them.
@Suite struct RefusedEncodingTests {
  private let id = CompartmentID(high: 1, low: 1)

  private func expect(
    _ reason: MessageError.Reason, sourceLocation: SourceLocation = #_sourceLocation,
    _ body: () throws -> Void
  ) {
    #expect(sourceLocation: sourceLocation) {
      try body()
    } throws: {
      ($0 as? MessageError)?.reason == reason
    }
  }

  @Test func aChangeThatWritesOneGroupTwice() {
    let one = SeededGenerator.sampleChange()
    let twice = Change(
      dot: one.dot, context: one.context, policySeen: one.policySeen,
      writes: one.writes + one.writes, time: one.time,
      claimedMilliseconds: one.claimedMilliseconds, author: one.author)
    expect(.duplicate) { _ = try Change(encoded: twice.encoded()) }
  }

  @Test func aChangeWithAValueBeyondItsLimit() throws {
    let head = CBOR.bytes([UInt8](repeating: 0, count: SyncLimits.valueBytesMax)).encoded.count
    let most = 2 * SyncLimits.valueBytesMax - head
    var change = SeededGenerator.sampleChange()
    for count in [most, most + 1] {
      change.writes[0] = Write(
        record: change.writes[0].record, kind: change.writes[0].kind,
        group: change.writes[0].group,
        value: CBOR.bytes([UInt8](repeating: 0, count: count)).encoded)
      let encoded = change.encoded()
      if count == most {
        #expect(try Change(encoded: encoded).writes == change.writes)
      } else {
        expect(.tooManyBytes(max: SyncLimits.valueBytesMax)) { _ = try Change(encoded: encoded) }
      }
    }
  }

  @Test func aPolicyEntryWithItemsToSpare() throws {
    let id = PolicyID(high: 1, low: 1)
    let entry = PolicyEntry(
      id: id, child: ChildID(high: 2, low: 2), kind: .unshield(id), madeAtMilliseconds: 1,
      authorAgency: AgencyID(high: 3, low: 3), author: nil)
    guard case .array(let items) = try CBOR(decoding: entry.encoded()) else {
      Issue.record("no list")
      return
    }
    for odd in [items + [.unsigned(1)], Array(items.dropLast())] {
      expect(.wrongItemCount) { _ = try PolicyEntry(encoded: CBOR.array(odd).encoded) }
    }
  }

  @Test func aPolicyEntryWithoutAKind() {
    for count in 0...6 {
      expect(.wrongItemCount) {
        let items = [CBOR](repeating: .unsigned(1), count: count)
        _ = try PolicyEntry(encoded: CBOR.array(items).encoded)
      }
    }
  }

  @Test func aSnapshotBeyondItsLimit() {
    let most = SyncLimits.snapshotBytesMax
    expect(.tooManyBytes(max: most)) {
      _ = try EncodedSnapshot(bytes: [UInt8](repeating: 0, count: most + 1)).decoded()
    }
    // At the limit it is read, and refused for what it says.
    #expect {
      try EncodedSnapshot(bytes: [UInt8](repeating: 0, count: most)).decoded()
    } throws: { error in
      guard case .encoding = (error as? MessageError)?.reason else { return false }
      return true
    }
  }

  // MARK: Pages

  /// A page of one described compartment and one change in it.
  private var page: Page {
    let compartment = Compartment(
      id: id, child: ChildID(high: 2, low: 2), category: .index,
      custodian: AgencyID(high: 3, low: 3))
    return Page(compartments: [compartment], items: [.change(id, SeededGenerator.sampleChange())])
  }

  /// The page with one of its sections changed, under its key in `Protocol/06-encoding.md`.
  private func altered(_ key: UInt64, _ change: (CBOR) -> CBOR) throws -> [UInt8] {
    guard case .map(let entries) = try CBOR(decoding: page.encoded().bytes) else { return [] }
    #expect(entries.contains { $0.key == .unsigned(key) })
    return CBOR.map(
      entries.map { entry in
        entry.key == .unsigned(key)
          ? CBOR.Entry(key: entry.key, value: change(entry.value)) : entry
      }
    ).encoded
  }

  private func bytes(_ item: CBOR) -> [UInt8] {
    guard case .bytes(let bytes) = item else { return [] }
    return bytes
  }

  private func items(_ item: CBOR) -> [CBOR] {
    guard case .array(let items) = item else { return [] }
    return items
  }

  @Test func theUnalteredPageIsRead() throws {
    #expect(try Page(encoded: try altered(8) { $0 }) == page)
  }

  @Test func aPageWithAPartyOrAnAuthorThatNothingNames() {
    for key: UInt64 in [1, 7] {
      expect(.unusedEntry) {
        _ = try Page(
          encoded: try altered(key) { .bytes(bytes($0) + [UInt8](repeating: 9, count: 16)) })
      }
    }
  }

  @Test func aPageWithACategoryThatIsNotAssigned() {
    for number: UInt64 in [200, 256, 1 << 40] {
      expect(.unassignedNumber) {
        _ = try Page(
          encoded: try altered(2) { section in
            var described = items(section)
            described[1] = .unsigned(number)
            return .array(described)
          })
      }
    }
  }

  @Test func aPageThatNamesARecordTwice() {
    expect(.duplicate) {
      _ = try Page(encoded: try altered(5) { .array(items($0) + items($0)) })
    }
  }
}
