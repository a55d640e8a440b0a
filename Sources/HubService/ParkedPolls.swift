import CaseRecords
import Causality
import SyncProtocol

/// A long poll that has brought nothing yet.
package struct ParkedPoll: Sendable {
  let number: UInt64
  let credentials: HubCredentials
  /// As it came: a waiting poll is small, and there may be ten thousand.
  let body: [UInt8]
  let client: HubClient
  let incarnation: IncarnationID
  /// The agency that it waits for news of.
  let agency: Int64
  /// By the boot clock.
  let deadline: Int64
  /// For the meters, once it is answered.
  let account: ExchangeAccount
}

/// The long polls that wait, found by number, by agency and by incarnation. Deadlines are looked
/// through by whoever ticks; a second's delay costs a poll nothing.
struct ParkedPolls {
  /// A poll that carries more than this is answered at once instead.
  static let bodyBytesMax = 8_192

  private var polls: [UInt64: ParkedPoll] = [:]
  private var byAgency: [Int64: Set<UInt64>] = [:]
  private var byIncarnation: [IncarnationID: UInt64] = [:]
  private var earliest = Int64.max

  var count: Int { polls.count }

  /// The numbers of the devices that wait.
  var devices: Set<Int64> { Set(polls.values.compactMap(\.account.visit?.device)) }

  mutating func park(_ poll: ParkedPoll) {
    polls[poll.number] = poll
    byAgency[poll.agency, default: []].insert(poll.number)
    byIncarnation[poll.incarnation] = poll.number
    earliest = min(earliest, poll.deadline)
  }

  @discardableResult
  mutating func remove(_ number: UInt64) -> ParkedPoll? {
    guard let poll = polls.removeValue(forKey: number) else { return nil }
    byAgency[poll.agency]?.remove(number)
    if byAgency[poll.agency]?.isEmpty == true { byAgency[poll.agency] = nil }
    if byIncarnation[poll.incarnation] == number { byIncarnation[poll.incarnation] = nil }
    return poll
  }

  /// The earlier poll of a replica that asks again: its connection is dead or abandoned.
  mutating func removeEarlier(of incarnation: IncarnationID) -> ParkedPoll? {
    byIncarnation[incarnation].flatMap { remove($0) }
  }

  mutating func removeAll(of agencies: Set<Int64>) -> [ParkedPoll] {
    agencies.flatMap { byAgency[$0] ?? [] }.sorted().compactMap { remove($0) }
  }

  mutating func removeDue(now: Int64) -> [ParkedPoll] {
    guard earliest <= now else { return [] }
    let due = polls.values.filter { $0.deadline <= now }.map(\.number).sorted()
    let removed = due.compactMap { remove($0) }
    earliest = polls.values.map(\.deadline).min() ?? .max
    return removed
  }

  mutating func removeAll() -> [ParkedPoll] {
    polls.keys.sorted().compactMap { remove($0) }
  }
}
