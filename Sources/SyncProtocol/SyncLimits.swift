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
  package static let writesPerChangeMax = 1_000
  package static let compartmentBytesMax = 8 << 20
  package static let actorsPerVectorMax = 4_096
  package static let nameBytesMax = 64

  package static let policyEntriesPerRequestMax = 500
  package static let policyTextBytesMax = 4_096
  package static let policyNamesMax = 512
  package static let purgeReceiptsPerRequestMax = 5_000
  package static let revocationsPerReplyMax = 5_000
  package static let changesPerPageMax = 50_000
  package static let holdingsPerRequestMax = 400_000
  package static let stagedPerRequestMax = 16

  package static let waitMillisecondsMax: UInt64 = 300_000
  package static let incarnationsPerDeviceMax = 64
}
