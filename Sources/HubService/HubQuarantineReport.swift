import CaseRecords
import Causality
import HTTPTransport
import Operations
import ReplicaStore
import SyncProtocol

/// What stands apart: why, since when, who was told, and what can be decided. Never what it says.
struct HubQuarantineReport {
  let core: HubCore

  private var store: ReplicaStore { core.store }

  /// What waits for a decision, or with `all` what was ever set apart.
  func answer(_ arguments: JSON) throws -> JSON {
    let paging = try HubPaging(arguments, limit: 200)
    let waitingOnly = !(arguments["all"]?.boolValue ?? false)
    let page = try store.hubQuarantineMarks(
      waitingOnly: waitingOnly, after: paging.after, limit: paging.limit)
    let count = try store.hubQuarantineCount(waitingOnly: waitingOnly, after: paging.after)
    return [
      "counts": .array(
        try store.quarantineCounts().map {
          [
            "reason": .string("\($0.reason)"), "why": .string($0.reason.sentence),
            "count": .count($0.count),
          ]
        }),
      "changes": .array(try page.map(change)),
      "leftOut": .count(count - page.count),
      "next": count > page.count ? .integer(page.last?.number ?? 0) : .null,
    ]
  }

  private func change(_ mark: HubQuarantineMark) throws -> JSON {
    let device = try store.incarnation(number: mark.incarnation)
      .flatMap { try store.device(number: $0.device) }
    let agency = try device.flatMap { try store.agency(number: $0.agency) }
    let stored = try store.compartment(mark.compartment)
    var told = [Self.told(agency, device, mark.atMilliseconds, "in the reply that set it apart")]
    if let decided = mark.decidedMilliseconds {
      told.append(Self.told(agency, nil, decided, "by a notice, with the decision"))
    }
    let end = mark.decidedMilliseconds ?? core.now
    return [
      "number": .integer(mark.number), "compartment": .string(mark.compartment.text),
      "category": stored.map { .string("\($0.compartment.category)") } ?? .null,
      "reason": .string("\(mark.reason)"), "why": .string(mark.reason.sentence),
      "atMilliseconds": .count(mark.atMilliseconds),
      "waitingMilliseconds": mark.state == .waiting
        ? .count(end - min(mark.atMilliseconds, end)) : .null,
      "state": .string("\(mark.state)"), "agency": .string(agency?.name ?? ""),
      "device": .string(device?.name ?? ""),
      "decidedMilliseconds": mark.decidedMilliseconds.map { .count($0) } ?? .null,
      "told": .array(told),
      "do": .string(mark.state.todo(mark.number)),
    ]
  }

  private static func told(
    _ agency: HubAgency?, _ device: HubDevice?, _ at: UInt64, _ how: String
  ) -> JSON {
    [
      "agency": .string(agency?.name ?? ""), "device": device.map { .string($0.name) } ?? .null,
      "atMilliseconds": .count(at), "how": .string(how),
    ]
  }
}

extension HubQuarantineState {
  fileprivate func todo(_ number: Int64) -> String {
    switch self {
    case .waiting:
      "After a word with its author's agency: cafsync hub quarantine release \(number), or return."
    case .returned: "Decided. It can still be released."
    case .released: "Decided: it stands in the record."
    }
  }
}

extension QuarantineReason {
  /// For the operator; tells nothing of the change itself.
  fileprivate var sentence: String {
    switch self {
    case .writtenKnowingWithdrawal:
      "Written although its agency had been told that the family does not allow it."
    case .notHeld: "For a part of a record that its agency does not hold, or that may not be kept."
    case .contextNotDelivered: "It rests on what its author was not given, or what is not here."
    case .tooLarge: "It would make that part of the record larger than the limit."
    case .authorNotAllowed:
      "It says what is not its author's to say, or comes from a device reported lost."
    case .categoryNotAllowed: "Its agency may not write in this category."
    case .erased: "The child's record has been erased."
    }
  }
}
