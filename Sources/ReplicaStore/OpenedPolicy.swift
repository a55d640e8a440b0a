import CaseRecords
import Cryptography
import SyncProtocol

/// What sealed entries were opened to. Every decision reads all that is known of a child, and an
/// entry is written once: to open it again each time was a good part of an exchange.
///
/// Kept by the sealed bytes, not by the entry's name: what stands there under another seal, or has
/// been changed by one bit, is opened and fails as ever.
struct OpenedPolicy {
  /// A small agency's, whole; some megabytes.
  private static let entriesMax = 4_096

  private var entries: [SealedEntry: PolicyEntry] = [:]

  mutating func entry(
    of sealed: [UInt8], open: ([UInt8]) throws -> [UInt8]
  ) throws -> PolicyEntry {
    let key = SealedEntry(bytes: sealed)
    if let known = entries[key] { return known }
    let entry = try PolicyEntry(encoded: open(sealed))
    if entries.count >= Self.entriesMax { entries.removeAll() }
    entries[key] = entry
    return entry
  }
}

private struct SealedEntry: Hashable {
  let bytes: [UInt8]

  /// The nonce, with which they begin, tells them apart.
  func hash(into hasher: inout Hasher) {
    bytes.withUnsafeBytes {
      hasher.combine(bytes: UnsafeRawBufferPointer(rebasing: $0.prefix(Sealing.nonceBytes)))
    }
  }
}
