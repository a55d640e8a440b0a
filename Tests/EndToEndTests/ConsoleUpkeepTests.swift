import Foundation
import Operations
import TestDaemons
import Testing

extension EndToEnd {
  @Suite("Backups and checks at the console")
  struct ConsoleUpkeep {
    @Test(
      "are begun by a form of its own, done while the page answers, and shown with what they said")
    func begun() throws {
      let folder = try TestFolder()
      let hub = try TestHub(in: folder)
      let (databases, keys) = (folder.path + "/backups", folder.path + "/keys")
      let first = try ConsoleReader(named: "Ola Obi", at: hub)
      let plain = try first.get("/capacity").text
      #expect(plain.contains("Check now") && !plain.contains("Back up now"))
      #expect(plain.contains("No backup has been made"))
      // Where backups go is the configuration's to say, not a browser's.
      let unasked = try first.post("/capacity/backup", ["to": databases, "keys": keys])
      #expect(unasked.status == 409 && access(databases, F_OK) != 0)

      try hub.stop()
      hub.settings = ["backup": ["to": .string(databases), "keys": .string(keys), "keep": 2]]
      try hub.start()
      let reader = try ConsoleReader(named: "Ned Nash", at: hub)
      #expect(try reader.post("/capacity/check", ["formToken": "another page's"]).status == 403)
      for (name, said) in [("check", "Whole"), ("backup", databases + "/database-")] {
        let asked = try reader.post("/capacity/\(name)", [:])
        #expect(asked.status == 303, "\(name): \(asked.text)")
        try awaited("the \(name)") {
          let page = try reader.get("/capacity")
          return page.status == 200 && page.text.contains(said)
        }
      }
      let made = try FileManager.default.contentsOfDirectory(atPath: databases)
      #expect(made.count == 1)
      let lines = try hub.ask("audit-list")["lines"]?.arrayValue ?? []
      for action in ["checked", "backup taken"] {
        let line = lines.first { $0["action"]?.stringValue == action }
        #expect(line?["who"] == "operator Ned Nash", "\(action)")
      }

      // One that fails is shown too, beside the last that did not.
      try FileManager.default.removeItem(atPath: keys)
      try AtomicFile.write([], to: keys)
      #expect(try reader.post("/capacity/backup", [:]).status == 303)
      try awaited("its failure") { try reader.get("/capacity").text.contains("one has failed") }
      #expect(try reader.get("/capacity").text.contains(keys))
    }
  }
}
