/// The agency's side of the exchange: what to ask next, and what to make of the reply.
///
/// The engine owns no clock, socket or thread. `nextRequest` says what to send, `received` takes
/// the reply, `failed` says that none came; each is one transaction over the store, so a crash
/// between two calls is a lost reply and nothing more. Writing never waits for the line: a save is
/// committed here first, and an exchange carries it when there is one.
///
/// Three things are kept in step with the hub. Of each compartment, `acknowledged`: what the hub
/// knows this device to have; the holdings digest is their sum, and both sides move it by the same
/// steps in the same order. The token: given by the hub when state moves, good for one request and
/// its retries. The outbox: entries stay until the hub has said what became of them; those in a
/// request without a reply are sent again, and nothing new with them, before anything else.
///
/// One thread or lock at a time; no call waits for anything but the disk.
package import CaseRecords
import Causality
package import Cryptography
package import ReplicaStore
import SyncProtocol

package final class AgencyEngine {
  package let store: ReplicaStore
  package let identity: AgencyIdentity
  package internal(set) var session: AgencySession
  package var random: any RandomNumberGenerator
  /// A request may have reached the hub without its reply reaching us: so also at every start.
  var isOutcomeUnknown = true
  /// The hub asked for the list of holdings, or a page did not fit what is held.
  var sendsHoldings = false
  /// Set while a restored hub takes back what it lost.
  var recovery: AgencyRecovery?
  /// Own compartments that the hub declined to store: not sent again until policy has moved.
  var declined: Set<Int64> = []
  /// Compartments of which the next requests ask whether others have received them.
  var watched: [CompartmentID] = []
  var received = ReceivedQuestions()
  var policyView: AgencyPolicyView?
  /// What a crash cut off between the key file and the rows has been finished since the start.
  var hasFinishedPurges = false
  var clock = LeaseClock()
  /// Who writes in private compartments in this run, by number.
  var privateActors: [Int64: Actor] = [:]
  /// What has happened to private compartments: each time the backup has to follow.
  package internal(set) var privateNews = PrivateNews()

  /// Records who this replica is. Once, before the first `init`.
  package static func enrol(
    _ store: ReplicaStore, as identity: AgencyIdentity, epoch: UInt64, leaseDays: UInt64,
    now: UInt64, random: inout some RandomNumberGenerator
  ) throws {
    var session = AgencySession(
      incarnation: IncarnationID(using: &random), epoch: epoch, leaseDays: leaseDays)
    session.lastExchangeMilliseconds = now
    session.lastWallMilliseconds = now
    session.instanceMarker = store.vault.instanceMarker
    try store.transaction {
      try identity.save(to: store)
      try session.save(to: store, insteadOf: nil)
    }
  }

  /// Throws `AgencyError.notEnrolled`.
  package init(store: ReplicaStore, random: any RandomNumberGenerator) throws {
    guard let identity = try AgencyIdentity(from: store),
      let session = try AgencySession(from: store)
    else { throw AgencyError.notEnrolled }
    self.store = store
    self.identity = identity
    self.session = session
    self.random = random
    clock.isCopy = session.instanceMarker != store.vault.instanceMarker
  }

  package var isLocked: Bool { store.vault.isLocked }

  /// Opens the keys. Throws `StoreError.wrongKey`, and stays locked, when the key does not fit.
  package func unlock(_ master: SymmetricKey) throws {
    try store.vault.unlock(master)
    policyMoved()
  }

  /// Forgets the keys, and whatever was concluded with them. What is under way with the hub is
  /// asked for again.
  package func lock() {
    store.lock()
    policyMoved()
    watched = []
    isOutcomeUnknown = true
  }

  /// No reply came, or none that could be read.
  package func failed() { isOutcomeUnknown = true }

  /// One transaction over the store and the session.
  func transaction<T>(_ body: () throws -> T) throws -> T {
    let before = session
    do {
      return try store.transaction {
        let result = try body()
        try session.save(to: store, insteadOf: before)
        return result
      }
    } catch {
      session = before
      throw error
    }
  }

  /// Moves what the hub knows this device to have, and the digest with it.
  func acknowledge(_ hold: inout AgencyHold, of id: CompartmentID, to vector: VersionVector) {
    session.digest = session.digest.removing(id, hold.acknowledged).adding(id, vector)
    hold.acknowledged = vector
  }

  func newActor() -> Actor { Actor(rawValue: random.next()) }
}

/// What a person or the service has to know; never with personal data.
package enum AgencyError: Error, Hashable, Sendable, CustomStringConvertible {
  case notEnrolled
  /// The text is in the local quarantine.
  case revoked(CompartmentID)
  /// The text is in the local quarantine.
  case notHeld(CompartmentID)
  case tooManyWrites(max: Int)
  case valueTooLong(maxBytes: Int)
  case saveTooLong(maxBytes: Int)
  case compartmentFull(maxBytes: Int)
  /// What is wrong with its form, naming the field.
  case decisionUnfit(String)

  package var description: String {
    switch self {
    case .notEnrolled:
      "This replica belongs to no hub yet. Run `cafsync join` with the code of the hub's operator."
    case .revoked:
      "Your agency may no longer hold this part of the record. What you wrote has been kept under "
        + "Set apart: discuss it with the family or the lead professional."
    case .notHeld:
      "This part of the record is not here any more. What you wrote has been kept under Set apart: "
        + "go back to the child and look whether you may write it there again."
    case .tooManyWrites(let max):
      "More than \(max) fields were changed at once. Save in smaller steps."
    case .valueTooLong(let maxBytes):
      "One entry is longer than \(maxBytes / 1024) kB. Shorten it or split it."
    case .saveTooLong(let maxBytes):
      "What was written is longer than \(maxBytes / 1024) kB together. Save in smaller steps."
    case .compartmentFull(let maxBytes):
      "This part of the record would grow past \(maxBytes >> 20) MB. Shorten it, or remove what is "
        + "not needed."
    case .decisionUnfit(let what):
      "The decision cannot be recorded like this. \(what)"
    }
  }
}
