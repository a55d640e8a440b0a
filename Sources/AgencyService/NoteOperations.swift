import CaseRecords
import Causality
import Operations
import ReplicaStore
import SyncEngine

// The agency's own dated notes: they never leave this device, and nobody's consent concerns them.
extension Replica {
  func noteAdd(_ input: OperationInput) throws -> JSON {
    let child = try child(try input.required("child"))
    let text = try input.required("text")
    let title = try input.text("title")
    let on = try input.date("on") ?? today
    let author = try author(input)
    try input.finish()
    let record: RecordID = newID()
    var draft = Draft(try ownCompartment(.private, of: child))
    draft.create(record, "note")
    draft.set(
      record, "note", "note",
      GroupValue().setting("on", on).setting("title", title).setting("text", text))
    try save(draft, author: author)
    return saved(
      draft, ["note": .string(record.text)],
      "Noted, on this device only: private notes never leave it. Against its loss there is "
        + "cafsync agency backup.")
  }

  func noteList(_ input: OperationInput) throws -> JSON {
    let child = try child(try input.required("child"))
    try input.finish()
    let notes = try content(of: child, in: .private).flatMap { _, content in
      try content.records(of: "note").map { try json($0.id, $0.record) }
    }
    return [
      "sentence": .string(
        notes.isEmpty ? "There are no private notes here on this child." : "Private notes:"),
      "notes": .array(notes),
    ]
  }
}
