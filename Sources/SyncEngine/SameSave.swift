import CaseRecords
import Cryptography
import SyncProtocol

/// What makes two changes one and the same: as a person's save, whatever dots it has had; and as
/// what its author sent, whatever the hub has added.
extension Change {
  /// The same save by the same person, under whatever dots.
  func isSameOperation(as other: Change) -> Bool {
    writes == other.writes && author == other.author && time == other.time
      && claimedMilliseconds == other.claimedMilliseconds
  }

  /// Encoded as its author sent it: what the hub adds does not count.
  var encodedAsSent: [UInt8] {
    var sent = self
    sent.aliasOf = nil
    sent.isVoid = false
    return sent.encoded()
  }

  /// 16 bytes over `encodedAsSent`.
  static func digest(ofSent encoded: [UInt8]) -> [UInt8] { Array(sha256(encoded).prefix(16)) }

  var digest: [UInt8] { Self.digest(ofSent: encodedAsSent) }
}

/// Of which no person's save is made.
extension Write {
  /// What only the hub writes: answers, prompts, notices and the flag that it derives.
  var isHubsOwn: Bool {
    SchemaRegistry.standard.group(kind, group)?.isHubOnly ?? (kind == "enquiryAnswer")
  }
}
