import CBOR
import CaseRecords
package import Causality

/// A compartment's state as one encoding, `[vector, content]`: what is cut into parts when
/// it does not fit a page, and what its digest is of. Content stays the bytes that `encoded()` of
/// `CompartmentContent` gave, as they are sealed on disk.
package struct EncodedSnapshot: Hashable, Sendable {
  package let bytes: [UInt8]

  package init(vector: VersionVector, contentBytes: [UInt8]) {
    var encoder = CBOREncoder(reservingBytes: contentBytes.count + vector.count * 11 + 64)
    encoder.arrayHeader(count: 2)
    encoder.snapshot(vector: vector, contentBytes: contentBytes)
    bytes = encoder.bytes
  }

  /// Whole again, from its parts.
  package init(bytes: [UInt8]) { self.bytes = bytes }

  package func decoded() throws(MessageError) -> (
    vector: VersionVector, content: CheckedContent
  ) {
    var reader = MessageReader(.snapshot, bytes, nesting: 2)
    guard bytes.count <= SyncLimits.snapshotBytesMax else {
      throw reader.failure("snapshot", .tooManyBytes(max: SyncLimits.snapshotBytesMax))
    }
    try reader.array("snapshot", count: 2)
    let snapshot = try reader.snapshot()
    try reader.finish()
    return snapshot
  }
}

extension CBOREncoder {
  mutating func snapshot(vector: VersionVector, contentBytes: [UInt8]) {
    self.vector(vector)
    bytes(contentBytes)
  }
}

extension MessageReader {
  mutating func snapshot() throws(MessageError) -> (
    vector: VersionVector, content: CheckedContent
  ) {
    let vector = try vector("vector")
    let content = try slice("content", bytesMax: SyncLimits.compartmentBytesMax)
    return (vector, try CheckedContent(encoded: input, range: content.indices))
  }
}
