import CBOR
import CaseRecords
import Causality
import Operations
import ReplicaStore
import SyncEngine
import SyncProtocol

// The Common Assessment: one frame record in `development`, its elements in the compartments that
// consent speaks of. Whoever holds a compartment may write to it, so two agencies fill one CAF.
extension Replica {
  /// A CAF as it is held here.
  struct HeldCAF {
    let id: RecordID
    let child: ChildID
    let stored: StoredCompartment
    let record: RecordContent
    var custodian: AgencyID { stored.compartment.custodian }
  }

  func assessments(of child: ChildID) throws -> [HeldCAF] {
    try content(of: child, in: .development).flatMap { stored, content in
      content.records(of: "assessment").map {
        HeldCAF(id: $0.id, child: child, stored: stored, record: $0.record)
      }
    }
  }

  /// The CAF that is meant: the one named, else the only one that is not closed; or, to reopen it,
  /// the only one that is.
  func assessment(
    of child: ChildID, _ text: String?, toReopen: Bool = false
  ) throws -> HeldCAF {
    let all = try assessments(of: child)
    if let text {
      let named = all.filter { $0.id.text.hasPrefix(text) }
      if named.count == 1 { return named[0] }
      throw OperationError(.failure, "No CAF held here begins with “\(text)”.")
    }
    let open = all.filter { caf in
      caf.record.values("state").contains { $0.text("state") == "closed" } == toReopen
    }
    if open.count == 1 { return open[0] }
    if open.isEmpty {
      throw OperationError(
        .failure,
        "No \(toReopen ? "closed CAF" : "CAF in work") on this child is held here as of "
          + "\(now.momentText). Others may have one: ask the hub’s index with an enquiry.")
    }
    throw OperationError(
      .conflict,
      "Several CAFs on this child are held here: name one with --caf. "
        + (try open.map { "\($0.id.text.prefix(8)) (\(try name(of: $0.custodian)))" }
          .joined(separator: ", ")))
  }

  func cafStart(_ input: OperationInput) throws -> JSON {
    let child = try child(try input.required("child"))
    let ledTo = try input.text("ledTo")
    let author = try author(input)
    try input.finish()
    let others = try assessments(of: child)
    guard let person = try practitioners().first(where: { $0.id == author }) else {
      throw OperationError(.refused, "The author is no practitioner of this agency.")
    }
    let contact = person.contact.isEmpty ? nil : person.contact
    let id: RecordID = newID()
    var frame = Draft(try ownCompartment(.development, of: child))
    frame.create(id, "assessment")
    frame.set(
      id, "assessment", "started",
      GroupValue().setting("on", today).setting("agency", agency).setting("practitioner", author)
        .setting("assessor", person.name).setting("contact", contact))
    frame.set(id, "assessment", "ledTo", GroupValue().setting("ledTo", ledTo))
    frame.set(
      id, "assessment", "state", GroupValue().setting("state", "draft").setting("on", today))
    frame.set(id, "assessment", "version", GroupValue().setting("version", count: 1))
    try save([frame, try flag(child, "inProgress", person: person)], author: author)
    var result: JSON.Object = .init()
    result["sentence"] = .string(
      "A CAF is started, and “in progress” stands on the index. Its content stays here until "
        + "there is consent to store it: record it when the family gives it.")
    result["caf"] = .string(id.text)
    result["child"] = .string(child.text)
    if !others.isEmpty {
      result["warnings"] = .array(
        try others.map {
          .string("\(try name(of: $0.custodian)) has a CAF on this child too: both are kept.")
        })
    }
    return .object(result)
  }

  /// What the index says of this agency's CAF: existence and whom to contact, no content.
  private func flag(_ child: ChildID, _ status: String, person: Person?) throws -> Draft {
    let compartment = try ownCompartment(.index, of: child)
    let content = try store.compartment(compartment.id).map { try store.content(of: $0) }
    // Not the one that the hub derives: it stands beside this agency's own word.
    let known = content?.records(of: "cafFlag").first { !$0.record.values("declared").isEmpty }
    let before = known?.record.values("declared").first ?? GroupValue()
    let id = known?.id ?? newID()
    var draft = Draft(compartment)
    var value = before.setting("status", status).setting("agency", agency)
    if before.text("startedOn") == nil || status == "inProgress" {
      value = value.setting("startedOn", today)
    }
    if let person, before.text("leadName") == nil {
      value = value.setting("leadName", person.name)
        .setting("leadContact", person.contact.isEmpty ? nil : person.contact)
    }
    draft.set(id, "cafFlag", "declared", value)
    return draft
  }

  func cafShow(_ input: OperationInput) throws -> JSON {
    let child = try child(try input.required("child"))
    let named = try input.text("caf")
    try input.finish()
    let all = try assessments(of: child)
    let shown = try named.map { [try assessment(of: child, $0)] } ?? all
    let parts = try named == nil ? partsOfOthers(child, beside: Set(all.map(\.id))) : []
    guard !shown.isEmpty || !parts.isEmpty else {
      return [
        "sentence": .string(
          "No CAF content on this child is held here as of \(now.momentText). On the index: "
            + (try cafStanding(child).words) + "."),
        "child": .string(child.text), "cafs": [],
      ]
    }
    return [
      "child": .string(child.text), "name": .string(try childName(child)),
      "cafs": .array(try shown.map { try json($0) } + parts),
    ]
  }

  /// Of CAFs whose frame is not held here, what is: consent or an override may open a part alone.
  private func partsOfOthers(_ child: ChildID, beside known: Set<RecordID>) throws -> [JSON] {
    var found: [RecordID: AgencyID] = [:]
    for category in [CaseRecords.Category.health, .parenting, .development] {
      for (stored, content) in try content(of: child, in: category) {
        for (_, record) in content.records(of: "element") {
          let about = record.values("about").first
          guard let id = about?.identifier("assessment", as: RecordID.self), !known.contains(id)
          else { continue }
          found[id] = stored.compartment.custodian
        }
      }
    }
    return try found.sorted { $0.key < $1.key }.map { id, custodian in
      try json(id, of: child, custodian: custodian, frame: .null)
    }
  }

  private func json(_ caf: HeldCAF) throws -> JSON {
    try json(
      caf.id, of: caf.child, custodian: caf.custodian, frame: try json(caf.id, caf.record))
  }

  private func json(
    _ caf: RecordID, of child: ChildID, custodian: AgencyID, frame: JSON
  ) throws -> JSON {
    var elements: [JSON] = []
    var seen: [JSON] = []
    let categories: [CaseRecords.Category] = [
      .development, .health, .parenting, .plan, .household, .whereabouts,
    ]
    for category in categories {
      for (stored, content) in try content(of: child, in: category) {
        seen.append([
          "category": .string("\(category)"),
          "custodian": .string(try name(of: stored.compartment.custodian)),
          "seen": .string(SeenToken(stored).text), "state": .string(try standing(of: stored).words),
        ])
        for (id, record) in content.records(of: "element") {
          let about = record.values("about").first
          guard about?.identifier("assessment", as: RecordID.self) == caf else { continue }
          guard case .object(var object) = try json(id, record) else { continue }
          object["element"] = .string(about?.text("element") ?? "")
          object["label"] = .string(
            about?.text("element").flatMap { CodeLists.elements.label(for: $0) } ?? "")
          object["category"] = .string("\(category)")
          elements.append(.object(object))
        }
      }
    }
    let plan = try content(of: child, in: .plan).flatMap { _, content in
      try content.records.sorted { $0.key < $1.key }.filter { $0.value.isPresent }
        .map { try json($0.key, $0.value) }
    }
    return [
      "caf": .string(caf.text), "custodian": .string(try name(of: custodian)),
      "frame": frame, "elements": .array(elements),
      "plan": .array(plan), "compartments": .array(seen),
    ]
  }

  func cafWrite(_ input: OperationInput) throws -> JSON {
    let child = try child(try input.required("child"))
    let caf = try assessment(of: child, try input.text("caf"))
    let name = try input.required("element")
    let typed: [String: String?] = [
      "strengths": try input.text("strengths"), "needs": try input.text("needs"),
      "evidence": try input.text("evidence"), "source": try input.text("source"),
      "view": try input.text("view"), "whose": try input.text("whose"),
      "needCodes": try input.text("needCodes"), "state": try input.text("state"),
      "conclusions": try input.text("conclusions"), "childComment": try input.text("childComment"),
      "parentComment": try input.text("parentComment"),
    ]
    let token = try input.text("seen").map { try SeenToken(text: $0) }
    let author = try author(input)
    try input.finish()
    if name == "conclusions" {
      return try write(conclusions: typed, caf, token: token, author: author)
    }
    guard let element = Self.element(name) else {
      let guess = Suggestion.nearest(to: name, among: CAFElement.allCases.map(\.rawValue))
      throw OperationError(
        .usage,
        "“\(name)” is no element of the CAF"
          + (guess.map { "; did you mean “\($0)”?" }
            ?? ": one of \(CAFElement.allCases.map(\.rawValue).joined(separator: ", "))."))
    }
    guard typed.values.contains(where: { $0 != nil }) else {
      throw OperationError(.usage, "There is nothing to write: give --needs TEXT or another part.")
    }
    let compartment = try compartment(element.category, of: caf)
    let record = RecordID.element(element, of: caf.id)
    var draft = Draft(compartment)
    let content = try store.compartment(compartment.id).map { try store.content(of: $0) }
    if content?.records[record]?.groups["about"] == nil {
      draft.create(record, "element")
      draft.set(
        record, "element", "about",
        GroupValue().setting("assessment", caf.id).setting("element", element.rawValue))
    }
    for group in ["strengths", "needs", "evidence", "differingView", "needCodes"] {
      draft.set(record, "element", group, .entered(kind: "element", group: group, typed))
    }
    // Written only when it changes: two people in different boxes must not meet in this one.
    let known = content?.records[record]?.values("state").compactMap { $0.text("state") } ?? []
    let state = (typed["state"] ?? nil) ?? (known.isEmpty ? "started" : nil)
    if let state, known != [state] { draft.set(record, "element", "state", .one("state", state)) }
    return try save(draft, token: token, author: author, "Written: \(element.label).")
  }

  private static func element(_ name: String) -> CAFElement? {
    let folded = NameFolding.folded(name)
    return CAFElement(rawValue: name)
      ?? CAFElement.allCases.first {
        NameFolding.folded($0.label) == folded || NameFolding.folded($0.rawValue) == folded
      }
  }

  private func write(
    conclusions typed: [String: String?], _ caf: HeldCAF, token: SeenToken?, author: PractitionerID
  ) throws -> JSON {
    let compartment = try compartment(.plan, of: caf)
    let record = RecordID.conclusion(of: caf.id)
    var draft = Draft(compartment)
    let content = try store.compartment(compartment.id).map { try store.content(of: $0) }
    if content?.records[record] == nil {
      draft.create(record, "conclusion")
      draft.set(record, "conclusion", "assessment", GroupValue().setting("assessment", caf.id))
    }
    for group in ["conclusions", "childComment", "parentComment"] {
      draft.set(record, "conclusion", group, .entered(kind: "conclusion", group: group, typed))
    }
    return try save(draft, token: token, author: author, "Written: the conclusions.")
  }

  private func save(
    _ draft: Draft, token: SeenToken?, author: PractitionerID, _ sentence: String
  ) throws -> JSON {
    if let token, token.compartment != draft.compartment.id {
      throw OperationError(
        .usage,
        "The token of --seen belongs to another part of the record: take the one of "
          + "“\(draft.compartment.category)”.")
    }
    let stored = try save(draft, author: author, seen: token?.vector)
    return saved(
      draft,
      [
        "category": .string("\(draft.compartment.category)"),
        "seen": .string(SeenToken(stored).text), "state": .string(try standing(of: stored).words),
      ], sentence)
  }

  /// Where a part of this CAF is written: with its custodian, if that part is held here.
  func compartment(
    _ category: CaseRecords.Category, of caf: HeldCAF
  ) throws -> Compartment {
    if let stored = try held(caf.child).first(where: {
      $0.compartment.category == category && $0.compartment.custodian == caf.custodian
    }) {
      return stored.compartment
    }
    guard caf.custodian == agency else {
      throw OperationError(
        .refused,
        "The part “\(category)” of this CAF is not held here: it is with "
          + "\(try name(of: caf.custodian)), and may be shared with the family's consent. Nothing "
          + "was saved.")
    }
    return try ownCompartment(category, of: caf.stored.compartment.child)
  }

  func cafComplete(_ input: OperationInput) throws -> JSON {
    let child = try child(try input.required("child"))
    let named = try input.text("caf")
    let state = try input.text("state") ?? "complete"
    let caf = try assessment(of: child, named, toReopen: state == "reopened")
    let reason = try input.text("closureReason")
    let author = try author(input)
    try input.finish()
    var frame = Draft(caf.stored.compartment)
    frame.set(
      caf.id, "assessment", "state",
      GroupValue().setting("state", state).setting("on", today).setting("closureReason", reason))
    var drafts = [frame]
    if caf.custodian == agency {
      let status = ["complete": "complete", "closed": "closed"][state] ?? "inProgress"
      drafts.append(try flag(child, status, person: nil))
    }
    try save(drafts, author: author)
    return [
      "sentence": .string(
        "The CAF is now: \(CodeLists.assessmentState.label(for: state) ?? state).")
    ]
  }
}
