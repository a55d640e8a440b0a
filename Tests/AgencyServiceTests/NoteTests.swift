import AgencyService
import Operations
import SyncEngine
import Testing

@Suite struct NoteTests {
  @Test func `A private note is dated, listed with its author, and waits for no exchange`() throws {
    let agency = try TestReplica()
    let child = JSON.string(try agency.child())
    #expect(try agency.run("note-list", ["child": child])["notes"] == [])
    let unsent = try agency.replica.engine.unsentCount
    try agency.run(
      "note-add",
      ["child": child, "text": "Met the mother", "title": "Call", "on": "2006-09-01"])
    try agency.run("note-add", ["child": child, "text": "Wrote to the school"])
    #expect(try agency.replica.engine.unsentCount == unsent)
    let list = try agency.run("note-list", ["child": child])
    #expect(list["notes"]?.arrayValue?.count == 2)
    for words in ["Met the mother", "Call", "2006-09-01", "Wrote to the school", "Ann Ash"] {
      #expect(list.text().contains(words), "\(words)")
    }
    #expect(agency.refusal("note-add", ["child": child]) == .usage)
    #expect(agency.refusal("note-add", ["child": child, "text": "x", "on": "today"]) == .usage)
    #expect(agency.refusal("note-add", ["child": child, "text": "x", "as": "Nobody"]) == .refused)
    #expect(agency.refusal("note-list", ["child": "0123"]) == .failure)
  }
}
