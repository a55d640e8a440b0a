import Foundation
import Operations
import TestDaemons
import Testing

extension EndToEnd {
  @Suite("The operator's boards, over a district of real processes")
  struct HubBoards {
    private static let boards = [
      ["withdrawals"], ["blocked"], ["conflicts"], ["events"], ["quarantine", "list", "--all"],
      ["blast-radius", "agreement", "Birch"], ["blast-radius", "agency", "Birch"],
    ]

    @Test("a withdrawal stays on the board until the device that was away has destroyed its copy")
    func withdrawal() throws {
      let district = try TestDistrict(["Alder", "Birch"])
      let (hub, alder, birch) = (district.hub, district.agencies[0], district.agencies[1])
      let child = try district.sharedChild()
      for number in 1...2 { try alder.note("note-Canarywords-\(number)-end", on: child) }
      try alder.synchronise()
      let forecast = try hub.command("blast-radius", "consent", child, "--agency", "Birch")
      #expect(forecast["deviceCount"] == 1)
      #expect(forecast["devices"]?.arrayValue?.first?["agency"] == "Birch")
      // Its line was measured while the child came to it.
      #expect(forecast["time"]?["doneInMilliseconds"]?.unsignedValue ?? .max < 60_000)
      let reached = try #require(forecast["compartments"]?.integerValue)
      #expect(reached > 0)

      try birch.stop()
      try alder.consent("consent-withdraw", child, [birch], "index")
      try alder.synchronise()
      let open = try #require(
        try hub.command("withdrawals", "--open")["withdrawals"]?.arrayValue?.first)
      #expect(open["kind"] == "withdrawal" && open["child"] == .string(child))
      #expect(
        open["compartments"]?.integerValue == reached, "what was forecast is what was ordered")
      let waiting = open["devices"]?.arrayValue?.first
      #expect(waiting?["agency"] == "Birch" && waiting?["level"] == 0)
      let stuck = try hub.command("blocked")["things"]?.arrayValue ?? []
      #expect(stuck.contains { $0["kind"] == "purge" && $0["agency"] == "Birch" })

      try birch.start()
      try awaited("Birch's receipt on the board") {
        try hub.command("withdrawals", "--open")["withdrawals"] == []
      }
      let done = try hub.command("withdrawals")["withdrawals"]?.arrayValue?.first
      #expect(done?["devicesConfirmed"] == 1 && done?["isOpen"] == false)
      #expect(try hub.command("blocked")["isClear"] == true)
      try expectNoWords(hub, child)
    }

    /// Neither for programs nor for people.
    private func expectNoWords(_ hub: TestHub, _ child: String) throws {
      let forbidden = ["Canary", "Kit", "Ann Ash", "Mother", "2001-"]
      for words in Self.boards + [["blast-radius", "erasure", child]] {
        for form in [[], ["--json"]] {
          let arguments = ["hub"] + words + ["--folder", hub.folder] + form
          let ended = try DaemonProcess.run(
            arguments: arguments.map { Array($0.utf8) }, in: hub.root)
          #expect(ended.status == 0, "\(words): \(ended.text)")
          for word in forbidden { #expect(!ended.text.contains(word), "\(words): \(word)") }
        }
      }
    }

    @Test("nothing is locked or removed before it was shown what that would reach")
    func shownFirst() throws {
      let district = try TestDistrict(["Alder", "Birch"])
      let hub = district.hub
      _ = try district.sharedChild()
      for words in [["agreement", "lock"], ["agency", "remove"]] {
        let arguments = ["hub"] + words + ["Birch", "--folder", hub.folder]
        let ended = try DaemonProcess.run(
          arguments: arguments.map { Array($0.utf8) }, in: hub.root)
        #expect(ended.status != 0 && ended.complaint.contains("--yes"))
        #expect(ended.output.contains("Bytes on devices"), "\(ended.text)")
        #expect(try hub.command("withdrawals")["withdrawals"] == [])
      }
      try hub.command("agency", "remove", "Birch", "--yes")
      try awaited("Birch to be emptied") {
        try hub.command("withdrawals", "--open")["withdrawals"] == []
          && hub.command("blocked")["things"]?.arrayValue?.contains {
            $0["kind"] == "lost device"
          } == false
      }
    }
  }
}
