package import CaseRecords
import Causality
package import ReplicaStore
package import SyncProtocol

/// Who this replica is: fixed at enrolment.
package struct AgencyIdentity: Hashable, Sendable {
  package let device: DeviceID
  /// 32 bytes, known to this device alone; the hub keeps their digest. Proves purges.
  package let secret: [UInt8]
  package let agency: AgencyID
  package let agencyName: String
  /// X25519, 32 bytes: unsent work is sealed to it when a lease runs out.
  package let hubPublicKey: [UInt8]
  /// What this agency keeps is open to others only where consent names `sensitive`.
  package let isSensitive: Bool

  package init(
    device: DeviceID, secret: [UInt8], agency: AgencyID, agencyName: String, hubPublicKey: [UInt8],
    isSensitive: Bool = false
  ) {
    self.device = device
    self.secret = secret
    self.agency = agency
    self.agencyName = agencyName
    self.hubPublicKey = hubPublicKey
    self.isSensitive = isSensitive
  }
}

/// Where this replica stands with the hub. Lies in the store as facts by name, and only what has
/// changed is written.
package struct AgencySession: Hashable, Sendable {
  package var incarnation: IncarnationID
  /// The run before, until the hub has answered this one for the first time.
  package var forkOf: IncarnationID?
  package var epoch: UInt64
  package var token: ExchangeToken?
  package var digest = HoldingsDigest()
  package var policySeen: UInt64 = 0
  package var leaseDays: UInt64
  /// Between a RESEED and the first answer that says that nothing more is to be pulled.
  package var isReseeding = false
  /// Unsent work is to be given new names once the keys are here.
  package var isRenamingDue = false
  /// The latest hybrid time given out or observed.
  package var hybridTime: UInt64 = 0
  /// By this device's clock, at the last answer; written hourly.
  package var lastExchangeMilliseconds: UInt64 = 0
  /// The latest that this device's clock has shown; written hourly.
  package var lastWallMilliseconds: UInt64 = 0
  /// How long since the last answer, by time that is proven; written hourly. See `LeaseClock`.
  package var provenAwayMilliseconds: UInt64 = 0
  /// The key file on disk as it was at the last exchange: a copied folder has another.
  package var instanceMarker: [UInt8] = []

  package init(incarnation: IncarnationID, epoch: UInt64, leaseDays: UInt64) {
    self.incarnation = incarnation
    self.epoch = epoch
    self.leaseDays = leaseDays
  }
}

extension AgencySession {
  /// By the names under which they are stored, always in the same order; empty means absent.
  private var blobs: [(name: String, value: [UInt8])] {
    [
      ("digest", Identifier<IncarnationTag>(high: digest.high, low: digest.low).bytes),
      ("fork_of", forkOf?.bytes ?? []), ("incarnation", incarnation.bytes),
      ("instance", instanceMarker), ("renaming", isRenamingDue ? [1] : []),
      ("reseeding", isReseeding ? [1] : []), ("token_mac", token?.mac ?? []),
    ]
  }

  /// The same for numbers.
  private var integers: [(name: String, value: UInt64)] {
    [
      ("epoch", epoch), ("hybrid_time", hybridTime),
      ("last_exchange_ms", lastExchangeMilliseconds), ("last_wall_ms", lastWallMilliseconds),
      ("lease_days", leaseDays), ("policy_seen", policySeen),
      ("proven_away_ms", provenAwayMilliseconds), ("token_count", token?.count ?? 0),
    ]
  }

  /// Nil when the replica has not been enrolled.
  package init?(from store: ReplicaStore) throws {
    guard let incarnation = try store.blob("incarnation").flatMap({ IncarnationID(bytes: $0) })
    else { return nil }
    self.init(
      incarnation: incarnation, epoch: try store.integer("epoch") ?? 0,
      leaseDays: try store.integer("lease_days") ?? 0)
    forkOf = try store.blob("fork_of").flatMap { IncarnationID(bytes: $0) }
    let mac = try store.blob("token_mac") ?? []
    token =
      mac.isEmpty ? nil : ExchangeToken(count: try store.integer("token_count") ?? 0, mac: mac)
    if let sum = try store.blob("digest").flatMap({ Identifier<IncarnationTag>(bytes: $0) }) {
      digest = HoldingsDigest(high: sum.high, low: sum.low)
    }
    policySeen = try store.integer("policy_seen") ?? 0
    isReseeding = try store.blob("reseeding") == [1]
    isRenamingDue = try store.blob("renaming") == [1]
    hybridTime = try store.integer("hybrid_time") ?? 0
    lastExchangeMilliseconds = try store.integer("last_exchange_ms") ?? 0
    lastWallMilliseconds = try store.integer("last_wall_ms") ?? 0
    provenAwayMilliseconds = try store.integer("proven_away_ms") ?? 0
    instanceMarker = try store.blob("instance") ?? []
  }

  func save(to store: ReplicaStore, insteadOf before: AgencySession?) throws {
    guard let before else {
      for fact in blobs { try store.setBlob(fact.name, fact.value) }
      for fact in integers { try store.setInteger(fact.name, fact.value) }
      return
    }
    if self == before { return }
    for (old, new) in zip(before.blobs, blobs) where old.value != new.value {
      try store.setBlob(new.name, new.value)
    }
    for (old, new) in zip(before.integers, integers) where old.value != new.value {
      try store.setInteger(new.name, new.value)
    }
  }
}

extension AgencyIdentity {
  /// Nil when the replica has not been enrolled.
  package init?(from store: ReplicaStore) throws {
    guard let device = try store.blob("device").flatMap({ DeviceID(bytes: $0) }),
      let agency = try store.blob("agency").flatMap({ AgencyID(bytes: $0) }),
      let secret = try store.blob("device_secret"), let hubKey = try store.blob("hub_public_key")
    else { return nil }
    self.init(
      device: device, secret: secret, agency: agency,
      agencyName: try store.text("agency_name") ?? "", hubPublicKey: hubKey,
      isSensitive: try store.blob("is_sensitive") == [1])
  }

  func save(to store: ReplicaStore) throws {
    try store.setBlob("device", device.bytes)
    try store.setBlob("agency", agency.bytes)
    try store.setBlob("device_secret", secret)
    try store.setBlob("hub_public_key", hubPublicKey)
    try store.setText("agency_name", agencyName)
    try store.setBlob("is_sensitive", isSensitive ? [1] : [])
  }
}
