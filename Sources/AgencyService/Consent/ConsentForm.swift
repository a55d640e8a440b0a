import CaseRecords
import Causality
import Operations
import ReplicaStore
import SyncEngine

extension Purpose {
  /// As it is said to a family.
  var plainWords: (label: String, hint: String) {
    switch self {
    case .store:
      (
        "Keep it at the hub",
        "So that it is not lost with one computer, and can be passed on to those named."
      )
    case .index:
      (
        "Keep the child on the index",
        "That agencies can find out who works with the child. It is kept unless the family says no."
      )
    case .discussAtECM:
      ("Talk about it at the ECM group", "The local meeting of agencies may discuss the child.")
    case .share: ("Share it", "The agencies below are given it, and keep it on their computers.")
    case .transfer:
      ("Hand it over", "To an agency that takes over, for example when the family moves.")
    }
  }
}

extension CaseRecords.Category {
  /// What is in it, for somebody who is asked whether it may be shared.
  fileprivate var contents: String {
    switch self {
    case .index: "Also whether there is a CAF, and who is the lead professional."
    case .whereabouts: "Where the child lives, and how to call."
    case .household: "Brothers and sisters, parents and carers, who else lives there, the home."
    case .development: "What the CAF says of learning, behaviour, feelings and friends."
    case .health:
      "What the CAF says of health. Each agency has to be named: “every agency” does not cover it."
    case .parenting: "Care, guidance, work, money, housing, and help from relatives."
    case .plan: "Conclusions, actions, meetings, comments. It opens to the team around the child."
    case .sensitive:
      "Each agency has to be named: “every agency” does not cover it. That there is such a "
        + "service may itself say something."
    default: ""
    }
  }
}

// What a page asks the family, and the words in which it asks.
extension Replica {
  /// At which age a page reminds that the young person may decide. A prompt, not a rule (row 42).
  private static let promptYears = 13

  func consentForm(_ input: OperationInput) throws -> JSON {
    let child = try child(try input.required("child"))
    try input.finish()
    let age = try ages(of: child).max()
    let usual = Self.usualCategories
    let parts = CaseRecords.Category.allCases.filter { $0.isPerChild && $0 != .private }
    return [
      "child": .string(child.text), "name": .string(try childName(child)),
      "birth": .string(try childBirth(child)), "age": age.map { .count($0) } ?? .null,
      "mayDecideAlone": .bool(age.map { $0 >= Self.promptYears } ?? false),
      "purposes": .array(
        Purpose.allCases.map { purpose in
          choice(
            "\(purpose)", purpose.plainWords.label, purpose.plainWords.hint,
            isUsual: [.store, .share].contains(purpose))
        }),
      "categories": .array(
        parts.map { category in
          choice(
            "\(category)", PlainWords.part(category), category.contents,
            isUsual: usual.contains(category))
        }),
      "capacities": .array(
        CodeLists.capacityBasis.codes.map { choice($0.value, $0.label, "", isUsual: false) }),
    ]
  }

  private func choice(_ value: String, _ label: String, _ hint: String, isUsual: Bool) -> JSON {
    [
      "value": .string(value), "label": .string(label), "hint": .string(hint),
      "isUsual": .bool(isUsual),
    ]
  }

  /// In whole years, by each entry held here that says something of it.
  private func ages(of child: ChildID) throws -> [Int] {
    try content(of: child, in: .index).flatMap { _, content in
      content.records(of: "child").flatMap { $0.record.values("birth") }.compactMap { birth in
        if let born = birth.date("dateOfBirth") { return born.years(until: today) }
        guard let age = birth.count("estimatedAge") else { return nil }
        let since = birth.date("estimatedOn").map { $0.years(until: today) } ?? 0
        return Int(exactly: age).map { $0 + since }
      }
    }
  }

  /// Row 41: the newest version of the sharing agreement that is valid today, in plain words.
  func agreementShow(_ input: OperationInput) throws -> JSON {
    try input.finish()
    let versions = try held(in: .agreement).flatMap { stored in
      try store.content(of: stored).records(of: "agreementText").flatMap {
        $0.record.values("summary")
      }
    }
    .compactMap { summary -> (from: CalendarDate, version: String, summary: GroupValue)? in
      guard let from = summary.date("validFrom"), let version = summary.text("version"),
        from <= today
      else { return nil }
      return (from, version, summary)
    }
    guard let newest = versions.max(by: { ($0.from, $0.version) < ($1.from, $1.version) }) else {
      return [
        "sentence": "No version of the sharing agreement is held here.", "isHeld": false,
      ]
    }
    return [
      "sentence": .string("The sharing agreement, version \(newest.version)."), "isHeld": true,
      "version": .string(newest.version), "title": .string(newest.summary.text("title") ?? ""),
      "text": .string(newest.summary.text("text") ?? ""),
      "validFrom": .string(newest.from.text),
      "language": .string(newest.summary.text("language") ?? ""),
    ]
  }
}

extension CalendarDate {
  /// Birthdays between the two days.
  fileprivate func years(until day: CalendarDate) -> Int {
    let isBefore = (day.month, day.day) < (month, self.day)
    return max(day.year - year - (isBefore ? 1 : 0), 0)
  }
}
