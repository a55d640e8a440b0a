import CBOR
import CaseRecords
package import Causality

/// A compartment's state as one encoding, `[vector, content, receipt]`: what is cut into parts when
/// it does not fit a page, and what its digest is of. Content stays the bytes that `encoded()` of
/// `CompartmentContent` gave, as they are sealed on disk.
package struct EncodedSnapshot: Hashable, Sendable {
  package let bytes: [UInt8]

  /// `receipt`: 16 bytes, or none.
  package init(vector: VersionVector, contentBytes: [UInt8], receipt: [UInt8]) {
    var encoder = CBOREncoder(reservingBytes: contentBytes.count + vector.count * 11 + 64)
    encoder.arrayHeader(count: 3)
    encoder.snapshot(vector: vector, contentBytes: contentBytes, receipt: receipt)
    bytes = encoder.bytes
  }

  /// Whole again, from its parts.
  package init(bytes: [UInt8]) { self.bytes = bytes }

  package func decoded() throws(MessageError) -> (
    vector: VersionVector, content: CompartmentContent, receipt: [UInt8]
  ) {
    var reader = MessageReader(.snapshot, bytes, nesting: 2)
    guard bytes.count <= SyncLimits.snapshotBytesMax else {
      throw reader.failure("snapshot", .tooManyBytes(max: SyncLimits.snapshotBytesMax))
    }
    try reader.array("snapshot", count: 3)
    let snapshot = try reader.snapshot()
    try reader.finish()
    return snapshot
  }
}

extension CBOREncoder {
  mutating func snapshot(vector: VersionVector, contentBytes: [UInt8], receipt: [UInt8]) {
    precondition(receipt.isEmpty || receipt.count == 16, "a receipt of another length")
    self.vector(vector)
    bytes(contentBytes)
    bytes(receipt)
  }
}

extension MessageReader {
  mutating func snapshot() throws(MessageError) -> (
    vector: VersionVector, content: CompartmentContent, receipt: [UInt8]
  ) {
    let vector = try vector("vector")
    let content = try slice("content", bytesMax: SyncLimits.compartmentBytesMax)
    let receipt = try slice("receipt", bytesMax: 16)
    guard receipt.isEmpty || receipt.count == 16 else {
      throw failure("receipt", .wrongByteCount(expected: 16))
    }
    return (
      vector, try CompartmentContent(encoded: input, range: content.indices), Array(receipt)
    )
  }
}
