/// The hub's side of the exchange: one function in one transaction.
///
/// Everything is decided between reading and writing one set of tables, with no wait in between.
/// The rules are numbered in `Protocol/05-exchange.md`. What an exchange did to other agencies'
/// feeds is returned beside the reply, so that the service can wake their long polls.
package import CaseRecords
import Causality
package import Cryptography
import Disclosure
package import ReplicaStore
import SQLite
package import SyncProtocol

/// What must not stand in the database: it outlives a restore.
package struct HubSecrets: Sendable {
  /// 32 bytes: tokens, certificates and the hub's own actors are MACs under it.
  package let certifyingKey: [UInt8]
  package let sealing: SealingKeyPair

  package init(certifyingKey: [UInt8], sealing: SealingKeyPair) {
    self.certifyingKey = certifyingKey
    self.sealing = sealing
  }
}

/// Where policy is written before it is acknowledged: a file of its own, never restored with the
/// database.
package protocol PolicyJournal: AnyObject {
  /// Durable before the transaction that it is called in commits.
  func append(_ line: JournalLine) throws
  /// Lines that are not durable yet; `forget(after:)` takes back those beyond an earlier count.
  var waitingCount: Int { get }
  func forget(after waitingCount: Int)
}

/// A journal that makes each line durable at once has none to take back.
extension PolicyJournal {
  package var waitingCount: Int { 0 }
  package func forget(after waitingCount: Int) {}
}

package enum JournalLine: Hashable, Sendable {
  case policy(PolicyEntry, from: AgencyID, atMilliseconds: UInt64)
  case agency(HubAgency)
  case device(
    id: DeviceID, agency: AgencyID, name: String, secretDigest: [UInt8], atMilliseconds: UInt64)
  case deviceRevoked(DeviceID, atMilliseconds: UInt64)
}

package final class HubEngine {
  package let store: ReplicaStore
  let secrets: HubSecrets
  /// By the certifying key.
  private let authenticator: MessageAuthenticator
  let journal: any PolicyJournal
  package let leaseDays: UInt64
  /// How long changes are kept beside the states that they have made.
  let changeLogDays: UInt64
  package var random: any RandomNumberGenerator & Sendable
  /// By canonical child; emptied whenever policy changes.
  var policyCache: [ChildID: PolicySet] = [:]
  /// Agencies whose feeds moved since the service last asked.
  var touched: Set<Int64> = []
  /// By the number of an incarnation: the exchange whose token has come back. In memory only: what
  /// is forgotten is learnt with the next poll.
  var shown: [Int64: UInt64] = [:]
  /// The same, with the digest of what the last reply to it brought.
  var confirmed: [Int64: UInt64] = [:]
  /// Incarnations that have shown what they have since it was last decided to let go of a copy that
  /// is their agency's. In memory only: who was forgotten is heard with the next poll.
  var heard: Set<Int64> = []
  /// By the number of an incarnation that gives back: of its own agency's records, as it describes
  /// them, those that were not taken. In memory only: what is forgotten is asked for once more.
  var declined: [Int64: [CompartmentID: Compartment]] = [:]
  /// The incarnation whose exchange this is, once it has shown what it has, and how far it has been
  /// told policy.
  var speaking: (incarnation: Int64, policySeen: UInt64)?
  /// The entry that is being taken: what is revoked meanwhile is revoked by it.
  var deciding: PolicyEntry?
  private(set) var aliases = AliasMap(entries: [])
  /// The entries that `aliases` is made from.
  private var aliasEntries: [PolicyEntry] = []
  private(set) var wideEntries: [PolicyEntry] = []
  /// Counts what was learnt of policy: a rollback has to read it again if this moved.
  private var policyLearnt = 0
  /// What the records say, by child; like everything here forgotten when a transaction fails.
  var factsCache: [ChildID: [AgencyID: CaseFacts]] = [:]
  private var agencyCache: [HubAgency]?
  package internal(set) var searchIndex = ChildSearchIndex()
  /// Index compartments taken into the search since the last commit: read again after a rollback.
  var searchTouched: Set<CompartmentID> = []

  package init(
    store: ReplicaStore, secrets: HubSecrets, journal: any PolicyJournal, leaseDays: UInt64,
    changeLogDays: UInt64 = 90, random: any RandomNumberGenerator & Sendable
  ) throws {
    self.store = store
    self.secrets = secrets
    authenticator = MessageAuthenticator(key: secrets.certifyingKey)
    self.journal = journal
    self.leaseDays = leaseDays
    self.changeLogDays = changeLogDays
    self.random = random
    if try store.integer("epoch") == nil {
      try store.transaction {
        try store.setInteger("epoch", 1)
        try store.addAgency(
          id: .hub, name: "hub", sector: "hub", locality: "", isSensitive: false)
      }
    }
    try refreshAgencyWidePolicy()
    // Cut off in the middle, a purge leaves rows whose key is gone: before anything is read.
    try purgeHubCopies(cutOff: Set(try store.compartmentsWithoutKey()))
    try rebuildSearchIndex()
  }

  package var epoch: UInt64 { get throws { try store.integer("epoch") ?? 1 } }

  /// Agencies whose feeds moved since `takeTouched`, and some whose did not.
  package var touchedAgencies: Set<Int64> { touched }

  /// Agencies with news since the last call.
  package func takeTouched() -> Set<Int64> {
    defer { touched = [] }
    searchTouched = []
    return touched
  }

  /// Destroys the keys, then the rows, of what the hub may no longer keep: after the transaction
  /// that decided so, and at the start. What a later part of that transaction has allowed again, or
  /// has added for a holder, stays.
  package func purgeHubCopies() throws { try purgeHubCopies(cutOff: []) }

  /// `cutOff`: their keys are gone already, so nobody can be allowed them again.
  private func purgeHubCopies(cutOff: Set<Int64>) throws {
    let scheduled = try store.scheduledHubPurges()
    guard !scheduled.isEmpty else { return }
    var due: [(stored: StoredCompartment, isErased: Bool, at: UInt64)] = []
    for (number, at) in scheduled {
      guard let stored = try store.compartment(number: number) else { continue }
      let keeping = try keeping(of: stored, now: at)
      guard keeping.isDestroyed || cutOff.contains(number) else { continue }
      let isErased = keeping == .destroyed(isErased: true)
      searchIndex.remove(compartment: stored.id)
      due.append((stored, isErased, at))
    }
    let numbers = due.map(\.stored.number)
    try store.vault.destroy(numbers)
    try store.transaction {
      for (stored, isErased, at) in due {
        try store.deleteLog(of: stored.number)
        if let custodian = try agency(stored.compartment.custodian) {
          try store.countDestroyedCopy(of: stored.id, custodian: custodian.number)
        }
        if isErased { try store.markErased(stored.id, atMilliseconds: at) }
        try store.audit(
          who: "hub", action: isErased ? "erased" : "store purged", subject: stored.id.text,
          atMilliseconds: at)
      }
      try store.deleteRows(numbers)
      try store.forgetScheduledHubPurges()
      // What those records said of the case is not said any more.
      for child in Set(due.compactMap(\.stored.compartment.child)).sorted() {
        try store.forgetFacts(of: child)
        factsCache[child] = nil
        try recomputeEntitlements(of: child, now: due.map(\.at).max() ?? 0)
      }
    }
    if !due.isEmpty { try store.checkpoint() }
  }

  /// One exchange, inside the caller's transaction: a throw takes back this exchange alone.
  package func exchange(
    _ request: ExchangeRequest, from device: HubDevice, now: UInt64
  ) throws -> HubReply {
    do {
      return try alone {
        var exchange = try HubExchange(
          engine: self, device: device, request: request, now: now)
        return try exchange.run()
      }
    } catch let verdict as HubVerdict {
      try note(verdict, on: request, from: device, now: now)
      switch verdict {
      case .reseed: return HubReply(reply: .reseed(epoch: try epoch), page: nil)
      case .needHoldings: return HubReply(reply: .needHoldings(epoch: try epoch), page: nil)
      case .refused(let code, let sentence, let whatToDo):
        return HubReply(
          reply: .refused(code, sentence: sentence, whatToDo: whatToDo), page: nil)
      }
    }
  }

  /// For the operator, after all that the exchange did was taken back.
  private func note(
    _ verdict: HubVerdict, on request: ExchangeRequest, from device: HubDevice, now: UInt64
  ) throws {
    let kind: HubIdentityEventKind
    switch verdict {
    case .reseed(let why): kind = why
    case .refused(.tooManyIncarnations, _, _): kind = .tooManyRuns
    case .needHoldings, .refused: return
    }
    try store.noteIdentity(
      kind, device: device.number, incarnation: store.incarnation(request.incarnation)?.number,
      atMilliseconds: now)
  }

  /// Runs `body` as a part of the caller's transaction that can fail alone: what it did is undone,
  /// and what the engine remembered of it forgotten.
  package func alone<T>(_ body: () throws -> T) throws -> T {
    let (news, learnt, declinedBefore) = (touched, policyLearnt, declined)
    let lines = journal.waitingCount
    do {
      return try store.database.savepoint(body)
    } catch {
      // With the whole transaction gone, `forgetTransaction` follows.
      guard store.database.isInTransaction else { throw error }
      touched = news
      // Whoever was not told why is to be asked again.
      declined = declinedBefore
      journal.forget(after: lines)
      forgetCaches()
      if policyLearnt != learnt { try refreshAgencyWidePolicy() }
      try restoreSearchIndex()
      throw error
    }
  }

  /// After the whole transaction was rolled back: nothing of it is remembered.
  package func forgetTransaction() throws {
    touched = []
    declined = [:]
    forgetCaches()
    try refreshAgencyWidePolicy()
    try rebuildSearchIndex()
  }

  private func forgetCaches() {
    policyCache.removeAll()
    factsCache.removeAll()
    agencyCache = nil
  }

  /// Every agency on the books, the hub among them.
  func agencies() throws -> [HubAgency] {
    if let agencyCache { return agencyCache }
    let read = try store.agencies()
    agencyCache = read
    return read
  }

  func agency(_ id: AgencyID) throws -> HubAgency? { try agencies().first { $0.id == id } }

  func agency(number: Int64) throws -> HubAgency? { try agencies().first { $0.number == number } }

  /// To be called when one was added.
  func forgetAgencies() { agencyCache = nil }

  /// What time alone has ended is recomputed. Call before a batch of exchanges; cheap when nothing
  /// is due.
  package func expire(now: UInt64) throws {
    let due = try store.entitlementsExpired(at: now)
    guard !due.isEmpty else { return }
    for number in Set(due.map(\.compartment)).sorted() {
      try recomputeEntitlements(ofCompartment: number, now: now)
    }
  }

  /// Lets go of what is only kept for a time: old changes, frozen states. Now and then, in a
  /// transaction of the caller's; each call does a bounded part.
  package func tidy(now: UInt64) throws {
    let day: UInt64 = 86_400_000
    let (logMilliseconds, isEndless) = changeLogDays.multipliedReportingOverflow(by: day)
    if !isEndless, now > logMilliseconds {
      _ = try store.pruneLog(before: now - logMilliseconds, limit: 2_000)
    }
    _ = try store.countConflicts(limit: 500)
    try store.dropFrozen(before: now - min(now, Self.frozenMilliseconds))
  }

  /// How long a state that is being sent in parts may be gone on with.
  static let frozenMilliseconds: UInt64 = 86_400_000

  func refreshAgencyWidePolicy() throws {
    let entries = try store.allHubPolicy().map(\.entry)
    aliasEntries = entries.filter(\.kind.isAboutAliases)
    aliases = AliasMap(entries: aliasEntries)
    wideEntries = entries.filter { $0.child == nil }
    policyLearnt += 1
  }

  /// Takes a new entry into what is kept in memory, without reading all the others again: a hub
  /// has some for every child.
  func learn(_ entry: PolicyEntry) {
    policyLearnt += 1
    if entry.kind.isAboutAliases {
      aliasEntries.append(entry)
      aliases = AliasMap(entries: aliasEntries)
    }
    if let child = entry.child, !entry.kind.isAboutAliases {
      policyCache[aliases.canonical(child)] = nil
    } else {
      policyCache.removeAll()
    }
    if entry.child == nil { wideEntries.append(entry) }
  }

  // MARK: MACs

  func token(count: UInt64, device: DeviceID, incarnation: IncarnationID, epoch: UInt64)
    -> ExchangeToken
  {
    ExchangeToken(
      count: count,
      mac: mac("token", device.bytes + incarnation.bytes + Self.word(epoch) + Self.word(count)))
  }

  package func certificate(compartment: CompartmentID, agency: AgencyID) -> [UInt8] {
    mac("revoke", compartment.bytes + agency.bytes)
  }

  /// The hub's own actor in a compartment: new in each epoch, and whenever the compartment is begun
  /// anew after the hub has destroyed its copy.
  func hubActor(in compartment: CompartmentID, epoch: UInt64) throws -> Actor {
    let times = try store.destroyedCopies(of: compartment)
    let bytes = mac("actor", Self.word(epoch) + Self.word(times) + compartment.bytes)
    return Actor(rawValue: bytes.prefix(8).reduce(0) { $0 << 8 | UInt64($1) })
  }

  /// Under which the hub mints what it releases of another actor's: one for each, so that what one
  /// author wrote in order stays in order, and new in each epoch.
  func releaseActor(for author: Actor, in compartment: CompartmentID) throws -> Actor {
    let bytes = mac(
      "release", Self.word(try epoch) + compartment.bytes + Self.word(author.rawValue))
    return Actor(rawValue: bytes.prefix(8).reduce(0) { $0 << 8 | UInt64($1) })
  }

  private func mac(_ use: String, _ message: [UInt8]) -> [UInt8] {
    Array(
      authenticator.authenticate(Array("cafsync \(use)\u{0}".utf8) + message).prefix(16))
  }

  private static func word(_ value: UInt64) -> [UInt8] {
    withUnsafeBytes(of: value.bigEndian) { Array($0) }
  }
}

extension PolicyKind {
  /// Joins two identifiers of one child, or parts them again.
  fileprivate var isAboutAliases: Bool {
    switch self {
    case .alias, .unalias: true
    default: false
    }
  }
}

/// A reply, and its page as it was filled: encoded once, straight from what is stored.
package struct HubReply: Hashable, Sendable {
  package let reply: ExchangeReply
  package let page: EncodedPage?
  /// The same request had been answered before, and the reply was lost on the way.
  package var isRetry = false

  /// Nothing but what an idle exchange brings: worth waiting instead of answering at once.
  package var isIdle: Bool {
    guard case .answer(let answer) = reply else { return false }
    return answer.token == nil && answer.isCaughtUp && answer.revocations.isEmpty
      && answer.policy.isEmpty && answer.policyRefused.isEmpty && answer.received.isEmpty
      && (page?.itemCount ?? 0) == 0
  }
}

/// An answer that undoes whatever the exchange had begun to change.
enum HubVerdict: Error {
  /// And why, for the operator.
  case reseed(HubIdentityEventKind)
  case needHoldings
  case refused(RefusalCode, sentence: String, whatToDo: String)
}
