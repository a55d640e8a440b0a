import CaseRecords
import Causality
import HTTPTransport
import Operations
import ReplicaStore
import SyncEngine
import SyncProtocol

/// The disclosure ledger as the operator reads it: who held what, from when to when, on which
/// basis, and the devices' proof that it is gone. By identifiers; nothing of what was held.
struct HubLedgerReport {
  let core: HubCore

  private static let pageLinesMax = 1_000

  /// A page of the lines asked for, with counts over all of them. Every word about a child names
  /// it by its random identifier.
  func answer(_ question: LedgerQuestion, after number: Int64) throws -> JSON {
    let found = try core.store.ledger(question, after: number, limit: Self.pageLinesMax + 1)
    let lines = found.prefix(Self.pageLinesMax)
    return [
      "lines": .array(try lines.map(json)),
      "counts": .array(
        try core.store.ledgerCounts(question).map { count in
          [
            "category": .string(Self.name(count.category)),
            "part": .string(Self.part(count.category)), "compartments": .count(count.compartments),
          ]
        }),
      "children": .count(try core.store.ledgerChildren(question)),
      "next": found.count > lines.count ? lines.last.map { .integer($0.number) } ?? .null : .null,
    ]
  }

  private func json(_ line: LedgerLine) throws -> JSON {
    let agency = try core.store.agency(number: line.agency)?.name ?? ""
    let receipts = try core.store.provenPurges(of: line.compartment).filter { receipt in
      receipt.agency == line.agency && receipt.atMilliseconds >= line.fromMilliseconds
        && receipt.atMilliseconds <= line.untilMilliseconds ?? .max
    }
    // A line that has ended waits for nobody.
    let holders =
      line.untilMilliseconds == nil
      ? try core.store.holders(of: line.compartment).filter { $0.agency == line.agency } : []
    let outstanding = holders.filter { $0.orderedMilliseconds != nil || $0.lostMilliseconds != nil }
    return [
      "number": .integer(line.number), "child": line.child.map { .string($0.text) } ?? .null,
      "agency": .string(agency), "category": .string(Self.name(line.category)),
      "part": .string(Self.part(line.category)), "compartment": .string(line.compartment.text),
      "basis": .string(line.basis), "fromMilliseconds": .count(line.fromMilliseconds),
      "untilMilliseconds": line.untilMilliseconds.map { .count($0) } ?? .null,
      "words": .string(
        Self.words(line, agency, receipts: receipts, outstanding: outstanding)),
      "receipts": .array(receipts.map(Self.json)),
      "outstanding": .array(outstanding.map(Self.json)),
    ]
  }

  private static func json(_ receipt: ProvenPurge) -> JSON {
    [
      "device": .string(receipt.device.text), "name": .string(receipt.deviceName),
      "orderedMilliseconds": .count(receipt.orderedMilliseconds),
      "provenMilliseconds": .count(receipt.atMilliseconds),
      "order": .string(Hex.text(receipt.certificate)), "proof": .string(Hex.text(receipt.proof)),
    ]
  }

  private static func json(_ holder: CompartmentHolder) -> JSON {
    [
      "device": .string(holder.device.text), "name": .string(holder.deviceName),
      "orderedMilliseconds": holder.orderedMilliseconds.map { .count($0) } ?? .null,
      "lostMilliseconds": holder.lostMilliseconds.map { .count($0) } ?? .null,
    ]
  }

  // MARK: Words

  private static func words(
    _ line: LedgerLine, _ agency: String, receipts: [ProvenPurge],
    outstanding: [CompartmentHolder]
  ) -> String {
    var sentences = [heldWords(line, agency)]
    sentences += receipts.map {
      "The device \"\($0.deviceName)\" proved on \(Moment.text($0.atMilliseconds)) that it "
        + "destroyed its copy."
    }
    if line.untilMilliseconds != nil && receipts.isEmpty {
      sentences.append("From then on it was held on other grounds.")
    }
    sentences += outstanding.map(words)
    return sentences.joined(separator: " ")
  }

  /// Who held what, from when to when, on which ground.
  static func heldWords(_ line: LedgerLine, _ agency: String) -> String {
    let held =
      line.untilMilliseconds.map {
        "held \(name(line.category)) from \(Moment.text(line.fromMilliseconds)) to "
          + Moment.text($0)
      } ?? "has held \(name(line.category)) since \(Moment.text(line.fromMilliseconds))"
    return "\(agency) \(held), \(words(ofBasis: line.basis))."
  }

  private static func words(_ holder: CompartmentHolder) -> String {
    let lost = holder.lostMilliseconds.map { "was reported lost on \(Moment.text($0)) and" }
    let ordered = holder.orderedMilliseconds.map {
      "was ordered on \(Moment.text($0)) to destroy its copy and"
    }
    return "The device \"\(holder.deviceName)\" "
      + [lost, ordered].compactMap(\.self).joined(separator: " ") + " has not proven it destroyed."
  }

  private static func words(ofBasis basis: String) -> String {
    let known = [
      "own record": "as its own record", "open to agencies": "as every agency may",
      "index by default": "as the family did not object to the index",
      "involved": "being involved with the child",
      "lead professional": "being the lead professional's agency",
      "owner of an action": "owning an action of the plan",
    ]
    if let words = known[basis] { return words }
    if basis.hasPrefix("consent ") { return "on the family's \(basis)" }
    if basis.hasPrefix("override ") { return "without consent, on \(basis)" }
    return "on the ground: \(basis)"
  }

  static func name(_ category: UInt8) -> String {
    CaseRecords.Category(rawValue: category).map { "\($0)" } ?? ""
  }

  private static func part(_ category: UInt8) -> String {
    CaseRecords.Category(rawValue: category).map { PlainWords.part($0) } ?? ""
  }
}

extension HubAdministration {
  /// About a child, or about all that an agency held; at any time, or within some.
  func ledger(_ arguments: JSON) throws -> JSON {
    var question = LedgerQuestion()
    if arguments["child"] != nil {
      question.children = try core.engine.identifiers(of: child(arguments))
    }
    if arguments["agency"] != nil { question.agency = try agency(arguments).number }
    guard question.children != nil || question.agency != nil else {
      throw LocalFailure(.usage, "Say which child, or which agency.")
    }
    if let from = arguments["fromMilliseconds"]?.unsignedValue {
      let until = arguments["untilMilliseconds"]?.unsignedValue ?? from
      guard from < until else {
        throw LocalFailure(.usage, "The time asked about ends before it begins.")
      }
      question.during = from..<until
    }
    return try HubLedgerReport(core: core).answer(
      question, after: HubPaging(arguments).after)
  }
}
