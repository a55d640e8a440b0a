import CaseRecords
import Causality
import ReplicaStore
import SyncProtocol

/// Which of this agency's work is asked about, whether others have received it.
///
/// A poll asks about a few compartments only, so that it stays small: the newest work first, since
/// somebody may be looking at it, and beside it the rest in turn, since some will never be received
/// by anyone. Nothing of this is kept on disk.
struct ReceivedQuestions {
  static let perPollMax = 4
  static let newestPerPollMax = 2
  static let recentMax = 64
  /// How many holds one poll looks through for the rest.
  static let lookedThroughMax = 1_000

  /// Compartments in which the hub has lately acknowledged work of this device, newest last.
  private(set) var recent: [Int64] = []
  /// The compartment up to which the rest has been asked about in this round.
  var cursor: Int64 = 0

  mutating func noteAcknowledged(_ number: Int64) {
    recent.removeAll { $0 == number }
    recent.append(number)
    if recent.count > Self.recentMax { recent.removeFirst() }
  }

  mutating func forget(_ number: Int64) { recent.removeAll { $0 == number } }
}

extension AgencyEngine {
  /// The next request may wait for news: it asks about a few.
  package func watchSome() throws {
    watched = []
    guard !isLocked else { return }
    var chosen: [Int64] = []
    for number in received.recent.reversed() where chosen.count < ReceivedQuestions.newestPerPollMax
    {
      if let hold = try store.hold(number), try isUnreceived(hold) {
        chosen.append(number)
      } else {
        received.forget(number)
      }
    }
    let holds = try store.writtenHolds(
      after: received.cursor, limit: ReceivedQuestions.lookedThroughMax)
    for hold in holds where chosen.count < ReceivedQuestions.perPollMax {
      received.cursor = hold.number
      if !chosen.contains(hold.number), try isUnreceived(hold) { chosen.append(hold.number) }
    }
    // Looked through to the end: the next poll begins again.
    let isLast = holds.count < ReceivedQuestions.lookedThroughMax
    if isLast, received.cursor == holds.last?.number ?? received.cursor { received.cursor = 0 }
    watched = try chosen.compactMap { try store.compartment(number: $0)?.id }
  }

  /// The next request asks about as much as it may: somebody wants to know now.
  package func watchAll() throws {
    watched = []
    guard !isLocked else { return }
    for hold in try store.writtenHolds(after: 0, limit: .max).reversed()
    where watched.count < SyncLimits.receivedPerRequestMax {
      guard try isUnreceived(hold), let stored = try store.compartment(number: hold.number)
      else { continue }
      watched.append(stored.id)
    }
  }

  /// The hub has work of this device that no other agency is known to have.
  private func isUnreceived(_ hold: AgencyHold) throws -> Bool {
    guard hold.state == .held, let actor = hold.actor,
      hold.receivedByOthers[actor] < hold.acknowledged[actor],
      let stored = try store.compartment(number: hold.number)
    else { return false }
    // A desk is between this agency and the hub.
    return stored.compartment.category != .desk
  }
}
