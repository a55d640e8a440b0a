import CBOR
package import CaseRecords
package import Causality
import Cryptography

extension HoldingsDigest {
  /// With one more compartment held, under that vector. An empty vector contributes nothing, as if
  /// the compartment were not held.
  package func adding(_ compartment: CompartmentID, _ vector: VersionVector) -> HoldingsDigest {
    if vector.isEmpty { return self }
    let term = Self.term(compartment, vector)
    let (low, carries) = low.addingReportingOverflow(term.low)
    return HoldingsDigest(high: high &+ term.high &+ (carries ? 1 : 0), low: low)
  }

  /// Without a compartment that was added under that vector.
  package func removing(_ compartment: CompartmentID, _ vector: VersionVector) -> HoldingsDigest {
    if vector.isEmpty { return self }
    let term = Self.term(compartment, vector)
    let (low, borrows) = low.subtractingReportingOverflow(term.low)
    return HoldingsDigest(high: high &- term.high &- (borrows ? 1 : 0), low: low)
  }

  /// The first 16 bytes of SHA-256(id ‖ encoded vector), big-endian.
  private static func term(
    _ compartment: CompartmentID, _ vector: VersionVector
  ) -> (high: UInt64, low: UInt64) {
    let digest = sha256(compartment.bytes + vector.encoded())
    return (
      digest[0..<8].reduce(0) { $0 << 8 | UInt64($1) },
      digest[8..<16].reduce(0) { $0 << 8 | UInt64($1) }
    )
  }
}
