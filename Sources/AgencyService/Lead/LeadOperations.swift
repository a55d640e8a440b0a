import CaseRecords
import Causality
import Operations
import ReplicaStore
import SyncEngine
import SyncProtocol

extension GroupValue {
  /// Whether a `lead` has not come to its end before that day.
  func leads(on day: CalendarDate) -> Bool { date("until").map { $0 >= day } ?? true }
}

// The lead professional: named by anybody, leading only once they have accepted.
extension Replica {
  func leadSet(_ input: OperationInput) throws -> JSON {
    let child = try child(try input.required("child"))
    let leadAgency = try input.text("agency").map { try self.agency($0) } ?? agency
    let leadName = try input.required("name")
    let contact = try input.text("contact")
    let basis = try input.required("basis")
    let replaced = try input.text("inPlaceOf")
    let author = try author(input)
    try input.finish()
    let before = try replaced.map { try presentLead(of: child, $0) }
    let person = try practitioners().first {
      $0.agency == leadAgency && NameFolding.folded($0.name) == NameFolding.folded(leadName)
    }
    let record: RecordID = newID()
    var draft = Draft(try ownCompartment(.index, of: child))
    draft.create(record, "leadProfessional")
    draft.set(
      record, "leadProfessional", "lead",
      GroupValue().setting("agency", leadAgency).setting("practitioner", person?.id)
        .setting("name", leadName)
        .setting("contact", contact ?? person.flatMap { $0.contact.isEmpty ? nil : $0.contact })
        .setting("since", today))
    draft.set(record, "leadProfessional", "basis", .one("basis", basis))
    draft.set(
      record, "leadProfessional", "inPlaceOf",
      GroupValue().setting("inPlaceOf", before?.record))
    draft.set(
      record, "leadProfessional", "acceptance",
      GroupValue().setting("accepted", person?.id == author ? "accepted" : "asked")
        .setting("on", today))
    let isAccepted = person?.id == author
    let ends = isAccepted ? [before].compactMap { $0 } : []
    try save([draft] + ends.map(end), author: author)
    return saved(
      draft, ["record": .string(record.text)],
      isAccepted
        ? "Recorded: \(leadName) leads." + endWords(ends)
        : "Recorded: \(leadName) is asked to lead, and may accept."
          + (before.map { " \($0.name) leads until then." } ?? ""))
  }

  // MARK: Handing over

  /// The entry of somebody who leads, or is asked to.
  private struct PresentLead {
    let compartment: Compartment
    let record: RecordID
    let lead: GroupValue
    var name: String { lead.text("name") ?? "" }
  }

  private func presentLeads(of child: ChildID) throws -> [PresentLead] {
    try content(of: child, in: .index).flatMap { stored, content in
      content.records(of: "leadProfessional").compactMap { id, record in
        guard let lead = record.values("lead").first, lead.leads(on: today),
          record.values("acceptance").contains(where: { $0.text("accepted") != "declined" })
        else { return nil }
        return PresentLead(compartment: stored.compartment, record: id, lead: lead)
      }
    }
  }

  /// By its identifier, or by whose it is.
  private func presentLead(of child: ChildID, _ text: String) throws -> PresentLead {
    let folded = NameFolding.folded(text)
    let meant = try presentLeads(of: child).filter {
      $0.record.text == text || NameFolding.folded($0.name) == folded
    }
    guard meant.count == 1 else {
      throw OperationError(
        meant.isEmpty ? .failure : .conflict,
        meant.isEmpty
          ? "Nobody of that description leads for this child, as of \(now.momentText)."
          : "Several of that name lead for this child: choose the entry.", field: "inPlaceOf")
    }
    return meant[0]
  }

  /// The last day is today: whoever leads now may have acted this morning.
  private func end(_ before: PresentLead) -> Draft {
    var draft = Draft(before.compartment)
    draft.set(before.record, "leadProfessional", "lead", before.lead.setting("until", today))
    return draft
  }

  private func endWords(_ ended: [PresentLead]) -> String {
    ended.map { " \($0.name) leads until \(today.text), that day included." }.joined()
  }

  func leadAccept(_ input: OperationInput) throws -> JSON {
    let child = try child(try input.required("child"))
    let named = try input.text("record")
    let isDeclined = input.flag("decline")
    let author = try author(input)
    try input.finish()
    for (stored, content) in try content(of: child, in: .index) {
      for (id, record) in content.records(of: "leadProfessional") {
        guard named.map({ $0 == id.text }) ?? true, let lead = record.values("lead").first,
          lead.identifier("agency", as: AgencyID.self) == agency,
          record.values("acceptance").contains(where: { $0.text("accepted") == "asked" })
        else { continue }
        var draft = Draft(stored.compartment)
        draft.set(
          id, "leadProfessional", "acceptance",
          GroupValue().setting("accepted", isDeclined ? "declined" : "accepted")
            .setting("on", today))
        let replaced = record.values("inPlaceOf").compactMap {
          $0.identifier("inPlaceOf", as: RecordID.self)
        }
        let ends =
          try isDeclined
          ? [] : presentLeads(of: child).filter { replaced.contains($0.record) && $0.record != id }
        try save([draft] + ends.map(end), author: author)
        return [
          "sentence": .string(
            isDeclined ? "Recorded: declined." : "Recorded: accepted." + endWords(ends))
        ]
      }
    }
    throw OperationError(.failure, "Nobody here is asked to lead for this child.")
  }

  /// Leading opens much of the record to the lead's agency, so its end is recorded too.
  func leadEnd(_ input: OperationInput) throws -> JSON {
    let child = try child(try input.required("child"))
    let named = try input.text("name").map { NameFolding.folded($0) }
    let recordName = try input.text("record")
    let on = try input.date("on") ?? today
    let author = try author(input)
    try input.finish()
    var drafts: [Draft] = []
    var names: [String] = []
    for (stored, content) in try content(of: child, in: .index) {
      var draft = Draft(stored.compartment)
      for (id, record) in content.records(of: "leadProfessional") {
        guard let lead = record.values("lead").first, let name = lead.text("name"),
          lead.leads(on: today), recordName.map({ $0 == id.text }) ?? true,
          named.map({ $0 == NameFolding.folded(name) }) ?? true
        else { continue }
        draft.set(id, "leadProfessional", "lead", lead.setting("until", on))
        names.append(name)
      }
      if !names.isEmpty { drafts.append(draft) }
    }
    guard names.count == 1 else {
      throw OperationError(
        names.isEmpty ? .failure : .conflict,
        names.isEmpty
          ? "Nobody of that description leads for this child, as of \(now.momentText)."
          : "Several lead: say whose ends, one of \(names.sorted().joined(separator: ", "))."
      )
    }
    try save(drafts, author: author)
    return ["sentence": .string("Recorded: \(names[0]) leads until \(on.text), that day included.")]
  }
}
