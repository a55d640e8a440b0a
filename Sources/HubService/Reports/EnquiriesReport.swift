import CaseRecords
import Causality
import Operations
import ReplicaStore
import SyncEngine
import SyncProtocol

/// How long enquiries wait for their answers: from the moment of asking, on a device that may have
/// been offline, to the hub's answer; and those that still wait, for the hub or for their agency to
/// fetch the answer. Times and counts, never whom they are about or what was answered.
struct EnquiriesReport {
  let core: HubCore

  /// The newest threads between the hub and agencies that are looked at: each is opened, and a
  /// report must not hold up the exchanges.
  private static let threadsMax = 10_000
  private static let confidential = "confidential services"
  private static let ages: [(label: String, milliseconds: UInt64)] = [
    ("under an hour", 3_600_000), ("under a day", 86_400_000), ("under a week", 604_800_000),
    ("a week or more", .max),
  ]

  private struct Tally {
    var latencies: [UInt64] = []
    /// How long they have waited, in milliseconds.
    var unanswered: [UInt64] = []
    var notFetched: [UInt64] = []

    static func + (left: Tally, right: Tally) -> Tally {
      Tally(
        latencies: left.latencies + right.latencies, unanswered: left.unanswered + right.unanswered,
        notFetched: left.notFetched + right.notFetched)
    }
  }

  func answer() throws -> JSON {
    var tallies: [String: Tally] = [:]
    let threads = try core.store.newestCompartments(in: .desk, limit: Self.threadsMax)
    for thread in threads {
      guard let agency = try core.store.agency(thread.compartment.custodian) else { continue }
      let content = try core.store.content(of: thread)
      let enquiries = content.records(of: "enquiry")
      if enquiries.isEmpty { continue }
      let name = agency.isSensitive ? Self.confidential : agency.name
      var tally = tallies[name] ?? Tally()
      let answers = content.records(of: "enquiryAnswer").flatMap { $0.record.values("answer") }
      for (id, enquiry) in enquiries {
        let asked = enquiry.values("asked").compactMap { $0.instant("on") }.min() ?? core.now
        // One that was answered "not without a basis" waits for its basis.
        let answer = answers.first {
          $0.identifier("enquiry") == id && $0.text("outcome") != "basisMissing"
        }
        guard let at = answer?.instant("asOf") else {
          tally.unanswered.append(core.now - min(asked, core.now))
          continue
        }
        tally.latencies.append(at - min(asked, at))
        if try !isFetched(thread, by: agency) {
          tally.notFetched.append(core.now - min(at, core.now))
        }
      }
      tallies[name] = tally
    }
    let all = tallies.values.reduce(Tally(), +)
    return [
      "asOfMilliseconds": .count(core.now), "threads": .count(threads.count),
      "threadsMax": .count(Self.threadsMax), "all": Self.json("All agencies", all),
      "agencies": .array(
        tallies.sorted { $0.key < $1.key }.map { Self.json($0.key, $0.value) }),
    ]
  }

  /// Whether any device of the agency has been sent all of the thread.
  private func isFetched(_ thread: StoredCompartment, by agency: HubAgency) throws -> Bool {
    try core.store.hubHolds(ofCompartment: thread.number).contains { hold in
      hold.vector.covers(thread.vector)
    }
  }

  private static func json(_ name: String, _ tally: Tally) -> JSON {
    let sorted = tally.latencies.sorted()
    return [
      "agency": .string(name), "answered": .count(sorted.count),
      "medianMilliseconds": percentile(50, of: sorted),
      "ninetiethMilliseconds": percentile(90, of: sorted),
      "unanswered": .array(byAge(tally.unanswered)), "notFetched": .array(byAge(tally.notFetched)),
    ]
  }

  /// The smallest value that so many in a hundred do not exceed (nearest rank).
  static func percentile(_ percent: Int, of sorted: [UInt64]) -> JSON {
    if sorted.isEmpty { return .null }
    let rank = (sorted.count * percent + 99) / 100
    return .count(sorted[max(rank, 1) - 1])
  }

  private static func byAge(_ waits: [UInt64]) -> [JSON] {
    var least: UInt64 = 0
    return ages.map { label, most in
      defer { least = most }
      let count = waits.count { $0 >= least && ($0 < most || most == .max) }
      return ["age": .string(label), "count": .count(count)]
    }
  }
}
