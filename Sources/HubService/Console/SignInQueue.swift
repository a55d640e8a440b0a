import Operations

/// Those who wait until it is looked at who they are, in fair shares.
///
/// Scrypt takes a tenth of a second of a whole core, so one thread does it, and so many may wait
/// for it. No user of this machine, no address and no name has all of the places; and addresses
/// take turns, so that whoever comes once waits for one try of each guesser, not for all of them.
final class SignInQueue: Sendable {
  /// Whom a try counts for.
  struct Asker: Sendable, Hashable {
    /// The user of this machine whose connection it is: the proxy's, a tunnel's, somebody else's.
    var user: String
    /// As the proxy says it; blank without one. Who lies about it stays within their user's share.
    var address = ""
    var name: String
  }

  static let placesMax = 64
  static let placesOfUserMax = 48
  static let placesOfAddressMax = 4
  static let placesOfNameMax = 2

  private struct Address: Hashable {
    let user: String
    let address: String
  }

  private struct Waiting {
    let asker: Asker
    let work: WorkerThread.Work

    var address: Address { Address(user: asker.user, address: asker.address) }
  }

  private struct State {
    /// In the order in which they came.
    var waiting: [Waiting] = []
    /// Of the addresses that wait: when each had its last turn.
    var turns: [Address: UInt64] = [:]
    var turn: UInt64 = 0
  }

  private let state = Lock(State())
  private let thread = WorkerThread(name: "console", capacity: placesMax)

  /// Takes `work` in, unless its share is used up: false then, or when all places are.
  func add(_ asker: Asker, _ work: @escaping WorkerThread.Work) -> Bool {
    let isTaken = state.withLock { state in
      let sameUser = state.waiting.filter { $0.asker.user == asker.user }
      let sameAddress = sameUser.filter { $0.asker.address == asker.address }
      let sameName = sameAddress.filter { $0.asker.name == asker.name }
      guard state.waiting.count < Self.placesMax, sameUser.count < Self.placesOfUserMax,
        sameAddress.count < Self.placesOfAddressMax, sameName.count < Self.placesOfNameMax
      else { return false }
      state.waiting.append(Waiting(asker: asker, work: work))
      return true
    }
    guard isTaken else { return false }
    do throws(WorkerThreadError) {
      try thread.submit { [self] in next()?() }
      return true
    } catch {
      // Stopped. A turn that is still owed may do it all the same: the first answer counts.
      return false
    }
  }

  /// Of the address that has waited longest for its turn, the first who came.
  private func next() -> WorkerThread.Work? {
    state.withLock { state in
      let index = state.waiting.indices.min { left, right in
        let (one, other) = (state.waiting[left].address, state.waiting[right].address)
        return (state.turns[one] ?? 0, left) < (state.turns[other] ?? 0, right)
      }
      guard let index else { return nil }
      let chosen = state.waiting.remove(at: index)
      state.turn += 1
      state.turns[chosen.address] = state.turn
      let left = Set(state.waiting.map(\.address))
      state.turns = state.turns.filter { left.contains($0.key) }
      return chosen.work
    }
  }

  /// Finishes what waits.
  func stop() { thread.stop() }
}
