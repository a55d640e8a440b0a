/// Every limit of the protocol in one place; `SyncLimitsTests` asserts the relations between them.
package enum SyncLimits {
  /// The only protocol version spoken here. A peer that speaks a newer one is told so.
  package static let protocolVersion: UInt64 = 1
  package static let schemaVersion: UInt64 = 1

  /// A body of `POST /v1/exchange`, envelope included. A proxy in front must allow as much.
  package static let bodyBytesMax = 16 << 20
  /// What a page may be asked to hold; a single item larger than the page still travels (alone).
  package static let pageBytesMax = 4 << 20
  package static let pageBytesMin = 512
  package static let pageBytesDefault = 256 << 10

  package static let valueBytesMax = 128 << 10
  package static let changeBytesMax = 1 << 20
  /// What a person may save at once: a change that is minted anew later may have a longer context
  /// and more dependencies, and has to be a change still.
  package static let savedChangeBytesMax = changeBytesMax - (128 << 10)
  package static let writesPerChangeMax = 1_000
  /// Containers that a value may open inside each other.
  package static let valueDepthMax = 16
  package static let compartmentBytesMax = 8 << 20
  package static let actorsPerVectorMax = 4_096
  /// A record kind's or field group's name: visible ASCII, so that equal names have equal bytes.
  package static let nameBytesMax = 64
  /// Every count, position, time and version on the wire: what a JSON number holds exactly.
  package static let integerMax: UInt64 = 1 << 53
  /// Vector and content of a compartment in one encoding, sent in parts when large.
  package static let snapshotBytesMax = compartmentBytesMax + (256 << 10)

  package static let policyEntriesPerRequestMax = 500
  /// All entries of one request, or of one reply, together, unless it is a single one.
  package static let policyBytesPerRequestMax = 4 << 20
  package static let policyTextBytesMax = 4_096
  package static let policyNamesMax = 512
  package static let purgeReceiptsPerRequestMax = 5_000
  package static let revocationsPerReplyMax = 5_000
  /// Every reply may carry so many; more wait for the next one.
  package static let policyEntriesPerReplyMax = 5_000
  /// Items of a page, of whatever kind.
  package static let changesPerPageMax = 50_000
  /// The entries of all contexts of a page together: one byte can stand for a whole context, so the
  /// page's length does not bound them.
  package static let contextEntriesPerPageMax = 1 << 20
  package static let holdingsPerRequestMax = 400_000
  package static let stagedPerRequestMax = 16
  package static let rescuedPerRequestMax = 100
  package static let receivedPerRequestMax = 200
  /// An agency's or a device's name, as people read it.
  package static let labelBytesMax = 256
  package static let enrolmentCodeBytesMax = 64

  package static let waitMillisecondsMax: UInt64 = 300_000
  package static let incarnationsPerDeviceMax = 64

  /// 1 to `nameBytesMax` visible ASCII characters.
  package static func isName(_ text: String) -> Bool {
    let utf8 = text.utf8
    return !utf8.isEmpty && utf8.count <= nameBytesMax && utf8.allSatisfy { 0x21...0x7e ~= $0 }
  }
}
