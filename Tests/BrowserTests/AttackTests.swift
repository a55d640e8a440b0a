import Foundation
import Operations
import TestDaemons
import TestSupport
import Testing

extension InTheBrowser {
  /// What is tried against the pages from outside them. Beside these: `PagesServedTests` (a forged
  /// host, another user's process), `PractitionerAppTests` and `SigningInTests` (links, cookies,
  /// forms without their token), `HTMLTests` (markup).
  @Suite("Attacks on the pages")
  struct Attacks {
    @Test("a script in every field runs on no page")
    func scripts() throws {
      let tag =
        "\"'><img src=x onerror=\"document.isHacked=1\"><script>document.isHacked=1</script>"
      let furnished = try FurnishedDistrict { tag + $0 + tag }
      let browser = try Browser()
      var shown = 0
      try EveryPage.visit(furnished, with: browser) { page in
        let found = try browser.run(
          """
          const foreign = [...document.querySelectorAll('img, script, iframe, svg, object')]
            .filter(one => one.getAttribute('src') != '/pages.js').map(one => one.outerHTML);
          const handlers = [...document.querySelectorAll('*')]
            .filter(one => [...one.attributes].some(each => each.name.startsWith('on')));
          return [document.isHacked === undefined, foreign.length, handlers.length];
          """)
        #expect(found == [true, 0, 0], "\(page.name): \(found)")
        if try browser.text.contains(tag) { shown += 1 }
      }
      // It has been there to be run, as text.
      #expect(shown >= 5)
    }

    @Test("a page of somebody else's can send nothing in a practitioner's name, and read nothing")
    func crossSite() throws {
      let furnished = try FurnishedDistrict()
      let browser = try Browser()
      try browser.open(furnished.wren)
      let start = try browser.url
      let stranger = try StrangersSite(against: start)
      // Another port of the same host is another origin of the same site: the cookie goes along.
      for host in ["127.0.0.1", "localhost"] {
        for target in ["children/add", "find", "sync", "sign-out", "sign-in", "unlock"] {
          try browser.go("http://\(host):\(stranger.port)/post/\(target)")
          try awaited("the form to be sent") {
            try browser.url == start + target
              && browser.run("return document.readyState") == "complete"
          }
          let answer = try browser.text
          #expect(
            answer.contains("Not taken") || answer.contains("Sign in"), "\(host), \(target)")
          #expect(!answer.contains("Canaryname"))
        }
        try browser.go("http://\(host):\(stranger.port)/read")
        try browser.awaitText("The end.")
        #expect(try browser.text == "fetch: refused, frame: refused, The end.")
      }
      let found = try furnished.wren.ask("child-find", ["given": "Mallory"])
      #expect(found["children"]?.arrayValue?.isEmpty == true)
      try browser.go(start)
      #expect(try browser.title == "Home – CAFSync")
    }

    @Test("a cookie of an app that has been locked opens no page")
    func locked() throws {
      let furnished = try FurnishedDistrict()
      let browser = try Browser()
      try browser.open(furnished.wren)
      let port = try #require(try browser.run("return location.port").stringValue)
      let cookie = try #require(try browser.cookies().first)
      let header = "cafsync-\(port)=\(cookie["value"]?.stringValue ?? "")"
      func get(_ path: String) throws -> String {
        let connection = try RawConnection(port: try #require(UInt16(port)))
        connection.send(
          "GET \(path) HTTP/1.1\r\nHost: 127.0.0.1:\(port)\r\nConnection: close\r\n"
            + "Cookie: \(header)\r\n\r\n")
        return try connection.receiveAll()
      }
      #expect(try get("/").contains("<h1>Home</h1>"))
      try furnished.wren.ask("lock")
      for path in EveryPage.paths(in: furnished) where path != "/sign-in" {
        let answer = try get(path)
        #expect(answer.contains("The records are locked"), "\(path)")
        #expect(!answer.contains("Amira") && !answer.contains("Canaryname"), "\(path)")
      }
      #expect(try !get("/live?child=\(furnished.names["child"] ?? "")").contains("200 OK"))
      // Nor does any address lead out of the pages.
      for path in [
        "/pages.css/../../../../etc/passwd", "/..%2f..%2f..%2fetc%2fpasswd", "/pages.js%00.css",
        "/children/..%2f..%2fmaster.key", "/./master.key", "//master.key", "/%2e/api.token",
        "http://evil.example/etc/passwd", "file:///etc/passwd",
      ] {
        let answer = try get(path)
        #expect(!answer.contains("root:") && !answer.contains("HTTP/1.1 200 OK\r\nContent-Type: a"))
      }
    }

    @Test("100 MB are turned away, however they are sent, and not kept in memory")
    func large() throws {
      let district = try TestDistrict(["Wren"])
      let wren = district.agencies[0]
      let browser = try Browser()
      try browser.open(wren)
      let url = try browser.url + "find"
      let cookie = try #require(try browser.cookies().first)
      let header =
        "Cookie: \(cookie["name"]?.stringValue ?? "")=\(cookie["value"]?.stringValue ?? "")"
      let file = district.folder.path + "/100MB"
      #expect(FileManager.default.createFile(atPath: file, contents: nil))
      #expect(truncate(file, 100 << 20) == 0)
      for framing in ["Content-Length: \(100 << 20)", "Transfer-Encoding: chunked"] {
        // Turned away in the middle, curl ends with an error of its own.
        let status = try Python.run(
          "sh",
          [
            "-c",
            "curl -s -o /dev/null -w '%{http_code}' -X POST -T '\(file)' -H 'Expect:' "
              + "-H '\(framing)' -H '\(header)' '\(url)' || true",
          ])
        #expect(["413", "000"].contains(status), "\(framing): \(status)")
      }
      let process = try #require(wren.process?.identifier)
      let facts = try String(contentsOfFile: "/proc/\(process)/status", encoding: .utf8)
      let peak = try #require(facts.firstMatch(of: #/VmHWM:\s+([0-9]+) kB/#).flatMap { Int($0.1) })
      #expect(peak < 100 << 10, "\(peak) kB")
      try browser.follow("Find a child")
    }
  }
}
