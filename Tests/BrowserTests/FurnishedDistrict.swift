import Operations
import TestDaemons
import Testing

/// Two agencies that share a child, with something on every page.
struct FurnishedDistrict {
  private static let passphrase = "three quiet herons"

  let district: TestDistrict
  /// What stands in the addresses of pages.
  let names: [String: String]

  var wren: TestAgency { district.agencies[0] }
  var finch: TestAgency { district.agencies[1] }

  /// - Parameter typed: makes what people wrote from plain words.
  init(typed: (String) -> String = { $0 }) throws {
    let district = try TestDistrict(["Wren", "Finch"])
    self.district = district
    let (wren, finch) = (district.agencies[0], district.agencies[1])
    func say(_ text: String) -> JSON { .string(typed(text)) }
    let child = try wren.child("Amira", sharedWith: [finch], categories: "index,development")
    try wren.ask(
      "involvement-add",
      [
        "child": .string(child), "role": say("Family support worker"), "start": "2006-09-04",
        "lastContact": "2006-11-20", "contacts12Months": "9",
      ])
    try wren.ask(
      "lead-set",
      [
        "child": .string(child), "name": "Ann Ash", "contact": say("0113 496 0001"),
        "basis": "mostContact",
      ])
    let started = try wren.ask(
      "caf-start", ["child": .string(child), "ledTo": say("Often tired; misses mornings.")])
    let caf = try #require(started["caf"]?.stringValue)
    try wren.ask(
      "caf-write",
      [
        "child": .string(child), "element": "behaviouralDevelopment",
        "strengths": say("Kind to the little ones."), "needs": say("Sleep, and a calm morning."),
      ])
    var twin = ""
    for name in ["Amira", "Amina"] {
      let added = try wren.ask(
        "child-add",
        ["given": say(name), "family": "Birkhollow", "estimatedAge": 4, "anyway": true])
      twin = added["child"]?.stringValue ?? ""
    }
    var meeting: String?
    for kind in Self.kinds {
      let record = try Self.fill(in: kind, of: child, caf, meeting: meeting, at: wren, typed)
      if kind == "tacMeeting" { meeting = record }
    }
    for agency in district.agencies { try agency.synchronise() }
    try awaited("the CAF at Finch") { try finch.export(child).contains("misses mornings") }
    try Self.disagree(district, on: child, typed)
    try wren.ask(
      "check",
      ["given": say("Nobody"), "reason": "concern", "consent": say("Form of 4 December")])
    try wren.ask(
      "shield", ["child": .string(child), "agencies": ["Finch"], "review": "2099-01-31"])
    let conflict = try #require(
      try wren.ask("conflict-list")["conflicts"]?.arrayValue?.first?["record"]?.stringValue)
    let entries = try wren.ask("consent-show", ["child": .string(child)])["entries"]?.arrayValue
    func entry(_ kind: JSON) throws -> String {
      try #require(entries?.first { $0["kind"] == kind }?["entry"]?.stringValue)
    }
    try wren.ask("passphrase-set", ["passphrase": .string(Self.passphrase)])
    names = [
      "child": child, "twin": twin, "caf": caf, "conflict": conflict,
      "consent": try entry("consent"), "shield": try entry("shield"),
    ]
  }

  /// One record of each of these, so that no list is empty.
  private static let kinds = [
    "familyMember", "home", "address", "phone", "conclusion", "action", "tacMeeting",
    "tacInvitation", "comment", "preCAF", "note", "assessmentPerson", "workingService",
  ]

  /// Fills in every field of a form, as its type asks.
  private static func fill(
    in kind: String, of child: String, _ caf: String, meeting: String?, at agency: TestAgency,
    _ typed: (String) -> String
  ) throws -> String {
    var about = try #require(
      (["child": .string(child), "kind": .string(kind)] as JSON).objectValue)
    if ["conclusion", "assessmentPerson", "workingService"].contains(kind) {
      about["caf"] = .string(caf)
    }
    if kind == "tacInvitation" { about["meeting"] = meeting.map { .string($0) } }
    let form = try agency.ask("record-form", .object(about))
    var values = JSON.Object()
    let boxes = form["boxes"]?.arrayValue ?? []
    for field in boxes.flatMap({ $0["fields"]?.arrayValue ?? [] }) {
      guard let name = field["name"]?.stringValue else { continue }
      // A date of birth is there already.
      if name.hasSuffix(".estimatedAge") { continue }
      let proposed = field["value"] ?? ""
      values[name] =
        switch field["type"]?.stringValue {
        case _ where proposed != "": proposed
        case "date": "2006-12-04"
        case "number": "2"
        case "one", "several": field["options"]?.arrayValue?.first?["value"] ?? ""
        default: .string(typed("As it was said."))
        }
    }
    about["record"] = form["record"]
    about["seen"] = form["seen"]
    about["values"] = .object(values)
    try agency.ask("record-write", .object(about))
    return form["record"]?.stringValue ?? ""
  }

  /// Both answer the same question without having seen the other's answer.
  private static func disagree(
    _ district: TestDistrict, on child: String, _ typed: (String) -> String
  ) throws {
    for line in district.lines { line.takeDown() }
    for (agency, text) in zip(district.agencies, ["Sleeps badly.", "Sleeps well at Gran’s."]) {
      try agency.ask(
        "caf-write",
        [
          "child": .string(child), "element": "behaviouralDevelopment",
          "needs": .string(typed(text)),
        ])
    }
    for line in district.lines { line.heal() }
    for agency in district.agencies {
      try agency.synchronise()
      try awaited("the two answers at \(agency.name)") {
        try agency.ask("conflict-list")["conflicts"]?.arrayValue?.isEmpty == false
      }
    }
  }

  /// Once more, when the first time has been settled.
  func disagree() throws { try Self.disagree(district, on: names["child"] ?? "") { $0 } }

  func unlock() throws { try wren.ask("unlock", ["passphrase": .string(Self.passphrase)]) }
}
