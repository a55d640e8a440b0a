import CBOR
import CaseRecords
import Causality
import Disclosure
import Operations
import ReplicaStore
import SyncEngine

// The child index as this agency keeps it: one record for each child in a compartment of its own,
// so that contradictory answers of several agencies stand side by side.
extension Replica {
  /// What a form or a row of a list says of a child; everything is optional but a name.
  static let childFields = [
    "given", "family", "otherNames", "dateOfBirth", "expectedDate", "estimatedAge", "sex",
    "locality", "school", "firstLanguage", "interpreterNeeded", "ethnicity", "nhsNumber", "upn",
  ]

  func childAdd(_ input: OperationInput) throws -> JSON {
    var typed: [String: String] = [:]
    for field in Self.childFields { typed[field] = try input.text(field) }
    let child = try input.text("child").map { try identifier($0) } ?? newID()
    let isKnowingly = input.flag("anyway")
    let official = try input.text("official")
    let author = try author(input)
    try input.finish()
    let draft = try childDraft(child, typed, official: official ?? "official", author: author)
    let alike = try find(identity(typed), limit: 3)
      .filter { $0.band >= .likely && $0.child != child }
    if let first = alike.first, !isKnowingly {
      let reasons = first.match.reasons.map(\.words).joined(separator: ", ")
      throw OperationError(
        .conflict,
        "A child like this is held here already (\(reasons)). "
          + "Look at that one first, \(first.child.text); to add another one all the same, say "
          + "that it is another (“anyway”).",
        details: ["children": .array(alike.map { .string($0.child.text) })])
    }
    try save(draft, author: author)
    return saved(draft, ["child": .string(child.text)], "Added to the child index.")
  }

  func saved(_ draft: Draft, _ members: JSON, _ sentence: String) -> JSON {
    guard case .object(var object) = members else { return members }
    object["sentence"] = .string(sentence)
    if !draft.warnings.isEmpty { object["warnings"] = .array(draft.warnings.map { .string($0) }) }
    return .object(object)
  }

  private func identifier(_ text: String) throws(OperationError) -> ChildID {
    guard let id = ChildID(text: text) else {
      throw OperationError(.usage, "An identifier is 32 hexadecimal digits.")
    }
    return id
  }

  private func identity(_ typed: [String: String]) -> ChildIdentity {
    ChildIdentity(
      given: typed["given"], family: typed["family"],
      dateOfBirth: typed["dateOfBirth"].flatMap { CalendarDate($0) },
      estimatedAge: typed["estimatedAge"].flatMap { Int($0) }, estimatedOn: today)
  }

  /// A new child and this agency's involvement, in its own index compartment.
  func childDraft(
    _ child: ChildID, _ typed: [String: String], official: String, author: PractitionerID
  ) throws -> Draft {
    var draft = Draft(try ownCompartment(.index, of: child))
    let record = RecordID.child(child)
    draft.create(record, "child")
    func set(_ group: String, _ fields: [String: String?]) {
      draft.set(record, "child", group, .entered(kind: "child", group: group, fields))
    }
    set("name", ["given": typed["given"], "family": typed["family"]])
    set(
      "birth",
      [
        "dateOfBirth": typed["dateOfBirth"], "expectedDate": typed["expectedDate"],
        "estimatedAge": typed["estimatedAge"],
        "estimatedOn": typed["estimatedAge"] == nil ? nil : today.text,
      ])
    set("school", ["name": typed["school"]])
    set(
      "language",
      [
        "firstLanguage": typed["firstLanguage"], "interpreterNeeded": typed["interpreterNeeded"],
      ])
    for field in ["otherNames", "sex", "locality", "ethnicity", "nhsNumber", "upn"] {
      set(field, [field: typed[field]])
    }
    involve(&draft, as: author, official: official)
    return draft
  }

  private func involve(_ draft: inout Draft, as author: PractitionerID, official: String) {
    let record: RecordID = newID()
    draft.create(record, "involvement")
    draft.set(record, "involvement", "agency", GroupValue().setting("agency", agency))
    draft.set(record, "involvement", "practitioner", GroupValue().setting("practitioner", author))
    draft.set(record, "involvement", "official", .one("official", official))
    draft.set(
      record, "involvement", "period",
      GroupValue().setting("status", "active").setting("start", today))
  }

  func childFind(_ input: OperationInput) throws -> JSON {
    let given = try input.text("given")
    let family = try input.text("family")
    let asked = ChildIdentity(
      given: given, family: family, dateOfBirth: try input.date("dateOfBirth"),
      estimatedAge: try input.count("estimatedAge", in: 0...RecordLimits.estimatedAgeYears),
      estimatedOn: today)
    try input.finish()
    guard given != nil || family != nil else {
      throw OperationError(.usage, "Give a given name, a family name, or both.")
    }
    let found = try find(asked, limit: Self.foundMax + 1, allowsPart: true)
    return [
      "sentence": .string(foundWords(found.count)), "asOf": .count(now),
      "children": .array(
        try found.prefix(Self.foundMax).map { match in
          [
            "child": .string(match.child.text), "name": .string(try childName(match.child)),
            "birth": .string(try childBirth(match.child)),
            "likeness": .string("\(match.band)"),
            "because": .string(match.match.reasons.map(\.words).joined(separator: ", ")),
            "caf": .string(try cafStanding(match.child).words),
          ]
        }),
    ]
  }

  /// More than a person would read through.
  static let foundMax = 20

  private func foundWords(_ count: Int) -> String {
    if count == 0 {
      return "Not held here as of \(now.momentText). That is no answer about other agencies: ask "
        + "with an enquiry."
    }
    guard count > Self.foundMax else { return "\(count) held here." }
    return "More than \(Self.foundMax) held here. These are the most like it: say more to find "
      + "others."
  }

  func childShow(_ input: OperationInput) throws -> JSON {
    let child = try child(try input.required("child"))
    try input.finish()
    let standing = try cafStanding(child)
    return [
      "child": .string(child.text), "name": .string(try childName(child)),
      "birth": .string(try childBirth(child)), "caf": standing.json,
      "joined": .array(try joined(with: child)),
      "coverage": try coverage(), "involvements": .array(try involvements(of: child)),
      "compartments": .array(try held(child).map { try json($0) }),
    ]
  }

  func childAlias(_ input: OperationInput) throws -> JSON {
    let child = try child(try input.required("child"))
    let other = try self.child(try input.required("other"))
    let author = try author(input)
    let undo = input.flag("undo")
    try input.finish()
    guard child != other else {
      throw OperationError(.usage, "These are one identifier already: name two.")
    }
    if undo {
      let entries = try aliases().members(child).flatMap { try store.policy(of: $0) }.map(\.entry)
      let joins = entries.filter { entry in
        guard case .alias(let joined) = entry.kind else { return false }
        return [entry.child, joined].contains(child) && [entry.child, joined].contains(other)
      }
      guard !joins.isEmpty else {
        throw OperationError(.failure, "These two are not joined by an entry known here.")
      }
      for join in joins { _ = try record(.unalias(join.id), about: child, author: author) }
      return ["sentence": "Recorded: they are two children. No record was moved."]
    }
    let entry = try record(.alias(other: other), about: child, author: author)
    return [
      "sentence": "Recorded: they are one child. No record was moved; it can be taken back.",
      "entry": .string(entry.id.text),
    ]
  }

  func involvementAdd(_ input: OperationInput) throws -> JSON {
    let child = try child(try input.required("child"))
    let author = try author(input)
    let official = try input.text("official") ?? "official"
    let typed: [String: String?] = [
      "status": try input.text("status") ?? "active", "start": try input.text("start"),
      "end": try input.text("end"),
    ]
    let contacts: [String: String?] = [
      "lastContact": try input.text("lastContact"),
      "contacts12Months": try input.text("contacts12Months"), "asOf": today.text,
    ]
    let role = try input.text("role")
    let usedInCAF = try input.text("usedInCaf")
    try input.finish()
    guard let person = try practitioners().first(where: { $0.id == author }) else {
      throw OperationError(.refused, "The author is no practitioner of this agency.")
    }
    var draft = Draft(try ownCompartment(.index, of: child))
    let record: RecordID = newID()
    draft.create(record, "involvement")
    draft.set(record, "involvement", "agency", GroupValue().setting("agency", agency))
    draft.set(
      record, "involvement", "practitioner",
      GroupValue().setting("practitioner", author).setting("name", person.name)
        .setting("role", role ?? (person.role.isEmpty ? nil : person.role))
        .setting("contact", person.contact.isEmpty ? nil : person.contact))
    draft.set(record, "involvement", "official", .one("official", official))
    draft.set(
      record, "involvement", "period", .entered(kind: "involvement", group: "period", typed))
    if contacts["lastContact"] ?? nil != nil || contacts["contacts12Months"] ?? nil != nil {
      draft.set(
        record, "involvement", "contacts",
        .entered(kind: "involvement", group: "contacts", contacts))
    }
    draft.set(
      record, "involvement", "usedInCAF",
      .entered(kind: "involvement", group: "usedInCAF", ["usedInCAF": usedInCAF]))
    try save(draft, author: author)
    return saved(draft, ["record": .string(record.text)], "The involvement is recorded.")
  }
}
