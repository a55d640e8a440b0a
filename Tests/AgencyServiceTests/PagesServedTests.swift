import Foundation
import HTTPTransport
import Operations
import PageServer
import TestSupport
import Testing

@testable import AgencyService

/// The pages of a real daemon, over real sockets.
@Suite("The pages as they are served")
struct PagesServedTests {
  /// The head and the body of an answer.
  private func ask(
    _ port: UInt16, _ line: String, host: String? = nil, _ headers: [String] = [],
    body: String = "", declaring bytes: Int? = nil
  ) throws -> String {
    let connection = try RawConnection(port: port)
    let head =
      ["\(line) HTTP/1.1", "Host: \(host ?? "127.0.0.1:\(port)")", "Connection: close"]
      + headers
      + (bytes ?? body.utf8.count > 0 ? ["Content-Length: \(bytes ?? body.utf8.count)"] : [])
    connection.send(head.joined(separator: "\r\n") + "\r\n\r\n" + body)
    return try connection.receiveAll()
  }

  private func signIn(_ daemon: AgencyDaemon, _ port: UInt16) throws -> String {
    let url = try #require(try daemon.ask("open")["url"]?.stringValue)
    let start = "http://127.0.0.1:\(port)"
    try #require(url.hasPrefix(start))
    let answer = try ask(port, "GET " + url.dropFirst(start.count))
    try #require(answer.hasPrefix("HTTP/1.1 303"))
    let set = try #require(answer.split(separator: "Set-Cookie: ").last)
    return String(set.prefix { $0 != ";" })
  }

  @Test("a link from the folder opens them; what a person typed is shown as text")
  func opened() throws {
    try TestAgencyFolder().serving(apiPort: 0) { daemon in
      let port = try #require(daemon.apiPort)
      try daemon.ask("practitioner-add", ["name": "Ann Ash"])
      let name = "<script>alert(1)</script>"
      let child = try daemon.ask(
        "child-add", ["given": .string(name), "family": "Lee", "dateOfBirth": "2003-05-01"])
      let id = try #require(child["child"]?.stringValue)
      let cookie = "Cookie: " + (try signIn(daemon, port))
      for page in ["/", "/find", "/children/\(id)", "/sync"] {
        let answer = try ask(port, "GET " + page, [cookie])
        #expect(answer.hasPrefix("HTTP/1.1 200"), "\(page)")
        #expect(
          answer.contains("Ann Ash, Sure Start Batley")
            && answer.split(separator: "<script").count == 2)
        #expect(answer.contains("No line to the hub; 2 queued. Work goes on here."))
      }
      let shown = try ask(port, "GET /children/\(id)", [cookie])
      #expect(shown.contains("<h1>&lt;script&gt;alert(1)&lt;/script&gt; Lee</h1>"))
      #expect(shown.contains("2003-05-01") && shown.contains("Who is involved"))
      let unknown = try ask(
        port, "GET /children/" + String(repeating: "0", count: 31) + "1", [cookie])
      #expect(unknown.hasPrefix("HTTP/1.1 404") && unknown.contains("That did not work"))
    }
  }

  @Test("nobody who only knows the address gets anything")
  func refused() throws {
    try TestAgencyFolder().serving(apiPort: 0) { daemon in
      let port = try #require(daemon.apiPort)
      try daemon.ask("practitioner-add", ["name": "Ann Ash"])
      let cookie = "Cookie: " + (try signIn(daemon, port))
      for host in ["evil.example", "evil.example:\(port)", "127.0.0.1", "127.0.0.1:1", ""] {
        let answer = try ask(port, "GET /", host: host, [cookie])
        #expect(!answer.contains("Ann Ash") && !answer.hasPrefix("HTTP/1.1 200"), "\(host)")
      }
      #expect(try ask(port, "GET /").hasPrefix("HTTP/1.1 401"))
      #expect(try ask(port, "POST /sync", [cookie], body: "formToken=x").hasPrefix("HTTP/1.1 403"))
      // The cookie opens pages, not the operations.
      #expect(try ask(port, "POST /api/status", [cookie], body: "{}").hasPrefix("HTTP/1.1 403"))
      for path in ["/../../etc/passwd", "/%2e%2e/%2e%2e/etc/passwd", "//etc/passwd"] {
        #expect(try !ask(port, "GET " + path, [cookie]).contains("root:"))
      }
    }
  }

  @Test("another user's process gets nothing for a cookie that it has stolen", .enabled(if: isRoot))
  func anotherUser() throws {
    try TestAgencyFolder().serving(apiPort: 0) { daemon in
      let port = try #require(daemon.apiPort)
      try daemon.ask("practitioner-add", ["name": "Ann Ash"])
      let cookie = "Cookie: " + (try signIn(daemon, port))
      let thief = Process()
      thief.executableURL = URL(fileURLWithPath: "/usr/bin/setpriv")
      thief.arguments = [
        "--reuid=65534", "--clear-groups", "curl", "-s", "-i", "-H", cookie,
        "http://127.0.0.1:\(port)/",
      ]
      let output = Pipe()
      thief.standardOutput = output
      try thief.run()
      let answer = String(
        decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
      thief.waitUntilExit()
      #expect(answer.hasPrefix("HTTP/1.1 403") && !answer.contains("Ann Ash"))
      #expect(try ask(port, "GET /", [cookie]).contains("Ann Ash"))
    }
  }

  /// Only root can start a process of somebody else.
  private static let isRoot = geteuid() == 0

  @Test("a body beyond the limit is turned away before it is sent")
  func largeBody() throws {
    try TestAgencyFolder().serving(apiPort: 0) { daemon in
      let port = try #require(daemon.apiPort)
      try daemon.ask("practitioner-add", ["name": "Ann Ash"])
      let cookie = "Cookie: " + (try signIn(daemon, port))
      let answer = try ask(
        port, "POST /sync", [cookie], declaring: LocalControl.bodyBytesMax + 1)
      #expect(answer.hasPrefix("HTTP/1.1 413"))
      #expect(try ask(port, "GET /", [cookie]).hasPrefix("HTTP/1.1 200"))
    }
  }

  @Test("without a practitioner, or with the pages switched off, it is said what to do")
  func notOpened() throws {
    let folder = try TestAgencyFolder()
    try folder.serving(apiPort: 0) { daemon in
      #expect(throws: OperationError.self) { try daemon.ask("open") }
    }
    try folder.serving { daemon in
      try daemon.ask("practitioner-add", ["name": "Ann Ash"])
      #expect(
        throws: OperationError(
          .configuration, "The pages are switched off: set api.enabled in the configuration.")
      ) { try daemon.ask("open") }
    }
  }
}
