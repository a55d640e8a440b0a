import Operations
import TestDaemons
import Testing

extension InTheBrowser {
  @Suite("Opening the pages")
  struct Opening {
    @Test("a link opens them once; a child is found; signed out, nothing is shown any more")
    func stories() throws {
      let district = try TestDistrict(["Wren", "Finch"])
      let wren = district.agencies[0]
      _ = try wren.child("Amira", sharedWith: [district.agencies[1]])
      for runsScript in withAndWithoutScript {
        let browser = try Browser(runsScript: runsScript)
        let link = try #require(try wren.command("agency", "open")["url"]?.stringValue)
        try browser.go(link)
        #expect(try browser.title == "Home – CAFSync")
        #expect(try browser.text.contains("Ann Ash, Wren"))
        // Neither the link nor anything else of the session stands in the address.
        #expect(try browser.url.hasSuffix("/"))
        let cookie = try #require(try browser.cookies().first)
        #expect(cookie["httpOnly"] == true && cookie["sameSite"] == "Strict")

        try browser.follow("Find a child")
        try browser.type("Amira", into: "Given name")
        try browser.press("Find")
        try browser.follow("Amira Canaryname")
        #expect(try browser.text.contains("Who is involved"))

        let stranger = try Browser(runsScript: runsScript)
        try stranger.go(link)
        #expect(try stranger.text.contains("This link has been used, or has run out."))

        try browser.press("Sign out")
        try browser.visit("/")
        #expect(try browser.title == "Sign in – CAFSync")
        #expect(try browser.cookies().isEmpty)
      }
    }
  }
}
