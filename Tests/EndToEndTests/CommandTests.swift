import Foundation
import Operations
import TestDaemons
import Testing

extension EndToEnd {
  /// As practitioners work: each step is a command, and nobody asks for an exchange.
  @Suite("What people do with commands")
  struct Commands {
    private static let consent = [
      "--by", "Mother", "--relationship", "mother", "--capacity", "parentalResponsibility",
      "--agreement", "2006-09",
    ]

    private func isShown(_ child: String, by agency: TestAgency) throws -> Bool {
      try agency.run(["caf", "show", child]).status == 0
    }

    private func conflicts(of agency: TestAgency) throws -> [JSON] {
      try agency.command("conflicts", "list")["conflicts"]?.arrayValue ?? []
    }

    @Test("a CAF flows with consent, edits come back, and a withdrawal leaves no word behind")
    func consentAndWithdrawal() throws {
      let district = try TestDistrict(["Wren", "Finch"])
      let (wren, finch) = (district.agencies[0], district.agencies[1])
      let added = try wren.command(
        "child", "add", "--given", "Kit", "--family", "Canaryname", "--date-of-birth", "2001-02-03")
      let child = try #require(added["child"]?.stringValue)
      try wren.command("caf", "start", child)
      try wren.command("caf", "write", child, "identity", "--strengths", "Canaryword sings")
      // Without consent nothing leaves, and nobody claims that it did.
      try wren.command("agency", "sync")
      #expect(try finch.run(["child", "show", child]).status == 1)

      try wren.command(["consent", "give", child, "--agencies", "Finch"] + Self.consent)
      // A save leaves by itself, and the other's poll brings it.
      try awaited("the CAF at Finch") { try isShown(child, by: finch) }
      let shown = try finch.command("caf", "show", child).text()
      #expect(shown.contains("Canaryword sings"))
      // Of the index, which the consent does not name, nothing came.
      #expect(!shown.contains("Canaryname"))
      try finch.command("caf", "write", child, "identity", "--needs", "A choir sings")
      try awaited("Finch's words at Wren") {
        try wren.command("caf", "show", child).text().contains("A choir sings")
      }

      try wren.command("consent", "withdraw", child, "--agencies", "Finch")
      try awaited("the CAF to go from Finch") { try !isShown(child, by: finch) }
      try awaited("the purge") {
        try finch.command("agency", "status")["compartments"]?["locked"] == 0
      }
      let words = ["Canaryword", "Canaryname", "A choir sings"]
      #expect(try TestFolder.search([finch.folder], forWords: words).isEmpty)
      let log = try String(contentsOfFile: finch.log, encoding: .utf8)
      #expect(!words.contains { log.contains($0) })
      // The custodian keeps its own record, with what the other wrote.
      #expect(try wren.command("caf", "show", child).text().contains("A choir sings"))
      for agency in district.agencies { #expect(try agency.process?.stop().status == 0) }
    }

    @Test("two who write while cut off are merged, and one box with two texts waits for a person")
    func offlineMerge() throws {
      let district = try TestDistrict(["Wren", "Finch"])
      let (wren, finch) = (district.agencies[0], district.agencies[1])
      let child = try #require(wren.command("child", "add", "--given", "Kit")["child"]?.stringValue)
      try wren.command("caf", "start", child)
      try wren.command("caf", "write", child, "identity", "--strengths", "Sings")
      try wren.command(["consent", "give", child, "--agencies", "Finch"] + Self.consent)
      try awaited("the CAF at Finch") { try isShown(child, by: finch) }

      try district.hub.stop()
      for agency in district.agencies {
        try awaited("\(agency.name) to notice") {
          try agency.command("agency", "status")["isLineUp"] == false
        }
      }
      try wren.command("caf", "write", child, "identity", "--needs", "From Wren")
      try finch.command("caf", "write", child, "identity", "--needs", "From Finch")
      try finch.command("caf", "write", child, "aspirations", "--strengths", "Boats")
      #expect(try wren.command("agency", "status")["isAllSynced"] == false)
      #expect(try wren.run(["agency", "sync"]).status == 4)
      // Killed while it has unsent work: nothing of it is lost.
      finch.destroy()
      try finch.start()
      try district.hub.start()
      for agency in district.agencies + district.agencies { try agency.synchronise() }
      for agency in district.agencies {
        let text = try agency.command("caf", "show", child).text()
        for word in ["From Wren", "From Finch", "Boats", "Sings"] { #expect(text.contains(word)) }
        #expect(try conflicts(of: agency).count == 1)
      }
      let conflict = try #require(conflicts(of: finch).first?["conflict"]?.stringValue)
      try finch.command("conflicts", "resolve", conflict, "--text", "From both")
      try awaited("the choice at Wren") { try conflicts(of: wren).isEmpty }
      #expect(try wren.command("caf", "show", child).text().contains("From both"))
    }

    @Test(
      "from a terminal on a desktop the browser is opened, and from nowhere else",
      arguments: [
        ("DISPLAY=:0", true), ("WAYLAND_DISPLAY=wayland-0", true), ("DISPLAY=:0", false),
      ])
    func open(surroundings: String, isTerminal: Bool) throws {
      let district = try TestDistrict(["Wren"])
      let agency = district.agencies[0]
      let folder = agency.root.path
      let opened = folder + "/opened"
      let browser = "#!/bin/sh\necho \"$1\" > \(opened).new && mv \(opened).new \(opened)\n"
      try Data(browser.utf8).write(to: URL(fileURLWithPath: folder + "/xdg-open"))
      chmod(folder + "/xdg-open", 0o700)
      unlink(opened)
      let executable = try DaemonProcess.executable
      let command =
        "unset DISPLAY WAYLAND_DISPLAY; export PATH=\(folder):$PATH; export \(surroundings); "
        + "\(executable) agency open --folder \(agency.folder)"
      let asking = try DaemonProcess(
        program: isTerminal ? "script" : "sh",
        arguments: (isTerminal ? ["-qec", command, "/dev/null"] : ["-c", command])
          .map { Array($0.utf8) }, log: folder + "/open.log", output: folder + "/open.out")
      #expect(try awaited("the command to end") { asking.exitStatus() } == 0)
      let printed = try String(contentsOfFile: folder + "/open.out", encoding: .utf8)
      let link = try #require(printed.firstMatch(of: #/http:\S+/#)).output
      guard isTerminal else { return #expect(access(opened, F_OK) != 0) }
      try awaited("the browser") { access(opened, F_OK) == 0 }
      #expect(try String(contentsOfFile: opened, encoding: .utf8) == link + "\n")
    }

    @Test("an enquiry is answered by the hub with existence and contact, and never with content")
    func enquiry() throws {
      let district = try TestDistrict(["Wren", "Finch"])
      let (wren, finch) = (district.agencies[0], district.agencies[1])
      let child = try #require(
        wren.command(
          "child", "add", "--given", "Kit", "--family", "Canary", "--date-of-birth", "2001-02-03")[
            "child"]?.stringValue)
      try wren.command("caf", "start", child, "--led-to", "Canaryword")
      try wren.command("agency", "sync")
      let asked = try finch.command(
        "check", "--given", "Kit", "--family", "Canary", "--date-of-birth", "2001-02-03",
        "--consent", "form 12")
      #expect(asked["isHeldHere"] == false)
      try awaited("the answer") {
        try finch.command("check", "--list").text().contains("with a CAF")
      }
      #expect(try !finch.command("check", "--list").text().contains("Canaryword"))
      try awaited("the notice to the author") {
        try wren.command("tasks", "list").text().contains("enquiryMade")
      }
    }
  }
}
