import CaseRecords
import Causality
import Operations
import ReplicaStore
import SyncEngine
import SyncProtocol

// Any kind of record of a child as a form that pages can show, made from its schema: what may be
// typed (`RecordForm`), and what was typed (`RecordWriting`). The form carries what it showed, box
// by box; so a box that nobody touched is never written, and one that somebody else filled in
// meanwhile is never overwritten unseen.

/// The compartment that a record stands in, or will.
struct RecordPlace {
  let child: ChildID
  let record: RecordID
  let schema: RecordSchema
  let compartment: Compartment
  /// Nil while there is no such record, or no such compartment.
  let content: RecordContent?
  let stored: StoredCompartment?
  /// The assessment that the record belongs to, if it belongs to one.
  let assessment: RecordID?
  /// The element of the assessment, for a record of that kind.
  let element: CAFElement?
  /// The meeting that an invitation is for.
  let meeting: RecordID?
}

extension Replica {
  /// Where the record stands that a form is about: `kind` with `record`, or with `element` and
  /// `caf`; a record that is not here yet will stand where its kind belongs.
  func recordPlace(_ input: OperationInput) throws -> RecordPlace {
    let child = try child(try input.required("child"))
    let kind = try input.required("kind")
    let named = try input.text("record")
    let caf = try input.text("caf")
    let elementName = try input.text("element")
    let meetingName = try input.text("meeting")
    let categoryName = try input.text("category")
    guard let schema = SchemaRegistry.standard.schema(kind), schema.isForm else {
      throw OperationError(.usage, "“\(kind)” is nothing that can be written of a child.")
    }
    let element = try elementName.map { name throws(OperationError) in
      guard let element = CAFElement(rawValue: name) else {
        throw OperationError(.usage, "“\(name)” is no element of the CAF.")
      }
      return element
    }
    guard (kind == "element") == (element != nil) || named != nil else {
      throw OperationError(.usage, "Say which element of the CAF, with the CAF that it is of.")
    }
    let held = try caf.map { try assessment(of: child, $0) }
    let record = try named.map { text throws(OperationError) in
      guard let id = RecordID(text: text) else {
        throw OperationError(.usage, "A record's identifier is 32 hexadecimal digits.")
      }
      return id
    }
    let meeting = meetingName.flatMap { RecordID(text: $0) }
    if let record, let found = try heldRecord(record, of: child) {
      guard found.content.kind == kind else {
        throw OperationError(.usage, "This record is of another kind: load its own form.")
      }
      let about = found.content.values("about").first
      return RecordPlace(
        child: child, record: record, schema: schema, compartment: found.stored.compartment,
        content: found.content, stored: found.stored,
        assessment: about?.identifier("assessment") ?? held?.id,
        element: about?.text("element").flatMap { CAFElement(rawValue: $0) } ?? element,
        meeting: meeting)
    }
    let id = try record ?? newRecord(kind, of: child, caf: held?.id, element: element)
    let category = try category(of: schema, named: categoryName, element: element)
    let compartment = try compartment(category, of: child, beside: held)
    let stored = try store.compartment(compartment.id)
    return RecordPlace(
      child: child, record: id, schema: schema, compartment: compartment,
      content: try stored.flatMap { try store.content(of: $0).records[id] }, stored: stored,
      assessment: held?.id, element: element, meeting: meeting)
  }

  private func heldRecord(
    _ record: RecordID, of child: ChildID
  ) throws -> (stored: StoredCompartment, content: RecordContent)? {
    for stored in try held(child) {
      if let content = try store.content(of: stored).records[record] { return (stored, content) }
    }
    return nil
  }

  /// What there is one of has an identifier that follows from what it belongs to: two people who
  /// begin it offline begin the same record.
  private func newRecord(
    _ kind: String, of child: ChildID, caf: RecordID?, element: CAFElement?
  ) throws -> RecordID {
    switch (kind, caf, element) {
    case ("child", _, _): return .child(child)
    case ("element", let caf?, let element?): return .element(element, of: caf)
    case ("element", _, _):
      throw OperationError(.usage, "Say which CAF: one that is held here.")
    case ("conclusion", let caf?, _): return .conclusion(of: caf)
    default: return newID()
    }
  }

  private func category(
    of schema: RecordSchema, named name: String?, element: CAFElement?
  ) throws -> CaseRecords.Category {
    if let element { return element.category }
    let offered = schema.categories.filter(\.isPerChild).sorted()
    if let name {
      guard let category = offered.first(where: { "\($0)" == name }) else {
        throw OperationError(
          .usage,
          "“\(name)” holds no such record; it goes into "
            + PlainWords.anyOf(offered.map { "\($0)" }) + ".")
      }
      return category
    }
    // The agency's own notes are private unless somebody says otherwise.
    return offered.contains(.private) ? .private : offered[0]
  }

  /// With the assessment's custodian where that part is held here; else this agency's own.
  private func compartment(
    _ category: CaseRecords.Category, of child: ChildID, beside caf: HeldCAF?
  ) throws -> Compartment {
    guard let caf else {
      if category == .plan, let only = try onlyPlan(of: child) { return only }
      return try ownCompartment(category, of: child)
    }
    return try compartment(category, of: caf)
  }

  /// One child has one plan, even where it is another agency's: actions and meetings go into it.
  private func onlyPlan(of child: ChildID) throws -> Compartment? {
    let plans = try held(child).filter { $0.compartment.category == .plan }
    return plans.count == 1 ? plans[0].compartment : nil
  }
}

extension RecordSchema {
  /// Of a child, and written by hand: what is flagged to others and who is a brother or a sister
  /// follows from other operations.
  fileprivate var isForm: Bool {
    categories.contains(where: \.isPerChild) && !["cafFlag", "familyLink"].contains(kind)
  }
}

extension Identifier where Tag == RecordTag {
  /// The conclusions of an assessment: it has one record of them.
  static func conclusion(of assessment: RecordID) -> RecordID {
    RecordID(high: assessment.high, low: assessment.low ^ 99)
  }
}
