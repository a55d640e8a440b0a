package import CaseRecords
package import Causality

/// One run of a device's replica: new when it is enrolled and at every RESEED.
package enum IncarnationTag {}
package typealias IncarnationID = Identifier<IncarnationTag>

/// Proof that a device has received the reply before: the count of its state-moving exchanges and
/// the hub's MAC over (device, incarnation, epoch, count). Spent when state moves.
package struct ExchangeToken: Hashable, Sendable {
  package let count: UInt64
  /// 16 bytes.
  package let mac: [UInt8]

  package init(count: UInt64, mac: [UInt8]) {
    self.count = count
    self.mac = mac
  }
}

/// The sum, modulo 2^128, of a digest per compartment held: equal sums mean equal holdings, and it
/// is kept up to date in constant time (Bellare and Micciancio 1997, AdHash; against error and
/// staleness here, not against an attacker, who could only deceive himself).
package struct HoldingsDigest: Hashable, Sendable {
  package var high: UInt64
  package var low: UInt64

  package init(high: UInt64 = 0, low: UInt64 = 0) {
    self.high = high
    self.low = low
  }
}

/// A purge carried out: the certificate it obeyed, and the device's MAC that names it.
package struct PurgeReceipt: Hashable, Sendable {
  /// On the wire.
  package static let encodedBytes = 64
  package static let withoutOrder = [UInt8](repeating: 0, count: 16)

  package let compartment: CompartmentID
  /// 16 bytes: the revocation certificate that ordered it; all zero when no order was needed, at
  /// the end of a lease.
  package let certificate: [UInt8]
  /// 32 bytes: HMAC-SHA-256 under the device's secret.
  package let proof: [UInt8]

  package init(compartment: CompartmentID, certificate: [UInt8], proof: [UInt8]) {
    self.compartment = compartment
    self.certificate = certificate
    self.proof = proof
  }
}

package struct Revocation: Hashable, Sendable {
  /// On the wire.
  package static let encodedBytes = 32

  package let compartment: CompartmentID
  /// 16 bytes: the hub's MAC, by a key that outlives a restore.
  package let certificate: [UInt8]

  package init(compartment: CompartmentID, certificate: [UInt8]) {
    self.compartment = compartment
    self.certificate = certificate
  }
}

package struct Holding: Hashable, Sendable {
  package let compartment: CompartmentID
  package let vector: VersionVector

  package init(compartment: CompartmentID, vector: VersionVector) {
    self.compartment = compartment
    self.vector = vector
  }
}

/// What lies between two ends of a page: whole changes, whole states, or parts of one large state.
package enum PageItem: Hashable, Sendable {
  case change(CompartmentID, Change)
  /// The registers of a compartment and their vector. Joined, so adopted when nothing is held.
  case snapshot(CompartmentID, vector: VersionVector, content: CheckedContent)
  /// A slice of an encoded snapshot item that is larger than the page: staged until whole, then
  /// decoded and joined. `digest` is SHA-256 of the whole.
  case snapshotPart(
    CompartmentID, digest: [UInt8], offset: UInt64, totalBytes: UInt64, bytes: [UInt8])

  package var compartment: CompartmentID {
    switch self {
    case .change(let id, _), .snapshot(let id, _, _), .snapshotPart(let id, _, _, _, _): id
    }
  }
}

package struct Page: Hashable, Sendable {
  /// What the receiver has to know of compartments it may not have met, each before its items.
  package var compartments: [Compartment]
  package var items: [PageItem]

  package init(compartments: [Compartment] = [], items: [PageItem] = []) {
    self.compartments = compartments
    self.items = items
  }
}

/// How far a large snapshot has been received: lets a cut back-fill resume.
package struct StagedPart: Hashable, Sendable {
  package let compartment: CompartmentID
  package let digest: [UInt8]
  package let receivedBytes: UInt64

  package init(compartment: CompartmentID, digest: [UInt8], receivedBytes: UInt64) {
    self.compartment = compartment
    self.digest = digest
    self.receivedBytes = receivedBytes
  }
}

package struct ExchangeRequest: Hashable, Sendable {
  package var protocolVersion: UInt64 = SyncLimits.protocolVersion
  package var schema: UInt64 = SyncLimits.schemaVersion
  /// The hub's epoch as last seen; 0 before the first contact.
  package var epoch: UInt64
  package var incarnation: IncarnationID
  /// At the first exchange of an incarnation that a RESEED made: the one before it.
  package var forkOf: IncarnationID?
  /// Nil at the first exchange of an incarnation.
  package var token: ExchangeToken?
  package var digest: HoldingsDigest
  /// High-water of the agency's policy feed.
  package var policySeen: UInt64
  package var policy: [PolicyEntry] = []
  package var purgeReceipts: [PurgeReceipt] = []
  /// Certificates of purges done or ordered: presented to a recovering hub.
  package var certificates: [Revocation] = []
  package var page = Page()
  /// Everything held, with acknowledged vectors: only when asked (NEED-HOLDINGS, RECOVERING).
  package var holdings: [Holding]?
  package var staged: [StagedPart] = []
  /// Work of a replica whose lease ran out: encoded pages, sealed to the hub's key.
  package var rescued: [[UInt8]] = []
  /// Compartments of which the device asks how far others have received its agency's changes.
  package var askReceived: [CompartmentID] = []
  package var pageBytes: UInt64
  package var waitMilliseconds: UInt64
  /// The daemon's keys are locked: it obeys revocations, and is sent neither policy nor a page.
  package var isLocked = false
  /// Asked by RECOVERING: policy and certificates are all that there are, or a part of them; with
  /// holdings it is the last part.
  package var isGivingBack = false
  /// Changes not yet acknowledged, after this request: for the operator's board.
  package var unsentCount: UInt64 = 0
  package var wallMilliseconds: UInt64

  package init(
    epoch: UInt64, incarnation: IncarnationID, forkOf: IncarnationID? = nil,
    token: ExchangeToken?, digest: HoldingsDigest, policySeen: UInt64,
    pageBytes: UInt64 = UInt64(SyncLimits.pageBytesDefault), waitMilliseconds: UInt64 = 0,
    wallMilliseconds: UInt64
  ) {
    self.epoch = epoch
    self.incarnation = incarnation
    self.forkOf = forkOf
    self.token = token
    self.digest = digest
    self.policySeen = policySeen
    self.pageBytes = pageBytes
    self.waitMilliseconds = waitMilliseconds
    self.wallMilliseconds = wallMilliseconds
  }
}

/// The hub's answer to one dot that was pushed.
package struct DotNotice: Hashable, Sendable {
  package let compartment: CompartmentID
  package let dot: Dot
  package init(compartment: CompartmentID, dot: Dot) {
    self.compartment = compartment
    self.dot = dot
  }
}

package struct QuarantineNotice: Hashable, Sendable {
  package let compartment: CompartmentID
  package let dot: Dot
  package let reason: QuarantineReason
  package init(compartment: CompartmentID, dot: Dot, reason: QuarantineReason) {
    self.compartment = compartment
    self.dot = dot
    self.reason = reason
  }
}

/// Why a change stands apart until a person decides. Kept at the hub, and told to its author.
package enum QuarantineReason: UInt64, CaseIterable, Hashable, Sendable {
  /// Written although the agency knew that it may no longer hold the compartment.
  case writtenKnowingWithdrawal = 1
  /// Not a compartment of this agency; "not yours" and "not there" are one answer.
  case notHeld = 2
  case contextNotDelivered = 3
  case tooLarge = 4
  case authorNotAllowed = 5
  case categoryNotAllowed = 6
  case erased = 7
}

package struct AliasNotice: Hashable, Sendable {
  package let compartment: CompartmentID
  package let dot: Dot
  package let aliasOf: Dot
  package init(compartment: CompartmentID, dot: Dot, aliasOf: Dot) {
    self.compartment = compartment
    self.dot = dot
    self.aliasOf = aliasOf
  }
}

package struct PolicyRefusal: Hashable, Sendable {
  package let id: PolicyID
  /// The live withdrawals that the grant does not name.
  package let conflictsWith: [PolicyID]
  package let sentence: String
  package init(id: PolicyID, conflictsWith: [PolicyID], sentence: String) {
    self.id = id
    self.conflictsWith = conflictsWith
    self.sentence = sentence
  }
}

package struct PolicyDelivery: Hashable, Sendable {
  /// Position in this agency's own feed: 1, 2, 3 …, and after each restore of the hub from a later
  /// multiple of 2³² (`Protocol/04-policy.md`, 4.8.1); it says nothing of other agencies.
  package let position: UInt64
  package let entry: PolicyEntry
  package init(position: UInt64, entry: PolicyEntry) {
    self.position = position
    self.entry = entry
  }

  /// In which epoch of the hub a position was given out.
  package static func epoch(ofPosition position: UInt64) -> UInt64 { (position >> 32) + 1 }

  /// It is the next after the position seen last, or the first since a later restore.
  package func follows(_ seen: UInt64) -> Bool {
    position == seen + 1 || (position > seen && position & 0xffff_ffff == 1)
  }
}

package struct ExchangeAnswer: Hashable, Sendable {
  package var epoch: UInt64
  /// Nil when state did not move: the token sent stays good.
  package var token: ExchangeToken?
  package var hubMilliseconds: UInt64
  package var leaseDays: UInt64
  /// All changes of the request that no notice below names are committed.
  package var quarantined: [QuarantineNotice] = []
  /// Not taken now (a dependency is missing): send again.
  package var deferred: [DotNotice] = []
  package var aliases: [AliasNotice] = []
  package var policyRefused: [PolicyRefusal] = []
  package var revocations: [Revocation] = []
  package var policy: [PolicyDelivery] = []
  package var page = Page()
  /// The answer to `askReceived`: the agency's own dots that some other agency has confirmed.
  package var received: [Holding] = []
  /// Nothing more waits for this device at this moment.
  package var isCaughtUp: Bool

  package init(epoch: UInt64, hubMilliseconds: UInt64, leaseDays: UInt64, isCaughtUp: Bool) {
    self.epoch = epoch
    self.hubMilliseconds = hubMilliseconds
    self.leaseDays = leaseDays
    self.isCaughtUp = isCaughtUp
  }
}

package enum RefusalCode: UInt64, CaseIterable, Hashable, Sendable {
  case malformed = 1
  case newerProtocol = 2
  case notEnrolled = 3
  case wrongCode = 4
  case expiredCode = 5
  case tooManyTries = 6
  case tooLarge = 7
  case busy = 8
  case tooManyIncarnations = 9
  case hubFault = 10
}

package enum ExchangeReply: Hashable, Sendable {
  case answer(ExchangeAnswer)
  /// A clone or a restored copy: take a new incarnation, pull first, re-mint what was not sent.
  case reseed(epoch: UInt64)
  case needHoldings(epoch: UInt64)
  /// The hub has been restored: send certificates, policy, holdings and what it lacks. `wanted` are
  /// compartments whose state the hub wants given back.
  case recovering(epoch: UInt64, wanted: [CompartmentID])
  case refused(RefusalCode, sentence: String, whatToDo: String)
}

package struct EnrolmentRequest: Hashable, Sendable {
  package var code: String
  package var device: DeviceID
  package var deviceName: String
  /// 32 bytes, made by the device: the same code and secret again get the same answer, so a lost
  /// reply costs nothing.
  package var secret: [UInt8]

  package init(code: String, device: DeviceID, deviceName: String, secret: [UInt8]) {
    self.code = code
    self.device = device
    self.deviceName = deviceName
    self.secret = secret
  }
}

package enum EnrolmentReply: Hashable, Sendable {
  /// `hubPublicKey`: X25519, 32 bytes: unsent work is sealed to it when a lease runs out.
  /// `isSensitive`: what this agency keeps is open to others only where consent names `sensitive`.
  case enrolled(
    agency: AgencyID, agencyName: String, epoch: UInt64, leaseDays: UInt64, hubPublicKey: [UInt8],
    isSensitive: Bool)
  case refused(RefusalCode, sentence: String, whatToDo: String)
}
