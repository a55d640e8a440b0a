import CBOR
import CaseRecords
import Causality
import Operations
import ReplicaStore
import SyncEngine

// The index enquiry (domain.md, rows 1 and 2): is there a CAF, and whom to contact? Held here, it
// is answered from here; otherwise the honest answer is that it is not held here, and the question
// goes to the hub like any other record. In neither case does it say "none".
extension Replica {
  func check(_ input: OperationInput) throws -> JSON {
    var subject = GroupValue()
    for field in ["given", "family", "dateOfBirth"] {
      subject = subject.setting(field, try input.text(field))
    }
    subject = subject.setting(
      "estimatedAge",
      count: try input.count("estimatedAge", in: 0...RecordLimits.estimatedAgeYears))
    let reason = try input.text("reason") ?? "other"
    let detail = try input.text("detail")
    let consent = try input.text("consent")
    let override = try input.text("override")
    let decidedBy = try input.text("decidedBy")
    let author = try author(input)
    try input.finish()
    guard (consent == nil) != (override == nil) else {
      throw OperationError(
        .refused,
        "An enquiry needs one basis: the reference of the family's consent, or else the reason why "
          + "it is asked without, and who decided that.", field: "consent")
    }
    let record: RecordID = newID()
    var draft = Draft(
      Compartment(id: newID(), child: nil, category: .desk, custodian: agency))
    draft.create(record, "enquiry")
    draft.set(record, "enquiry", "subject", subject)
    draft.set(
      record, "enquiry", "reason",
      GroupValue().setting("reason", reason).setting("detail", detail))
    draft.set(
      record, "enquiry", "basis",
      GroupValue().setting("consentReference", consent).setting("overrideReason", override)
        .setting("decidedBy", decidedBy))
    draft.set(
      record, "enquiry", "asked",
      GroupValue().setting("on", instant: now).setting("practitioner", author)
        .setting("by", try name(of: author)))
    // Also a question that is answered from here is logged with its reason and its basis.
    try save(draft, author: author)
    let asked = ChildIdentity(
      given: subject.text("given"), family: subject.text("family"),
      dateOfBirth: subject.date("dateOfBirth"), estimatedAge: subject.count("estimatedAge"),
      estimatedOn: today)
    let found = try find(asked, limit: 5).filter { $0.band >= .likely }
    guard !found.isEmpty else {
      return [
        "sentence": .string(
          "Not held here as of \(now.momentText); the enquiry is queued. This is no answer: it "
            + "comes with the next exchange, and then stands in the list of enquiries."),
        "isHeldHere": false, "asOf": .count(now), "enquiry": .string(record.text),
        "queued": true,
      ]
    }
    return [
      "sentence": .string(
        "Held here: \(try found.map { try cafStanding($0.child).words }.joined(separator: "; "))."),
      "isHeldHere": true, "asOf": .count(now), "enquiry": .string(record.text),
      "children": .array(
        try found.map { match in
          [
            "child": .string(match.child.text), "name": .string(try childName(match.child)),
            "likeness": .string("\(match.band)"), "caf": try cafStanding(match.child).json,
            "agencies": .array(
              try match.custodians.sorted().map { .string(try name(of: $0)) }),
          ]
        }),
    ]
  }

  /// What may be chosen when an enquiry is made.
  func checkForm(_ input: OperationInput) throws -> JSON {
    try input.finish()
    return [
      "reasons": .array(
        CodeLists.enquiryReason.codes.map {
          ["value": .string($0.value), "label": .string($0.label)]
        })
    ]
  }

  private static func reason(_ value: GroupValue) -> String {
    let code = value.text("reason") ?? ""
    return [CodeLists.enquiryReason.label(for: code) ?? code, value.text("detail")]
      .compactMap { $0 }.joined(separator: ": ")
  }

  private static func basis(_ value: GroupValue) -> String {
    if let consent = value.text("consentReference") { return "With consent: \(consent)" }
    let reason = "Without consent: \(value.text("overrideReason") ?? "")"
    return value.text("decidedBy").map { "\(reason). Decided by \($0)." } ?? reason
  }

  func checkList(_ input: OperationInput) throws -> JSON {
    try input.finish()
    var threads: [(asked: UInt64, json: JSON)] = []
    for stored in try held(in: .desk) where stored.compartment.custodian == agency {
      let content = try store.content(of: stored)
      let answers = content.records(of: "enquiryAnswer").flatMap { $0.record.values("answer") }
      for (id, record) in content.records(of: "enquiry") {
        let asked = record.values("asked").first
        let mine = answers.filter { $0.identifier("enquiry", as: RecordID.self) == id }
        threads.append(
          (
            asked?.instant("on") ?? 0,
            [
              "enquiry": .string(id.text),
              "subject": .string(record.values("subject").map(\.line).joined(separator: " / ")),
              "reason": .string(record.values("reason").map(Self.reason).joined(separator: " / ")),
              "basis": .string(record.values("basis").map(Self.basis).joined(separator: " / ")),
              "askedBy": .string(asked?.text("by") ?? ""),
              "askedAt": .string((asked?.instant("on") ?? 0).momentText),
              "state": .string(
                mine.isEmpty ? "no answer yet: \(try standing(of: stored).words)" : "answered"),
              "answers": .array(mine.map(Self.answer)),
            ]
          ))
      }
    }
    return [
      "sentence": .string(
        threads.isEmpty ? "No enquiry has been made here." : "\(threads.count) made here:"),
      "enquiries": .array(threads.sorted { $0.asked > $1.asked }.map(\.json)),
    ]
  }

  private static func answer(_ value: GroupValue) -> JSON {
    let outcome = value.text("outcome") ?? ""
    var sentence = CodeLists.enquiryOutcome.label(for: outcome) ?? outcome
    if let status = value.text("cafStatus") {
      sentence += "; CAF: \(CodeLists.cafStatus.label(for: status) ?? status)"
    }
    if let lead = value.text("leadName") {
      sentence += "; lead professional: "
      sentence += [lead, value.text("leadContact")].compactMap { $0 }.joined(separator: ", ")
    }
    let reporting = value.count("agenciesReporting") ?? 0
    let total = value.count("agenciesTotal") ?? 0
    sentence += ". \(reporting) of \(total) agencies reporting"
    if let oldest = value.text("oldestSyncAgencyName") {
      sentence += "; oldest sync: \(oldest), \(value.count("oldestSyncDays") ?? 0) days"
    }
    guard case .object(var object) = value.json else { return .string(sentence) }
    object["sentence"] = .string(
      sentence + ". As of \((value.instant("asOf") ?? 0).momentText).")
    return .object(object)
  }

  // MARK: Prompts and notices

  func taskList(_ input: OperationInput) throws -> JSON {
    let all = input.flag("all")
    try input.finish()
    var tasks: [JSON] = []
    for stored in try held(in: .desk) {
      let content = try store.content(of: stored)
      for kind in ["prompt", "notice"] {
        for (id, record) in content.records(of: kind) {
          guard let value = record.values(kind).first else { continue }
          let state = record.values("state").compactMap { $0.text("state") }
          guard all || state.isEmpty || state.contains("open") else { continue }
          let code = value.text("text") ?? ""
          let list = kind == "prompt" ? CodeLists.prompt : CodeLists.notice
          let child = value.identifier("child", as: ChildID.self)
          tasks.append([
            "task": .string(id.text), "kind": .string(kind), "code": .string(code),
            "sentence": .string(list.label(for: code) ?? code),
            "details": .string(
              (value.parameters("parameters") ?? [:]).sorted { $0.key < $1.key }
                .map { "\($0.key): \($0.value)" }.joined(separator: "; ")),
            "child": child.map { .string($0.text) } ?? .null,
            "name": .string(
              try child.map { try held($0).isEmpty ? "a child not held here" : try childName($0) }
                ?? ""),
            "on": .string((value.instant("on") ?? 0).momentText),
            "state": .string(state.joined(separator: ", ")),
          ])
        }
      }
    }
    return [
      "sentence": .string(
        tasks.isEmpty ? "Nothing waits to be done." : "\(tasks.count) to see to."),
      "tasks": .array(tasks),
    ]
  }

  func taskAnswer(_ input: OperationInput) throws -> JSON {
    let task = try input.required("task")
    let state = try input.required("state")
    let why = try input.text("why")
    let author = try author(input)
    try input.finish()
    guard ["done", "declined"].contains(state) else {
      throw OperationError(.usage, "A task is done or declined.")
    }
    guard state == "done" || why != nil else {
      throw OperationError(
        .usage, "Whoever declines says why: whoever asked reads it.", field: "why")
    }
    for stored in try held(in: .desk) {
      let content = try store.content(of: stored)
      for kind in ["prompt", "notice"] {
        for (id, _) in content.records(of: kind)
        where id.text == task || (task.count >= 4 && id.text.hasPrefix(task)) {
          var draft = Draft(stored.compartment)
          draft.set(
            id, kind, "state",
            GroupValue().setting("state", state).setting("by", try name(of: author))
              .setting("on", instant: now).setting("why", why))
          try save(draft, author: author)
          return ["sentence": .string("Recorded: \(state).")]
        }
      }
    }
    throw OperationError(
      .failure, "There is no such task here any more: the list of tasks says what waits.")
  }
}
