import CaseRecords
import Causality
import HTTPTransport
import Operations
import ReplicaStore
import SyncEngine
import SyncProtocol

/// Whose CAF training runs out: practitioners as their own agencies list them. They are staff; no
/// family is in it.
struct TrainingReport {
  let core: HubCore

  static let daysMax: Int64 = 3_650

  private enum State: String { case overdue, due, valid, noDate, untrained }

  private struct Entry {
    let name: String
    let role: String
    let trained: CalendarDate?
    let refresher: CalendarDate?
    let state: State

    init?(_ practitioner: RecordContent, today: CalendarDate, until: CalendarDate) {
      let employed = practitioner.values("employed")
      // Who has left is not reminded.
      let hasLeft = employed.allSatisfy { $0.date("to").map { $0 < today } ?? false }
      if hasLeft && !employed.isEmpty { return nil }
      name = practitioner.values("name").first?.text("name") ?? ""
      role = practitioner.values("role").first?.text("role") ?? ""
      let training = practitioner.values("training")
      trained = training.compactMap { $0.date("cafTrainedOn") }.max()
      refresher = training.compactMap { $0.date("refresherDue") }.max()
      state =
        switch (trained, refresher) {
        case (_, let due?): due < today ? .overdue : due <= until ? .due : .valid
        case (nil, nil): .untrained
        case (.some, nil): .noDate
        }
    }
  }

  /// Those whose refresher is due within so many days, or overdue, or who have had no training.
  func answer(withinDays days: Int64) throws -> JSON {
    guard (0...Self.daysMax).contains(days) else {
      throw LocalFailure(.usage, "withinDays should be from 0 to \(Self.daysMax).")
    }
    guard let today = CalendarDate(millisecondsSince1970: core.now),
      let until = today.adding(days: Int(days))
    else { throw LocalFailure(.system, "The hub's clock is beyond the calendar: set it.") }
    var agencies: [JSON] = []
    var listed: [JSON] = []
    let lists = Dictionary(
      grouping: try core.store.compartments(in: .practitioners), by: \.compartment.custodian)
    for agency in try core.store.agencies().sorted(by: { $0.name < $1.name }) {
      let entries = try entries(in: lists[agency.id] ?? [], today: today, until: until)
      if entries.isEmpty { continue }
      func count(_ state: State) -> JSON { .count(entries.count { $0.state == state }) }
      agencies.append([
        "agency": .string(agency.name), "practitioners": .count(entries.count),
        "valid": count(.valid), "due": count(.due), "overdue": count(.overdue),
        "noDate": count(.noDate), "untrained": count(.untrained),
      ])
      listed += entries.filter { $0.state != .valid }.map { entry in
        [
          "agency": .string(agency.name), "name": .string(entry.name),
          "role": .string(entry.role), "state": .string(entry.state.rawValue),
          "cafTrainedOn": entry.trained.map { .string($0.text) } ?? .null,
          "refresherDue": entry.refresher.map { .string($0.text) } ?? .null,
        ]
      }
    }
    return [
      "today": .string(today.text), "withinDays": .integer(days), "agencies": .array(agencies),
      "practitioners": .array(listed),
    ]
  }

  /// Soonest first; who has no date at the end.
  private func entries(
    in lists: [StoredCompartment], today: CalendarDate, until: CalendarDate
  ) throws -> [Entry] {
    try lists.flatMap { try core.store.content(of: $0).records(of: "practitioner") }
      .compactMap { Entry($0.record, today: today, until: until) }
      .sorted { ($0.refresher?.text ?? "9", $0.name) < ($1.refresher?.text ?? "9", $1.name) }
  }
}
