import Foundation
import Operations
import TestDaemons
import Testing

extension EndToEnd {
  @Suite("What is handed to the family")
  struct SubjectAccesses {
    private static let canaries = [
      "Canaryname", "Brotherword", "Schoolword", "Streetword", "Clinicword",
    ]

    private struct Written {
      let ended: DaemonProcess.Ended
      let folder: String

      /// Nil unless it was written.
      func text(_ name: String) throws -> String {
        try String(contentsOfFile: folder + "/" + name, encoding: .utf8)
      }

      var forTheFamily: String { get throws { try text("record.html") + text("record.json") } }
    }

    private func write(
      _ hub: TestHub, _ child: String, to name: String, _ flags: String...
    ) throws -> Written {
      let folder = hub.root.path + "/" + name
      let words =
        ["hub", "subject-access", child, "--to", folder, "--reason", "askedByParent"]
        + ["--reference", "SAR-2026/7", "--folder", hub.folder] + flags
      let ended = try DaemonProcess.run(arguments: words.map { Array($0.utf8) }, in: hub.root)
      #expect(Self.canaries.allSatisfy { !ended.text.contains($0) })
      return Written(ended: ended, folder: folder)
    }

    private func record(
      _ kind: String, _ values: JSON, of child: String, at agency: TestAgency
    ) throws {
      let form = try agency.ask(
        "record-form", ["child": .string(child), "kind": .string(kind)])
      try agency.ask(
        "record-write",
        [
          "child": .string(child), "kind": .string(kind), "record": form["record"] ?? .null,
          "seen": form["seen"] ?? .null, "values": values,
        ])
    }

    @Test("is the child's own: confidential services, other people and a shielded home stay out")
    func isTheChildsOwn() throws {
      let district = try TestDistrict(["Alder", "Birch"])
      let (hub, alder, birch) = (district.hub, district.agencies[0], district.agencies[1])
      let clinic = try TestAgency("Secret Clinic", joining: hub, isSensitive: true)
      let child = try alder.child(sharedWith: [birch], categories: "index,household,whereabouts")
      // Other agencies know a confidential service by its identifier alone.
      let identifier = try #require(
        try hub.ask("agencies").arrayValue?.first { $0["name"] == "Secret Clinic" }?["id"]?
          .stringValue)
      try alder.consent("consent-give", child, agencies: [identifier], "index,sensitive")
      try record(
        "familyMember",
        [
          "name.given": "Brotherword", "relationship.relationship": "sibling",
          "parentalResponsibility.parentalResponsibility": "no", "school.school": "Schoolword Hall",
        ], of: child, at: alder)
      try record("address", ["place.address": "5 Streetword Road"], of: child, at: alder)
      for agency in [alder, birch] { try agency.synchronise() }
      try awaited("the child at the clinic") {
        try clinic.synchronise()
        return try clinic.export(child).contains("Canaryname")
      }
      try clinic.note("Clinicword", on: child)
      try clinic.synchronise()

      let plain = try write(hub, child, to: "plain")
      try #require(plain.ended.status == 0, "\(plain.ended.text)")
      let family = try plain.forTheFamily
      for held in ["Canaryname", "Brotherword", "Streetword", "Alder has held", "Birch has held"] {
        #expect(family.contains(held), "\(held)")
      }
      for kept in ["Clinic", "Schoolword", "onfidential"] {
        #expect(!family.contains(kept), "\(kept)")
      }
      let withheld = try plain.text("withheld.txt")
      #expect(withheld.contains("confidential service") && withheld.contains("another person"))
      for name in ["record.html", "record.json", "withheld.txt", ""] {
        var facts = stat()
        #expect(stat(plain.folder + "/" + name, &facts) == 0)
        #expect(facts.st_mode & 0o777 == (name.isEmpty ? 0o700 : 0o600))
      }

      let all = try write(hub, child, to: "all", "--include-sensitive", "--include-third-party")
      #expect(try all.forTheFamily.contains("Clinicword"))
      #expect(try all.forTheFamily.contains("Schoolword"))
      #expect(try all.text("withheld.txt").contains("Nothing was left out"))

      try alder.ask(
        "shield", ["child": .string(child), "agencies": ["Alder"], "review": "2099-01-31"])
      try alder.synchronise()
      let shielded = try write(hub, child, to: "shielded")
      #expect(try !shielded.forTheFamily.contains("Streetword"))
      #expect(try shielded.text("withheld.txt").contains("The child is shielded"))
      let decided = try write(hub, child, to: "decided", "--include-whereabouts")
      #expect(try decided.forTheFamily.contains("Streetword"))

      // Who, why and what was decided stands on the audit log, and nothing that was written out.
      let audit = try hub.command("audit", "list", "--action", "subject access")["lines"]
      #expect(audit?.arrayValue?.count == 4)
      let line = audit?.arrayValue?.first?["subject"]?.stringValue
      #expect(
        line == "child \(child) reason askedByParent reference SAR-2026/7 include-whereabouts")
      let told = try String(contentsOfFile: hub.log, encoding: .utf8) + hub.command("status").text()
      #expect(Self.canaries.allSatisfy { !told.contains($0) })
    }

    @Test("is refused where it would overwrite, to a console, and of an erased child")
    func refusals() throws {
      let district = try TestDistrict(["Alder"])
      let hub = district.hub
      let child = try district.sharedChild()
      #expect(try write(hub, child, to: "first").ended.status == 0)
      let again = try write(hub, child, to: "first")
      #expect(again.ended.status == 7 && again.ended.text.contains("name a new folder"))
      let missing = try write(hub, child, to: "none/there")
      #expect(missing.ended.status == 3 && missing.ended.text.contains("none/there"))
      #expect(try write(hub, String(repeating: "0", count: 32), to: "nobody").ended.status == 1)
      for (name, value): (String, JSON) in [
        ("reference", "Kit Canaryname"), ("reason", "curious"), ("to", "here"),
      ] {
        var arguments = JSON.Object()
        arguments["child"] = .string(child)
        arguments["to"] = .string(hub.root.path + "/wrong")
        arguments["reason"] = "complaint"
        arguments["reference"] = "1"
        arguments[name] = value
        #expect(throws: (any Error).self) { try hub.ask("subject-access", .object(arguments)) }
      }
      // Nothing of it stays behind in the hub's folder, nor a folder that was made in vain.
      let left = try FileManager.default.contentsOfDirectory(atPath: hub.folder)
      #expect(!left.contains { $0.hasPrefix("subject-access") })
      #expect(access(hub.root.path + "/nobody", F_OK) != 0)
      try hub.command("erase", child, "--reason", "asked for by the family", "--yes")
      try awaited("the erasure to be said") {
        let erased = try write(hub, child, to: "erased")
        return erased.ended.status == 1 && erased.ended.text.contains("was erased on")
      }
    }
  }
}
