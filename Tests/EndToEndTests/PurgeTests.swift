import Foundation
import Operations
import Testing

extension EndToEnd {
  @Suite("What a withdrawal leaves behind")
  struct Purges {
    @Test("after each receipt no file of the device holds a word of the child")
    func nothingIsLeft() throws {
      let folder = try TestFolder()
      let hub = try TestHub(in: folder)
      let author = try TestAgency("Alder", joining: hub)
      let holder = try TestAgency("Birch", joining: hub)
      let child = try author.child(sharedWith: [holder])
      for number in 1...(soaks ? 1_000 : 20) {
        let word = "note-Canaryname-\(number)-end"
        try author.note(word, on: child)
        _ = try awaited("\(word) at the holder") {
          try holder.export(child).contains(word) ? true : nil
        }
        let receipts = try hub.ask("status")["purgeReceipts"]?.integerValue ?? 0
        try author.consent("consent-withdraw", child, [holder], "index")
        _ = try awaited("the receipt of purge \(number)") {
          let status = try hub.ask("status")
          return status["purgeReceipts"]?.integerValue ?? 0 > receipts
            && status["pendingPurges"]?.integerValue == 0 ? true : nil
        }
        #expect(try !holder.export(child).contains("Canaryname"))
        let files = try TestFolder.search([holder.folder], forWords: ["Canaryname", word])
        #expect(files.isEmpty, "purge \(number)")
        let log = try String(contentsOfFile: holder.log, encoding: .utf8)
        #expect(!log.contains("Canaryname"))
        try author.consent("consent-give", child, [holder], "index")
      }
    }
  }
}
