import Operations
import TestDaemons
import Testing

extension InTheBrowser {
  @Suite("A practitioner's own passphrase")
  struct PassphraseStory {
    @Test("is set and removed on its page, signs in without a link, opens records that were locked")
    func story() throws {
      for runsScript in withAndWithoutScript {
        let wren = try TestDistrict(["Wren"]).agencies[0]
        try wren.ask("passphrase-set", ["passphrase": "three quiet herons"])
        let browser = try Browser(runsScript: runsScript)
        try browser.open(wren)
        try browser.follow("Your passphrase")
        try browser.type("a kettle of larks", into: "New passphrase")
        try browser.type("a kettle of larks", into: "New passphrase, again")
        try browser.press("Set it")
        #expect(try browser.text.contains("Ann Ash has a passphrase of their own."))

        try browser.press("Sign out")
        try wren.ask("lock")
        try browser.type("Ann Ash", into: "Your name")
        try browser.type("no such larks", into: "Your own passphrase")
        try browser.press("Sign in")
        #expect(try browser.text.contains("do not belong together"))
        #expect(try browser.value(of: "Your name") == "Ann Ash")
        #expect(try browser.value(of: "Your own passphrase").isEmpty)
        try browser.type("a kettle of larks", into: "Your own passphrase")
        try browser.press("Sign in")
        #expect(try browser.title == "Home – CAFSync")
        #expect(try wren.ask("status")["keys"] == "open")

        try browser.follow("Your passphrase")
        try browser.unfold("Remove your passphrase")
        try browser.type("no such larks", into: "Your passphrase, to remove it")
        try browser.press("Remove it")
        #expect(try browser.text.contains("There is a problem"))
        try browser.type("a kettle of larks", into: "Your passphrase, to remove it")
        try browser.press("Remove it")
        #expect(try browser.text.contains("has no passphrase of their own any more"))
        #expect(try browser.text.contains("You have none of your own on this device yet."))
        try browser.type("a kettle of larks", into: "New passphrase")
        try browser.type("a kettle of larks", into: "New passphrase, again")
        try browser.press("Set it")

        try wren.ask("lock")
        try browser.reload()
        #expect(try browser.text.contains("The records are locked"))
        try browser.type("a kettle of larks", into: "Your own passphrase")
        try browser.press("Open the records")
        #expect(try browser.title == "Home – CAFSync")
      }
    }
  }
}
