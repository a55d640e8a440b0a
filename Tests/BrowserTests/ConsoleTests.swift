import Cryptography
import Foundation
import HTTPWire
import Operations
import PageServer
import TestDaemons
import Testing

@testable import HubService

extension InTheBrowser {
  @Suite("The hub operator's console")
  struct ConsoleStories {
    @Test("no page is left out")
    func complete() throws {
      let paths = try OperatorDesk().paths().map {
        $0.path.split(separator: "?")[0].split(separator: "/").map(String.init)
      }
      for route in ConsoleRoutes.all where route.method == .get {
        let isListed = paths.contains { route.arguments(.get, $0) != nil }
        #expect(isListed, "\(route.pattern) is missing in OperatorDesk.paths.")
      }
    }

    @Test("axe finds nothing wrong, in both themes; nothing lies beyond the narrowest window")
    func looks() throws {
      let desk = try OperatorDesk()
      let browser = try Browser()
      try desk.signIn(browser)
      for page in try desk.paths() {
        try browser.visit(page.path)
        #expect(try !browser.text.contains("no such page"), "\(page.name)")
        try browser.expectNothingWrong(on: page.name)
      }
    }

    @Test(
      "a withdrawal is on the board until the last device has proven it, and then goes by itself")
    func withdrawal() throws {
      for runsScript in withAndWithoutScript {
        let desk = try OperatorDesk()
        let browser = try Browser(runsScript: runsScript)
        try desk.signIn(browser)
        #expect(try browser.text.contains("1 purge not confirmed"))
        try browser.follow("Withdrawals")
        #expect(try browser.text.contains("Finch"))
        #expect(try !browser.text.contains("None is open"))
        try desk.finch.start()
        try desk.finch.synchronise()
        if !runsScript {
          try awaited("the receipt") {
            try desk.hub.ask("status")["pendingPurges"]?.integerValue == 0
          }
          try browser.reload()
        }
        try browser.awaitText("None is open")
        try browser.follow("Also those that are carried out")
        #expect(try browser.text.contains("Carried out"))
      }
    }

    @Test("an agency is added, its device joins with the code, and is revoked when it is lost")
    func lifeOfADevice() throws {
      for runsScript in withAndWithoutScript {
        let desk = try OperatorDesk()
        let browser = try Browser(runsScript: runsScript)
        try desk.signIn(browser)
        try browser.follow("Agencies")
        try browser.press("Add it")
        #expect(try browser.text.contains("There is a problem"))
        try browser.type("Robin", into: "Name")
        try browser.select("Health", in: "Sector")
        try browser.select("Batley", in: "Locality")
        try browser.press("Add it")
        #expect(try browser.text.contains("Added Robin."))
        try browser.follow("Robin")
        try browser.press("Make a code")
        let shown = try browser.text
        let code = try #require(shown.firstMatch(of: /[A-Z0-9]{4}(-[A-Z0-9]{4}){3}/)).output.0
        let robin = try TestAgency(
          deviceOf: "Robin", folder: desk.hub.root.path + "/Robin", joining: desk.hub,
          code: String(code))
        try robin.synchronise()
        try browser.follow("The agency")
        let device = try #require(
          try desk.hub.ask("devices").arrayValue?.last?["name"]?.stringValue)
        try browser.follow(device)
        try browser.follow("Revoke it")
        try browser.press("Revoke it")
        #expect(try browser.text.contains("Its next contact locks it"))
        try browser.follow("Audit log")
        #expect(try browser.text.contains("operator Ola Obi"))
        try browser.press("Check that nobody has changed it")
        #expect(try browser.text.contains("Whole"))
      }
    }

    @Test("a coordinator sees counts alone, in both themes, and is told what is not for them")
    func coordinator() throws {
      let desk = try OperatorDesk()
      try desk.hub.ask(
        "operator-add",
        [
          "name": "Cora Coe", "role": "coordinator",
          "passphrase": .string(OperatorDesk.passphrase),
        ])
      let browser = try Browser()
      try browser.go(desk.address())
      try browser.type("Cora Coe", into: "Your name")
      try browser.type(OperatorDesk.passphrase, into: "Your passphrase")
      try browser.press("Sign in")
      for (path, title) in [
        ("/", "Reports – CAFSync"), ("/audit", "Not for your account – CAFSync"),
      ] {
        try browser.visit(path)
        #expect(try browser.title == title)
        let links = try browser.run(
          "return [...document.querySelectorAll('nav a')].map(one => one.innerText).join()")
        #expect(links == "Reports")
        try browser.expectNothingWrong(on: path)
        try Pictures.take("coordinator-\(path == "/" ? "reports" : "refused")", with: browser)
      }
      try browser.press("Sign out")
      #expect(try browser.text.contains("Sign in to the hub"))
    }

    @Test("an authenticator is set up, and asked for from then on")
    func codes() throws {
      let desk = try OperatorDesk()
      let browser = try Browser()
      try desk.signIn(browser)
      try browser.follow("Operators")
      try browser.follow("Set one up")
      let hidden = try browser.run("return document.querySelector('[name=key]').value")
      let key = try #require(Hex.bytes(hidden.stringValue ?? ""))
      func code(_ later: Int64) throws -> String {
        let now = Int64(Date().timeIntervalSince1970 * 1_000)
        return try OneTimePassword.code(
          key: key, step: OneTimePassword.step(atMilliseconds: now) + later)
      }
      try browser.type(OperatorDesk.passphrase, into: "Your passphrase")
      try browser.type(try code(0), into: "Code")
      try browser.press("Use it from now on")
      #expect(try browser.text.contains("asks for a code too"))
      try browser.press("Sign out")
      try browser.type("Ola Obi", into: "Your name")
      try browser.type(OperatorDesk.passphrase, into: "Your passphrase")
      try browser.press("Sign in")
      #expect(try browser.text.contains("is not right"))
      #expect(try browser.value(of: "Your name") == "Ola Obi")
      try browser.type(OperatorDesk.passphrase, into: "Your passphrase")
      try browser.type(try code(1), into: "Code")
      try browser.press("Sign in")
      #expect(try browser.title == "Board – CAFSync")
    }
  }
}
