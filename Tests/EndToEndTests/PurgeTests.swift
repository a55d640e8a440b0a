import Foundation
import Operations
import TestDaemons
import Testing

extension EndToEnd {
  @Suite("What a withdrawal leaves behind")
  struct Purges {
    @Test("after each receipt no file of the device holds a key, a sealed byte or a word of it")
    func nothingIsLeft() throws {
      let district = try TestDistrict(["Alder", "Birch"])
      let (hub, author, holder) = (district.hub, district.agencies[0], district.agencies[1])
      var child = ""
      for number in 1...(soaks ? 1_000 : 20) {
        // One consent lifts at most 512 withdrawals.
        if number % 10 == 1 { child = try district.sharedChild() }
        let word = "note-Canaryname-\(number)-end"
        try author.note(word, on: child)
        try awaited("\(word) at the holder") { try holder.export(child).contains(word) }
        let parts = try SealedParts(of: holder, ofOthersOn: child)
        try parts.expectFound(in: holder.folder)
        let receipts = try hub.ask("status")["purgeReceipts"]?.integerValue ?? 0
        try author.consent("consent-withdraw", child, [holder], "index")
        try awaited("the receipt of purge \(number)") {
          let status = try hub.ask("status")
          return status["purgeReceipts"]?.integerValue ?? 0 > receipts
            && status["pendingPurges"] == 0
        }
        #expect(try !holder.export(child).contains("Canaryname"))
        try parts.expectGone(from: holder.folder, "purge \(number)")
        let words = try TestFolder.search([holder.folder], forWords: ["Canaryname", word])
        #expect(words.isEmpty, "purge \(number)")
        #expect(try !String(contentsOfFile: holder.log, encoding: .utf8).contains("Canaryname"))
        try author.consent("consent-give", child, [holder], "index")
      }
    }
  }
}
