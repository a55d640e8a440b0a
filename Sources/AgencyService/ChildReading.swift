import CaseRecords
import Causality
import Operations
import ReplicaStore
import SyncEngine
import SyncProtocol

/// What is held here about whether a child has a CAF. There is no case for "none": what is not held
/// here is not known here.
struct CAFStanding {
  struct Statement {
    let status: String
    let startedOn: String?
    let agency: String
    let saidBy: String
  }

  let statements: [Statement]
  let leads: [String]
  let asOf: UInt64
  let isIndexHeld: Bool

  var words: String {
    guard let first = statements.first else {
      guard isIndexHeld else {
        return "no index entry is held here as of \(asOf.momentText): ask with an enquiry"
      }
      return "no CAF is on the entries held here as of \(asOf.momentText)"
    }
    let label = CodeLists.cafStatus.label(for: first.status) ?? first.status
    return "CAF: \(label), \(first.agency)"
  }

  var json: JSON {
    [
      "sentence": .string(words),
      "statements": .array(
        statements.map {
          [
            "status": .string($0.status), "agency": .string($0.agency),
            "startedOn": $0.startedOn.map { .string($0) } ?? .null, "saidBy": .string($0.saidBy),
          ]
        }),
      "leadProfessional": .array(leads.map { .string($0) }), "asOf": .count(asOf),
    ]
  }
}

extension Replica {
  private typealias IndexEntry = (stored: StoredCompartment, content: CompartmentContent)

  func content(of child: ChildID, in category: CaseRecords.Category) throws
    -> [(stored: StoredCompartment, content: CompartmentContent)]
  {
    try held(child).filter { $0.compartment.category == category }
      .map { ($0, try store.content(of: $0)) }
  }

  /// The names that the agencies held here give, each once.
  func childName(_ child: ChildID) throws -> String {
    Self.names(try content(of: child, in: .index))
  }

  func childBirth(_ child: ChildID) throws -> String {
    Self.births(try content(of: child, in: .index))
  }

  /// For lists of many children: the index entries are read once for both.
  func childNameAndBirth(_ child: ChildID) throws -> (name: String, birth: String) {
    let entries = try content(of: child, in: .index)
    return (Self.names(entries), Self.births(entries))
  }

  private static func names(_ entries: [IndexEntry]) -> String {
    let names = said("name", entries).map {
      [$0.text("given"), $0.text("family")].compactMap { $0 }.joined(separator: " ")
    }
    return names.isEmpty ? "name not held here" : distinct(names)
  }

  private static func births(_ entries: [IndexEntry]) -> String {
    distinct(said("birth", entries).map(\.birthWords))
  }

  private static func said(_ group: String, _ entries: [IndexEntry]) -> [GroupValue] {
    entries.flatMap { _, content in
      content.records(of: "child").flatMap { $0.record.values(group) }
    }
  }

  private static func distinct(_ words: [String]) -> String {
    words.reduce(into: [String]()) { if !$0.contains($1) { $0.append($1) } }
      .joined(separator: " / ")
  }

  /// Which agencies work with the child, or did: who, since when, how lately and how often. What
  /// two say of one involvement stands beside each other.
  func involvements(of child: ChildID) throws -> [JSON] {
    try content(of: child, in: .index).flatMap { stored, content in
      try content.records(of: "involvement").filter(\.record.isPresent).map { id, record in
        func said(_ group: String, _ field: String) -> JSON {
          let texts = record.values(group).compactMap { value in
            value.text(field) ?? value.count(field).map { String($0) }
          }
          let distinct = texts.reduce(into: [String]()) { if !$0.contains($1) { $0.append($1) } }
          return distinct.isEmpty ? .null : .string(distinct.joined(separator: " / "))
        }
        let agencies = record.values("agency").compactMap {
          $0.identifier("agency", as: AgencyID.self)
        }
        let people = record.values("practitioner").compactMap {
          $0.identifier("practitioner", as: PractitionerID.self)
        }
        let agency = try agencies.map { try name(of: $0) }.joined(separator: " / ")
        return [
          "involvement": .string(id.text), "agency": .string(agency),
          "practitioner": said("practitioner", "name") == .null
            ? try people.first.map { .string(try name(of: $0)) } ?? .null
            : said("practitioner", "name"),
          "role": said("practitioner", "role"), "contact": said("practitioner", "contact"),
          "official": said("official", "official"), "status": said("period", "status"),
          "start": said("period", "start"), "end": said("period", "end"),
          "lastContact": said("contacts", "lastContact"),
          "contacts12Months": said("contacts", "contacts12Months"),
          "asOf": said("contacts", "asOf"),
          "saidBy": .string(try name(of: stored.compartment.custodian)),
        ]
      }
    }
  }

  func cafStanding(_ child: ChildID) throws -> CAFStanding {
    var statements: [CAFStanding.Statement] = []
    var leads: [String] = []
    let entries = try content(of: child, in: .index)
    for (stored, content) in entries {
      let saidBy = try name(of: stored.compartment.custodian)
      for (_, record) in content.records(of: "cafFlag") {
        for group in ["derived", "declared"] {
          for value in record.values(group) {
            guard let status = value.text("status") else { continue }
            statements.append(
              CAFStanding.Statement(
                status: status, startedOn: value.text("startedOn"),
                agency: try value.identifier("agency").map { try name(of: $0) } ?? saidBy,
                saidBy: group == "derived" ? "the hub, from the CAF itself" : saidBy))
          }
        }
      }
      for (_, record) in content.records(of: "leadProfessional") {
        for value in record.values("lead") where value.leads(on: today) {
          leads.append(
            [value.text("name"), value.text("contact")].compactMap { $0 }.joined(separator: ", "))
        }
      }
    }
    if statements.isEmpty { statements = try heldAssessments(child) }
    return CAFStanding(
      statements: statements, leads: leads, asOf: now, isIndexHeld: !entries.isEmpty)
  }

  /// An agency that was given a CAF without the index entry still knows that there is one.
  private func heldAssessments(_ child: ChildID) throws -> [CAFStanding.Statement] {
    try content(of: child, in: .development).flatMap { stored, content in
      try content.records(of: "assessment").filter(\.record.isPresent).map { _, record in
        let status =
          switch record.values("state").first?.text("state") {
          case "complete", "inReview": "complete"
          case "closed": "closed"
          default: "inProgress"
          }
        let custodian = try name(of: stored.compartment.custodian)
        return CAFStanding.Statement(
          status: status, startedOn: nil, agency: custodian, saidBy: "the CAF held here")
      }
    }
  }

  // MARK: Compartments and records as JSON

  func json(_ stored: StoredCompartment) throws -> JSON {
    let content = try store.content(of: stored)
    let statuses = try engine.statuses(of: content.records.keys, in: stored.id, now: now)
    return [
      "category": .string("\(stored.compartment.category)"),
      "custodian": .string(try name(of: stored.compartment.custodian)),
      "seen": .string(SeenToken(stored).text),
      "state": .string(try standing(of: stored).words),
      "records": .array(
        try content.records.sorted { $0.key < $1.key }.filter { $0.value.isPresent }
          .map { try json($0.key, $0.value, standing: statuses[$0.key]) }),
    ]
  }

  func json(
    _ id: RecordID, _ record: RecordContent, standing: ExchangeStatus? = nil
  ) throws -> JSON {
    var groups = JSON.Object()
    for (group, register) in record.groups.sorted(by: { $0.key < $1.key }) where group != "life" {
      groups[group] = .array(
        try register.siblings.map { sibling in
          [
            "value": record.value(sibling.value.value),
            "by": .string(try name(of: sibling.value.author)),
            "at": .string(sibling.value.claimedMilliseconds.momentText),
          ]
        })
    }
    return [
      "record": .string(id.text), "kind": .string(record.kind),
      "state": standing.map { .string($0.words) } ?? .null,
      "inConflict": .bool(record.groups.values.contains { $0.isUndecided }),
      "groups": .object(groups),
    ]
  }
}

extension GroupValue {
  /// A date where it is known; else what it is guessed from.
  var birthWords: String {
    if let born = text("dateOfBirth") { return born }
    if let expected = text("expectedDate") { return "expected on \(expected)" }
    guard let age = count("estimatedAge") else { return line }
    return "about \(age) \(age == 1 ? "year" : "years") old"
      + (text("estimatedOn").map { " on \($0)" } ?? "")
  }
}

extension RecordContent {
  /// What a newer version wrote in another form is shown as its bytes.
  func value(_ bytes: [UInt8]) -> JSON {
    do throws(GroupValueError) { return try GroupValue(encoded: bytes).json } catch {
      return ["unreadHere": .string(Hex.text(bytes))]
    }
  }
}

/// What a person had before them when they began to write: the compartment and its vector, as text
/// that travels through a form or a command line.
struct SeenToken {
  let compartment: CompartmentID
  let vector: VersionVector

  init(_ stored: StoredCompartment) {
    self.init(compartment: stored.id, vector: stored.vector)
  }

  init(compartment: CompartmentID, vector: VersionVector) {
    self.compartment = compartment
    self.vector = vector
  }

  var text: String { compartment.text + "." + Hex.text(vector.encoded()) }

  init(text: String) throws(OperationError) {
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count == 2, let id = CompartmentID(text: parts[0]) else { throw Self.malformed }
    var bytes: [UInt8] = []
    var digits = parts[1].utf8.makeIterator()
    while let high = digits.next() {
      guard let low = digits.next(), let first = Self.nibble(high), let second = Self.nibble(low)
      else { throw Self.malformed }
      bytes.append(first << 4 | second)
    }
    compartment = id
    do { vector = try VersionVector(encoded: bytes) } catch { throw Self.malformed }
  }

  private static func nibble(_ digit: UInt8) -> UInt8? {
    UInt8(String(decoding: [digit], as: UTF8.self), radix: 16)
  }

  private static let malformed = OperationError(
    .usage,
    "What had been shown cannot be read. Load the page again; on a command line, copy the token "
      + "that “show” printed whole.")
}
