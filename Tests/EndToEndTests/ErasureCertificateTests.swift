import Foundation
import Operations
import TestDaemons
import Testing

extension EndToEnd {
  @Suite("The certificate of an erasure")
  struct ErasureCertificates {
    private func agencies(_ copies: JSON?) -> Set<String> {
      Set((copies?.arrayValue ?? []).compactMap { $0["agency"]?.stringValue })
    }

    @Test("says who has not proven it yet, is checked later, and cannot be changed")
    func isTrueAndStaysSo() throws {
      let district = try TestDistrict(["Alder", "Birch", "Cedar"])
      let (hub, alder, cedar) = (district.hub, district.agencies[0], district.agencies[2])
      let child = try district.sharedChild()
      try alder.note("note-Canaryname-1-end", on: child)
      let folder = district.folder.path
      func certificate(_ file: String) throws -> JSON {
        try hub.command("erasure-certificate", child, "--to", folder + "/" + file)
      }
      let early = try DaemonProcess.run(
        "hub", "erasure-certificate", child, "--folder", hub.folder, in: district.folder)
      #expect(early.status == 1 && early.text.contains("is not erased"))

      try cedar.stop()
      try hub.command("erase", child, "--reason", "asked for by the family", "--yes")
      try awaited("all but the silent one") { try certificate("first")["outstanding"] == 1 }
      let first = try certificate("first")
      #expect(first["isComplete"] == false)
      let part = try #require(first["compartments"]?.arrayValue?.first)
      #expect(part["hub"] == "awaits the others")
      #expect(part["outstanding"]?.arrayValue?.map { $0["agency"] } == ["Cedar"])
      #expect(agencies(part["proven"]) == ["Alder", "Birch"])

      try cedar.start()
      try awaited("the last proof") { try certificate("second")["isComplete"] == true }
      let second = try certificate("second")
      #expect(second["compartments"]?.arrayValue?.allSatisfy { $0["hub"] == "destroyed" } == true)
      #expect(
        agencies(second["compartments"]?.arrayValue?.first?["proven"])
          == ["Alder", "Birch", "Cedar"])

      // The first is genuine for ever, and what has been proven since is said beside it.
      let checked = try hub.command("erasure-certificate", "--verify", folder + "/first")
      #expect(checked["genuine"] == true && checked["wasComplete"] == false)
      #expect(checked["outstandingThen"] == 1 && checked["outstandingNow"] == 0)
      #expect(checked["auditLine"]?.integerValue ?? 0 > 0)
      var attributes = stat()
      #expect(stat(folder + "/first", &attributes) == 0 && attributes.st_mode & 0o777 == 0o600)
      let text = try String(contentsOfFile: folder + "/first", encoding: .utf8)
      #expect(!text.contains("Canaryname"))
      for (from, to) in [("\"isComplete\": false", "\"isComplete\": true"), ("Cedar", "Birch")] {
        let forged = text.replacingOccurrences(of: from, with: to)
        #expect(forged != text)
        try Data(forged.utf8).write(to: URL(fileURLWithPath: folder + "/forged"))
        let ended = try DaemonProcess.run(
          "hub", "erasure-certificate", "--verify", folder + "/forged", "--folder", hub.folder,
          in: district.folder)
        #expect(ended.status == 6 && ended.text.contains("was changed since"))
      }
    }

    @Test("tells nothing of a confidential service, unless it is asked to")
    func confidentialServices() throws {
      let district = try TestDistrict(["Alder"])
      let hub = district.hub
      let clinic = try TestAgency("Secret Clinic", joining: hub, isSensitive: true)
      let child = try district.sharedChild()
      let own = try #require(
        try clinic.ask("child-add", ["given": "Robin", "family": "Canaryname"])["child"]?
          .stringValue)
      try clinic.synchronise()
      try hub.command("erase", own, "--reason", "asked for by the young person", "--yes")
      try hub.command("erase", child, "--reason", "asked for by the family", "--yes")
      for (erased, isShown) in [(child, true), (own, false)] {
        try awaited("the clinic's proof") {
          try hub.ask(
            "erasure-certificate", ["child": .string(erased), "include-sensitive": true]
          )["isComplete"] == true
        }
        let plain = try hub.ask("erasure-certificate", ["child": .string(erased)])
        #expect(plain["compartments"]?.arrayValue?.isEmpty == !isShown)
        #expect(!plain.text().contains("Clinic"))
      }
      let full = try hub.ask(
        "erasure-certificate", ["child": .string(own), "include-sensitive": true])
      #expect(full["compartments"]?.arrayValue?.first?["custodian"] == "Secret Clinic")
    }
  }
}
