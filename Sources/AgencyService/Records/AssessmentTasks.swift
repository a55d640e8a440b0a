import CaseRecords
import Causality
import Operations
import ReplicaStore
import SyncEngine
import SyncProtocol

extension Replica {
  /// A CAF as the list of what there is to fill in, and how far each part is. A part that is not
  /// held here is said to be so: it is neither blank nor done.
  func cafTasks(_ input: OperationInput) throws -> JSON {
    let child = try child(try input.required("child"))
    let named = try input.required("caf")
    try input.finish()
    let caf = try assessment(of: child, named)
    let parts = [
      (1, "Development of the baby, child or young person"), (2, "Parents and carers"),
      (3, "Family and environment"),
    ]
    let states = caf.record.values("state")
    let state = states.first?.text("state") ?? ""
    return [
      "child": .string(child.text), "name": .string(try childName(child)),
      "birth": .string(try childBirth(child)), "caf": .string(caf.id.text),
      "custodian": .string(try name(of: caf.custodian)),
      "isOwn": .bool(caf.custodian == agency),
      "state": .string(state),
      "stateWords": .string(
        states.map { value in
          CodeLists.assessmentState.label(for: value.text("state") ?? "") ?? ""
        }.joined(separator: " / ")),
      "closureReason": .string(
        states.first?.text("closureReason").flatMap { CodeLists.closureReason.label(for: $0) }
          ?? ""),
      "closureReasons": .array(
        CodeLists.closureReason.codes.map {
          ["value": .string($0.value), "label": .string($0.label)]
        }),
      "parts": .array(
        try parts.map { number, title in
          [
            "part": .count(number), "title": .string("Part \(number): \(title)"),
            "elements": .array(
              try CAFElement.allCases.filter { $0.part == number }.map { try task($0, of: caf) }),
          ]
        }),
      "others": .array(try otherTasks(of: caf)),
    ]
  }

  private func task(_ element: CAFElement, of caf: HeldCAF) throws -> JSON {
    let held = try part(element.category, of: caf)
    let record = try held.flatMap {
      try store.content(of: $0).records[.element(element, of: caf.id)]
    }
    let state = record?.values("state").first?.text("state") ?? "untouched"
    let isMissing = held == nil && caf.custodian != agency
    return [
      "element": .string(element.rawValue), "label": .string(element.label),
      "category": .string("\(element.category)"), "state": .string(isMissing ? "notHeld" : state),
      "words": .string(
        isMissing ? "Not held here" : CodeLists.sectionState.label(for: state) ?? state),
      "isUndecided": .bool(record?.groups.values.contains { $0.isUndecided } ?? false),
      "strengths": .string(record?.values("strengths").first?.text("strengths") ?? ""),
      "needs": .string(record?.values("needs").first?.text("needs") ?? ""),
    ]
  }

  private func part(
    _ category: CaseRecords.Category, of caf: HeldCAF
  ) throws -> StoredCompartment? {
    try held(caf.child).first {
      $0.compartment.category == category && $0.compartment.custodian == caf.custodian
    }
  }

  /// What belongs to the assessment besides its elements: how many of each are written.
  private func otherTasks(of caf: HeldCAF) throws -> [JSON] {
    let kinds = [
      ("assessmentPerson", "Who took part"), ("workingService", "Services working with the child"),
      ("familyMember", "Parents, carers and family"), ("home", "Home and family"),
      ("specialistAssessment", "Specialist assessments"), ("conclusion", "Conclusions"),
      ("action", "Actions"), ("tacMeeting", "Meetings of the Team Around the Child"),
    ]
    var counts: [String: Int] = [:]
    for stored in try held(caf.child) {
      for record in try store.content(of: stored).records.values where record.isPresent {
        counts[record.kind, default: 0] += 1
      }
    }
    return kinds.map { kind, label in
      ["kind": .string(kind), "label": .string(label), "count": .count(counts[kind] ?? 0)]
    }
  }
}
