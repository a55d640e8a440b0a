import CBOR
import CaseRecords
import Causality
import Operations
import ReplicaStore
import SyncEngine
import SyncProtocol

// Who works here. Every write carries its author, so a practitioner comes before everything else;
// the very first one is their own author.
extension Replica {
  func practitionerAdd(_ input: OperationInput) throws -> JSON {
    let id: PractitionerID = newID()
    let name = try input.required("name")
    let role = try input.text("role")
    let contact = try input.text("contact")
    let trained = try input.date("trained")
    let refresher = try input.date("refresher")
    let hasColleagues = try practitioners().contains { $0.agency == agency }
    let author = hasColleagues ? try author(input) : id
    if !hasColleagues { _ = try input.text("as") }
    try input.finish()
    if try practitioners().contains(where: {
      $0.agency == agency && NameFolding.folded($0.name) == NameFolding.folded(name)
        && $0.endedOn == nil
    }) {
      throw OperationError(.conflict, "“\(name)” works here already.")
    }
    let record = RecordID(high: id.high, low: id.low)
    var draft = Draft(try ownCompartment(.practitioners, of: nil))
    draft.create(record, "practitioner")
    draft.set(record, "practitioner", "name", .one("name", name))
    draft.set(record, "practitioner", "agency", GroupValue().setting("agency", agency))
    draft.set(record, "practitioner", "role", GroupValue().setting("role", role))
    draft.set(record, "practitioner", "contact", GroupValue().setting("contact", contact))
    draft.set(
      record, "practitioner", "training",
      GroupValue().setting("cafTrainedOn", trained).setting("refresherDue", refresher))
    draft.set(
      record, "practitioner", "employed", GroupValue().setting("from", today))
    try save(draft, author: author)
    return [
      "sentence": .string("\(name) is recorded as a practitioner of \(agencyName)."),
      "practitioner": .string(id.text),
    ]
  }

  func practitionerList(_ input: OperationInput) throws -> JSON {
    let all = input.flag("all")
    try input.finish()
    let people = try practitioners().filter { all || $0.agency == agency }
      .sorted { ($0.agency, $0.name) < ($1.agency, $1.name) }
    return [
      "sentence": .string(
        people.isEmpty
          ? "Nobody is recorded yet. Add the first: cafsync agency practitioner add --name NAME."
          : "\(people.count) as of \(now.momentText):"),
      "practitioners": .array(
        try people.map { person in
          [
            "practitioner": .string(person.id.text), "name": .string(person.name),
            "role": .string(person.role), "contact": .string(person.contact),
            "agency": .string(try name(of: person.agency)),
            "endedOn": person.endedOn.map { .string($0.text) } ?? .null,
          ]
        }),
    ]
  }

  func practitionerEnd(_ input: OperationInput) throws -> JSON {
    let id = try practitioner(try input.required("practitioner"))
    let on = try input.date("on") ?? today
    let author = try author(input)
    try input.finish()
    let record = RecordID(high: id.high, low: id.low)
    let compartment = try ownCompartment(.practitioners, of: nil)
    let known = try store.compartment(compartment.id).map { try store.content(of: $0) }
    let employed = known?.records[record]?.values("employed").first ?? GroupValue()
    var draft = Draft(compartment)
    draft.set(record, "practitioner", "employed", employed.setting("to", on))
    try save(draft, author: author)
    return [
      "sentence": .string("Recorded: left on \(on.text). What they wrote stays, under their name.")
    ]
  }

  func agencyList(_ input: OperationInput) throws -> JSON {
    try input.finish()
    return [
      "agencies": .array(
        try agencies().map {
          [
            "agency": .string($0.id.text), "name": .string($0.name), "sector": .string($0.sector),
            "isThisAgency": .bool($0.id == agency),
          ]
        })
    ]
  }
}
