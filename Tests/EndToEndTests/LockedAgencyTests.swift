import Foundation
import Operations
import Testing

@Suite("An agency under a passphrase, as real processes", .serialized)
struct LockedAgencyTests {
  private static let words = "three quiet herons"

  @Test("locked it obeys a withdrawal, with its receipt, and says so; opened it goes on working")
  func obeysWhileLocked() throws {
    let district = try TestDistrict(["Wren", "Finch"])
    let finch = district.path(of: "Finch")
    let added = try district.ask(
      "Wren", ["child", "add", "--given", "Kit", "--family", "Canaryname"])
    let child = try #require(added["child"]?.stringValue)
    _ = try district.ask("Wren", ["caf", "start", child])
    _ = try district.ask("Wren", ["caf", "write", child, "identity", "--needs", "Canaryword"])
    _ = try district.ask(
      "Wren",
      [
        "consent", "give", child, "--agencies", "Finch", "--by", "Mother", "--relationship",
        "mother", "--capacity", "parentalResponsibility", "--agreement", "2006-09",
      ])
    #expect(try eventually { try district.status("Finch", ["caf", "show", child]) == 0 })

    let folder = ["--folder", finch]
    let set = try Executable.run(
      ["agency", "passphrase", "set"] + folder, input: Self.words + "\n")
    try #require(set.status == 0, "\(set.complaint)")
    #expect(set.output.hasPrefix("The passphrase is set."))
    // A start finds the keys locked, and a passphrase that is not the one opens nothing.
    try district.restart("Finch")
    let refused = try Executable.run(["caf", "show", child] + folder)
    #expect(refused.status == 5 && refused.complaint.contains("cafsync agency unlock"))
    let wrong = try Executable.run(["agency", "unlock"] + folder, input: "no such words\n")
    #expect(wrong.status == 5 && !wrong.complaint.contains("no such words"))

    _ = try district.ask("Wren", ["consent", "withdraw", child, "--agencies", "Finch"])
    #expect(
      try eventually {
        let board = try district.operate(["status", "--json"])
        return board["pendingPurges"] == 0 && (board["purgeReceipts"]?.integerValue ?? 0) > 0
      })
    #expect(try district.ask("Finch", ["agency", "status"])["keys"] == "locked")
    #expect(try district.files(of: "Finch", with: "Canaryword").isEmpty)

    let opened = try Executable.run(["agency", "unlock"] + folder, input: Self.words + "\n")
    try #require(opened.status == 0, "\(opened.complaint)")
    #expect(try district.status("Finch", ["caf", "show", child]) == 1)
    #expect(try district.status("Finch", ["child", "add", "--given", "Lee"]) == 0)
    #expect(
      try eventually {
        try district.ask("Finch", ["agency", "status"])["isAllSynced"]?.boolValue == true
      })
    let removed = try Executable.run(
      ["agency", "passphrase", "remove"] + folder, input: Self.words + "\n")
    try #require(removed.status == 0, "\(removed.complaint)")
    try district.restart("Finch")
    #expect(try district.ask("Finch", ["agency", "status"])["keys"] == "open")
  }
}
