import CBOR
import CaseRecords
import Causality
import Operations
import ReplicaStore
import SyncEngine
import SyncProtocol

extension Replica {
  /// What can be typed of one record, and what stands in it now. A new record has its identifier
  /// already: a form that is sent twice makes one record.
  func recordForm(_ input: OperationInput) throws -> JSON {
    let author = try author(input)
    let place = try recordPlace(input)
    try input.finish()
    let defaults = place.content == nil ? try defaults(of: place, author: author) : [:]
    let groups = place.schema.typedGroups
    var object = JSON.Object()
    object["child"] = .string(place.child.text)
    object["name"] = .string(try childName(place.child))
    object["kind"] = .string(place.schema.kind)
    object["title"] = .string(FormWords.title(of: place.schema.kind, element: place.element))
    object["guidance"] = .array(FormWords.guidance(of: place).map { .string($0) })
    object["record"] = .string(place.record.text)
    object["isNew"] = .bool(place.content == nil)
    object["category"] = .string("\(place.compartment.category)")
    object["caf"] = place.assessment.map { .string($0.text) } ?? .null
    object["element"] = place.element.map { .string($0.rawValue) } ?? .null
    object["meeting"] = place.meeting.map { .string($0.text) } ?? .null
    object["custodian"] = .string(try name(of: place.compartment.custodian))
    object["seen"] = place.stored.map { .string(SeenToken($0).text) } ?? ""
    object["state"] = try place.stored.map { .string(try standing(of: $0).words) } ?? .null
    object["boxes"] = .array(
      // How far a section is, is decided when it has been written.
      try (groups.filter { $0.name != "state" } + groups.filter { $0.name == "state" }).map {
        try box($0, of: place, standard: defaults[$0.name])
      })
    return .object(object)
  }

  private func box(
    _ group: FieldGroup, of place: RecordPlace, standard: GroupValue?
  ) throws -> JSON {
    let register = place.content?.groups[group.name]
    let isUndecided = register?.isUndecided ?? false
    let known = try register?.siblings.first.map { try GroupValue(encoded: $0.value.value) }
    let shown = known ?? standard ?? GroupValue()
    var object = JSON.Object()
    object["group"] = .string(group.name)
    object["legend"] = .string(FormWords.label(place.schema.kind, group.name))
    object["isUndecided"] = .bool(isUndecided)
    // What stands there, not what is proposed: a proposal that is sent back is written.
    object["was"] = .string(FormField.digest(known ?? GroupValue(), of: group))
    if let last = register?.siblings.first, !isUndecided {
      object["by"] = .string(try name(of: last.value.author))
      object["at"] = .string(last.value.claimedMilliseconds.momentText)
    }
    object["fields"] = .array(
      try group.typedFields.map { field in
        try formField(field, group.name, of: place.schema.kind, for: place.child, shown[field.name])
      })
    return .object(object)
  }

  func formField(
    _ field: Field, _ group: String, of kind: String, for child: ChildID?, _ item: CBOR?
  ) throws -> JSON {
    let text = FormField.text(item, field.type)
    return [
      "name": .string("\(group).\(field.name)"),
      "label": .string(FormWords.label(kind, group, field.name)),
      "hint": .string(FormWords.hint(kind, group, field.name)),
      "type": .string(field.type.formType), "value": .string(text),
      "isRequired": .bool(field.isRequired),
      "options": try options(of: field, for: child, now: text),
    ]
  }

  /// What a value is chosen from; one that this version does not know stays choosable.
  private func options(of field: Field, for child: ChildID?, now text: String) throws -> JSON {
    var offered: [(value: String, label: String)] = []
    if let list = field.type.codeList {
      offered = list.codes.map { ($0.value, $0.label) }
    } else if field.type == .yesNo {
      offered = [("yes", "Yes"), ("no", "No")]
    } else if field.type == .identifier {
      offered = try choices(field.name, for: child)
    }
    if !offered.isEmpty {
      for value in text.split(separator: "\n").map(String.init)
      where !offered.contains(where: { $0.value == value }) {
        offered.append((value, value))
      }
    }
    return .array(offered.map { ["value": .string($0.value), "label": .string($0.label)] })
  }

  /// What an identifier may name: an agency, an involvement that something is known from, an
  /// element whose strength is built on.
  private func choices(
    _ name: String, for child: ChildID?
  ) throws -> [(value: String, label: String)] {
    switch (name, child) {
    case ("involvement", let child?):
      return try involvements(of: child).map { involvement in
        let words = ["agency", "practitioner"].compactMap { involvement[$0]?.stringValue }
        return (
          involvement["involvement"]?.stringValue ?? "",
          words.filter { !$0.isEmpty }.joined(separator: ", ")
        )
      }
    case ("element", let child?):
      return try held(child).flatMap { stored in
        try store.content(of: stored).records(of: "element").compactMap { id, record in
          guard let strength = record.values("strengths").first?.text("strengths"),
            let code = record.values("about").first?.text("element")
          else { return nil }
          let label = CodeLists.elements.label(for: code) ?? code
          return (id.text, label + ": " + strength.prefix(60))
        }
      }
    default: return try agencies().map { ($0.id.text, $0.name) }
    }
  }

  /// What is probably meant, for a person to send or to change.
  private func defaults(
    of place: RecordPlace, author: PractitionerID
  ) throws -> [String: GroupValue] {
    let person = try practitioners().first { $0.id == author }
    switch place.schema.kind {
    case "tacMeeting":
      return ["convener": signed(GroupValue(), person)]
    case "action":
      return ["status": .one("status", "open")]
    case "involvement":
      return [
        "official": .one("official", "official"),
        "period": .one("status", "active").setting("start", today),
        "contacts": GroupValue().setting("asOf", today),
        "practitioner": GroupValue().setting("name", person?.name)
          .setting("role", person?.role).setting("contact", person?.contact),
      ]
    case "note": return ["note": GroupValue().setting("on", today)]
    default: return [:]
    }
  }

  private func signed(_ value: GroupValue, _ person: Person?) -> GroupValue {
    value.setting("agency", agency).setting("name", person?.name)
      .setting("contact", person.flatMap { $0.contact.isEmpty ? nil : $0.contact })
  }

  /// What a new record has to say besides what is typed: what it belongs to.
  func presets(of place: RecordPlace, author: PractitionerID) throws -> [String: GroupValue] {
    let caf = place.assessment
    switch place.schema.kind {
    case "element":
      return [
        "about": GroupValue().setting("assessment", caf)
          .setting("element", place.element?.rawValue)
      ]
    case "conclusion", "assessmentPerson", "workingService":
      return ["assessment": GroupValue().setting("assessment", caf)]
    case "preCAF":
      return ["made": GroupValue().setting("on", today).setting("practitioner", author)]
    case "involvement":
      return ["agency": GroupValue().setting("agency", agency)]
    case "tacInvitation":
      return ["invited": GroupValue().setting("meeting", place.meeting).setting("on", today)]
    default: return [:]
    }
  }
}

extension FieldType {
  /// How a form lets a person answer.
  fileprivate var formType: String {
    switch self {
    case .longText: "longText"
    case .texts: "lines"
    case .codes: "several"
    case .code, .yesNo, .identifier: "one"
    case .date: "date"
    case .count: "number"
    default: "text"
    }
  }
}
