import CBOR
import CaseRecords
import Causality
import SyncProtocol

/// What a backup holds once it is opened: the agency's private compartments as they stood.
///
///     body        = [written at (ms since 1970), [compartment …]] zeros
///     compartment = [id, child or null, vector, content], vector and content as on the wire
///
/// The zeros fill it up, so that the file's length does not tell how much was written today.
struct PrivateBackupBody: Hashable, Sendable {
  struct Part: Hashable, Sendable {
    let id: CompartmentID
    let child: ChildID?
    let vector: VersionVector
    /// Encoded registers.
    let content: [UInt8]
  }

  let writtenMilliseconds: UInt64
  /// By identifier, ascending.
  let parts: [Part]

  /// The shortest padded body; longer ones grow in steps of an eighth at most.
  private static let bytesMin = 4_096

  var encoded: [UInt8] {
    let contents = parts.reduce(0) { $0 + $1.content.count + 96 }
    var encoder = CBOREncoder(reservingBytes: Self.padded(contents))
    encoder.arrayHeader(count: 2)
    encoder.unsigned(writtenMilliseconds)
    encoder.arrayHeader(count: parts.count)
    for part in parts {
      encoder.arrayHeader(count: 4)
      encoder.bytes(part.id.bytes)
      if let child = part.child { encoder.bytes(child.bytes) } else { encoder.null() }
      encoder.bytes(part.vector.encoded())
      encoder.bytes(part.content)
    }
    let bytes = encoder.bytes
    return bytes + [UInt8](repeating: 0, count: Self.padded(bytes.count) - bytes.count)
  }

  private static func padded(_ count: Int) -> Int {
    let step = max(bytesMin, 1 << max(0, Int.bitWidth - count.leadingZeroBitCount - 4))
    return (count + step - 1) / step * step
  }
}

extension PrivateBackupBody {
  /// Throws for anything that `encoded` does not give: it was sealed, so it is no accident.
  init(encoded bytes: [UInt8]) throws {
    var decoder = CBORDecoder(bytes)
    guard try decoder.arrayHeader() == 2 else { throw PrivateBackupError.damaged }
    writtenMilliseconds = try decoder.unsigned()
    let count = try decoder.arrayHeader()
    parts = try (0..<count).map { _ in
      guard try decoder.arrayHeader() == 4, let id = CompartmentID(bytes: try decoder.bytes())
      else { throw PrivateBackupError.damaged }
      return Part(
        id: id, child: try Self.child(&decoder),
        vector: try VersionVector(encoded: decoder.bytes()), content: try decoder.bytes())
    }
    guard bytes[decoder.offset...].allSatisfy({ $0 == 0 }),
      zip(parts, parts.dropFirst()).allSatisfy({ $0.id < $1.id })
    else { throw PrivateBackupError.damaged }
  }

  private static func child(_ decoder: inout CBORDecoder) throws -> ChildID? {
    if decoder.isNull {
      try decoder.null()
      return nil
    }
    guard let child = ChildID(bytes: try decoder.bytes()) else { throw PrivateBackupError.damaged }
    return child
  }
}
