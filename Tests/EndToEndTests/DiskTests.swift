import Foundation
import Operations
import TestDaemons
import Testing

extension EndToEnd {
  @Suite("A disk that is full or read-only")
  struct Disks {
    @Test("an agency on a full disk says so, loses nothing that it acknowledged, and goes on")
    func fullAgency() throws {
      let district = try TestDistrict(["Alder", "Birch"])
      let (alder, birch) = (district.agencies[0], district.agencies[1])
      let child = try district.sharedChild()
      try birch.stop()
      let disk = try Disk(small: birch.folder, megabytes: 3, in: district.folder)
      birch.entrance = disk.entrance
      try birch.start()
      try disk.fill()
      var written: [String] = []
      // The write-ahead log may have room within it for some more.
      for number in 1...500 {
        let text = "note-Birch-\(number)-end"
        let ended = try birch.run(["involvement", "add", child, "--role", text])
        if ended.status == 0 {
          written.append(text)
          continue
        }
        #expect(ended.status == 9 && ended.complaint.contains("is full"), "\(ended.text)")
        break
      }
      let refused = try birch.run(["involvement", "add", child, "--role", "note-Birch-900-end"])
      #expect(refused.status == 9, "\(refused.text)")
      // What is there can be read, and what comes meanwhile is not lost either.
      #expect(try birch.run(["child", "show", child]).status == 0)
      written.append("note-Alder-1-end")
      try alder.note("note-Alder-1-end", on: child)
      try alder.synchronise()
      #expect(try birch.run(["agency", "sync"]).status != 0)
      #expect(birch.process?.isRunning == true)

      try disk.makeRoom()
      written.append("note-Birch-901-end")
      try birch.command("involvement", "add", child, "--role", "note-Birch-901-end")
      try awaited("Birch to be in step") { try birch.run(["agency", "sync"]).status == 0 }
      try awaited("all at Alder") { try alder.notes(on: child) == written.sorted() }
      try awaited("all at Birch") {
        let text = try birch.command("export", child).text()
        return written.allSatisfy { text.contains($0) } && !text.contains("note-Birch-900-end")
      }
      #expect(try birch.process?.stop().status == 0)
    }

    @Test("a hub on a full disk acknowledges nothing that it could not keep, and goes on")
    func fullHub() throws {
      let district = try TestDistrict(["Alder", "Birch"])
      let (hub, alder, birch) = (district.hub, district.agencies[0], district.agencies[1])
      let child = try district.sharedChild()
      try hub.stop()
      let disk = try Disk(small: hub.folder, megabytes: 3, in: district.folder)
      hub.entrance = disk.entrance
      try hub.start()
      for agency in district.agencies { try agency.synchronise() }
      try disk.fill()
      var written: [String] = []
      for number in 1...500 {
        written.append("note-Alder-\(number)-end")
        try alder.note(try #require(written.last), on: child)
        guard try alder.run(["agency", "sync"]).status == 0 else { break }
      }
      let status = try alder.ask("status")
      #expect(status["isAllSynced"] == false)
      #expect(status["compartments"]?["queued"]?.integerValue ?? 0 > 0)
      try alder.consent("consent-withdraw", child, [birch], "index")
      #expect(try alder.run(["agency", "sync"]).status != 0)
      #expect(try alder.ask("status")["unsentDecisions"] == 1)
      #expect(hub.process?.isRunning == true)

      try disk.makeRoom()
      try alder.synchronise()
      #expect(try alder.ask("status")["unsentDecisions"] == 0)
      try awaited("the purge at Birch") { try birch.export(child) == "" }
      // Its files are whole: it starts again, and has everything.
      try hub.stop()
      try hub.start()
      let second = try TestAgency(
        deviceOf: "Alder", folder: district.folder.path + "/Alder-2", joining: hub,
        code: try hub.command("enrol", "Alder")["code"]?.stringValue)
      try awaited("everything on a new device") { try second.notes(on: child) == written.sorted() }
      #expect(try hub.command("audit", "verify")["whole"] == true)
    }

    @Test("neither starts in a folder that it cannot write, and says so")
    func readOnly() throws {
      let district = try TestDistrict(["Alder"])
      let (hub, alder) = (district.hub, district.agencies[0])
      let child = try district.sharedChild()
      try alder.note("note-Alder-1-end", on: child)
      try alder.stop()
      try hub.stop()
      let serving = [
        (alder.folder, ["agency", "serve", "--folder", alder.folder]),
        (hub.folder, ["hub", "serve", "--port", "0", "--folder", hub.folder]),
      ]
      for (folder, words) in serving {
        let disk = try Disk(readOnly: folder, in: district.folder)
        let ended = try DaemonProcess.run(
          arguments: words.map { Array($0.utf8) }, wrapper: disk.entrance, in: district.folder)
        #expect(ended.status == 9, "\(words): \(ended.text)")
        #expect(ended.complaint.contains("read-only"), "\(words): \(ended.text)")
      }
      try hub.start()
      try alder.start()
      try alder.synchronise()
      #expect(try alder.notes(on: child) == ["note-Alder-1-end"])
    }
  }
}
