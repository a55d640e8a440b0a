import Foundation
import Operations
import TestDaemons
import Testing

extension EndToEnd {
  @Suite("An agency under a passphrase")
  struct LockedAgency {
    private static let words = "three quiet herons"

    private func type(_ line: String, _ words: String..., at agency: TestAgency) throws
      -> DaemonProcess.Ended
    {
      try DaemonProcess.run(
        arguments: (words + ["--folder", agency.folder]).map { Array($0.utf8) },
        input: line + "\n", in: agency.root)
    }

    @Test("locked it obeys a withdrawal, with its receipt, and says so; opened it goes on working")
    func obeysWhileLocked() throws {
      let district = try TestDistrict(["Wren", "Finch"])
      let (hub, wren, finch) = (district.hub, district.agencies[0], district.agencies[1])
      let child = try #require(
        try wren.command("child", "add", "--given", "Kit", "--family", "Canaryname")["child"]?
          .stringValue)
      try wren.command("caf", "start", child)
      try wren.command("caf", "write", child, "identity", "--needs", "Canaryword")
      try wren.command(
        "consent", "give", child, "--agencies", "Finch", "--by", "Mother", "--relationship",
        "mother", "--capacity", "parentalResponsibility", "--agreement", "2006-09")
      try awaited("the CAF at Finch") { try finch.run(["caf", "show", child]).status == 0 }

      let set = try type(Self.words, "agency", "passphrase", "set", at: finch)
      try #require(set.status == 0, "\(set.complaint)")
      #expect(set.output.hasPrefix("The passphrase is set."))
      // A start finds the keys locked, and a passphrase that is not the one opens nothing.
      try finch.stop()
      try finch.start()
      let refused = try finch.run(["caf", "show", child])
      #expect(refused.status == 5 && refused.complaint.contains("cafsync agency unlock"))
      let wrong = try type("no such words", "agency", "unlock", at: finch)
      #expect(wrong.status == 5 && !wrong.complaint.contains("no such words"))

      try wren.command("consent", "withdraw", child, "--agencies", "Finch")
      try awaited("the receipt") {
        let board = try hub.command("status")
        return board["pendingPurges"] == 0 && (board["purgeReceipts"]?.integerValue ?? 0) > 0
      }
      #expect(try finch.command("agency", "status")["keys"] == "locked")
      #expect(try TestFolder.search([finch.folder], forWords: ["Canaryword"]).isEmpty)

      let opened = try type(Self.words, "agency", "unlock", at: finch)
      try #require(opened.status == 0, "\(opened.complaint)")
      #expect(try finch.run(["caf", "show", child]).status == 1)
      try finch.command("child", "add", "--given", "Lee")
      try awaited("Finch to be in step") {
        try finch.command("agency", "status")["isAllSynced"] == true
      }
      let removed = try type(Self.words, "agency", "passphrase", "remove", at: finch)
      try #require(removed.status == 0, "\(removed.complaint)")
      try finch.stop()
      try finch.start()
      #expect(try finch.command("agency", "status")["keys"] == "open")
    }

    @Test("a practitioner's own passphrase opens it beside the agency's, and goes when they leave")
    func ownPassphrase() throws {
      let district = try TestDistrict(["Wren"])
      let wren = district.agencies[0]
      let (kettle, moss) = ("a kettle of larks", "moss under the gate")
      try wren.command("agency", "practitioner", "add", "--name", "Bob Birch")
      let early = try type(kettle, "agency", "passphrase", "set", "--as", "Ann Ash", at: wren)
      #expect(early.status == 7 && early.complaint.contains("Set the agency's first"))
      try #require(try type(Self.words, "agency", "passphrase", "set", at: wren).status == 0)
      let set = try type(kettle, "agency", "passphrase", "set", "--as", "Ann Ash", at: wren)
      try #require(set.status == 0, "\(set.complaint)")
      // Another one: the present one comes first, on its own line.
      for lines in [moss + "\n" + moss, kettle + "\n" + moss] {
        let changed = try type(lines, "agency", "passphrase", "set", "--as", "Ann Ash", at: wren)
        #expect(changed.status == (lines.hasPrefix(kettle) ? 0 : 5), "\(changed.complaint)")
      }
      try wren.stop()
      try wren.start()
      let stranger = try type(moss, "agency", "unlock", "--as", "Bob Birch", at: wren)
      #expect(stranger.status == 5 && !stranger.complaint.contains(moss))
      let opened = try type(moss, "agency", "unlock", "--as", "Ann Ash", at: wren)
      try #require(opened.status == 0, "\(opened.complaint)")
      #expect(
        try type(Self.words, "agency", "passphrase", "remove", at: wren).complaint
          .contains("passphrase remove --as NAME"))
      try wren.command("agency", "practitioner", "end", "Ann Ash", "--as", "Bob Birch")
      try wren.stop()
      try wren.start()
      #expect(try type(moss, "agency", "unlock", "--as", "Ann Ash", at: wren).status == 5)
      #expect(try type(Self.words, "agency", "unlock", at: wren).status == 0)
      let removed = try type(Self.words, "agency", "passphrase", "remove", at: wren)
      #expect(removed.status == 0, "\(removed.complaint)")
    }

    @Test("whom another device records as having left, loses the passphrase on this one")
    func leftElsewhere() throws {
      let district = try TestDistrict(["Wren"])
      let wren = district.agencies[0]
      try wren.command("agency", "practitioner", "add", "--name", "Bob Birch")
      try wren.synchronise()
      let other = try TestAgency(
        deviceOf: "Wren", folder: wren.folder + "-2", joining: district.hub)
      try other.synchronise()
      try #require(try type(Self.words, "agency", "passphrase", "set", at: wren).status == 0)
      for name in ["Ann Ash", "Bob Birch"] {
        let set = try type(
          "a kettle of larks", "agency", "passphrase", "set", "--as", name, at: wren)
        try #require(set.status == 0, "\(set.complaint)")
      }
      try other.command("agency", "practitioner", "end", "Bob Birch", "--as", "Ann Ash")
      try awaited("Bob to have none") {
        try wren.ask("passphrase-show", ["as": "Bob Birch"])["hasOwn"] == false
      }
      #expect(try wren.ask("passphrase-show", ["as": "Ann Ash"])["hasOwn"] == true)
    }
  }
}
