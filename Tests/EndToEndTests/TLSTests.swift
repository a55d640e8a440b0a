import Foundation
import HTTPTransport
import HTTPWire
import Operations
import TestDaemons
import Testing

extension EndToEnd {
  /// The hub as it stands on a network: nginx before it, configured as `Configs/nginx.conf` says.
  @Suite("Through TLS")
  struct TLS {
    @Test("an agency joins and exchanges over TLS 1.3, with long polls and bodies up to the limit")
    func exchanges() throws {
      let folder = try TestFolder()
      let hub = try TestHub(in: folder)
      let authority = try PrivateAuthority("own", in: folder)
      let proxy = try TLSProxy(before: hub, in: folder)
      try proxy.start(try authority.certificate("hub", names: "DNS:localhost"))
      let device = try TLSDevice("Alder", joining: hub, at: proxy.url, trusting: authority.file)
      try device.start()
      let other = try TLSDevice("Birch", joining: hub, at: proxy.url, trusting: authority.file)
      try other.start()
      for each in [device, other] { try each.synchronise() }
      // Nobody asks for it: the other's poll, parked behind nginx, brings it.
      try device.ask("practitioner-add", ["name": "Bo Beech", "as": "Ann Ash"])
      _ = try awaited("the news at the other agency") {
        try other.ask("practitioner-list", ["all": true]).text().contains("Bo Beech") ? true : nil
      }
      // The certificate runs out while the daemon works: it says so, and loses nothing.
      try proxy.start(
        try authority.certificate("late", names: "DNS:localhost", days: -1))
      _ = try awaited("the daemon to see it") {
        try device.ask("status").text().contains("certificate has expired") ? true : nil
      }
      try device.ask("practitioner-add", ["name": "Cy Cedar", "as": "Ann Ash"])
      try proxy.start(try authority.certificate("new", names: "DNS:localhost"))
      try device.synchronise()
      _ = try awaited("what was written meanwhile") {
        try other.ask("practitioner-list", ["all": true]).text().contains("Cy Cedar") ? true : nil
      }
      try limits(of: proxy, trusting: authority)
    }

    /// A body as large as the protocol has reaches the hub; a byte more does not.
    private func limits(of proxy: TLSProxy, trusting authority: PrivateAuthority) throws {
      let client = try HTTPClient(
        HTTPClientOptions(baseURL: proxy.url, caFile: authority.file, deadlineMilliseconds: 60_000))
      for (bytes, isForHub) in [(16 << 20, true), (16 << 20 + 1, false)] {
        let response = try client.send(
          HTTPClientRequest(
            .post, "/v1/enrol", headers: ["Content-Type": "application/cbor"],
            body: [UInt8](repeating: 0, count: bytes)))
        #expect(response.body.starts(with: Array("CAF1".utf8)) == isForHub, "\(bytes) bytes")
        #expect(response.status == (isForHub ? 400 : 413))
      }
      #expect(try client.send(HTTPClientRequest(.get, "/healthz")).status == 200)
      #expect(try client.send(HTTPClientRequest(.get, "/admin/status")).status == 404)
      let old = try Tool.run(
        "openssl", ["s_client", "-connect", "localhost:\(proxy.port)", "-tls1_2"])
      #expect(old.status != 0)
    }

    @Test("who is not the hub is refused in clear words, and gets no code to see")
    func refusals() throws {
      let folder = try TestFolder()
      let hub = try TestHub(in: folder)
      let own = try PrivateAuthority("own", in: folder)
      let stranger = try PrivateAuthority("stranger", in: folder)
      let proxy = try TLSProxy(before: hub, in: folder)
      try hub.ask("agency-add", ["name": "Alder", "sector": "school", "locality": "batley"])
      let code = try #require(try hub.ask("enrol", ["agency": "Alder"])["code"]?.stringValue)
      func join(_ url: String, _ more: String...) throws -> DaemonProcess.Ended {
        let words =
          ["agency", "join", "--hub", url, "--code", code, "--folder", folder.path + "/Alder"]
        return try DaemonProcess.run(arguments: (words + more).map { Array($0.utf8) }, in: folder)
      }
      func expect(_ ended: DaemonProcess.Ended, _ status: Int32, _ says: String) {
        #expect(ended.status == status && ended.text.contains(says), "\(ended)")
        // Only a name and a secret of the device's own making; nothing has joined.
        #expect(access(folder.path + "/Alder/hub.json", F_OK) != 0)
      }
      try proxy.start(try own.certificate("hub", names: "DNS:localhost"))
      let network = proxy.url
      expect(try join(network, "--ca", stranger.file), 4, "CA that is not trusted here")
      expect(try join(network), 4, "CA that is not trusted here")
      expect(try join(network, "--ca", folder.path + "/none.pem"), 4, "cannot be read")
      let byNumber = "https://127.0.0.1:\(proxy.port)"
      expect(try join(byNumber, "--ca", own.file), 4, "for another name than the hub's address")
      expect(try join("http://192.0.2.1", "--ca", own.file), 2, "Use https://")
      expect(try join("http://hub.invalid"), 2, "Use https://")
      try proxy.start(try own.certificate("late", names: "DNS:localhost", days: -1))
      expect(try join(network, "--ca", own.file), 4, "certificate has expired")
      try proxy.start(try stranger.certificate("false", names: "DNS:localhost"))
      expect(try join(network, "--ca", own.file), 4, "CA that is not trusted here")
      // The code has not been spent on any of them.
      try proxy.start(try own.certificate("hub", names: "DNS:localhost"))
      let joined = try join(network, "--ca", own.file)
      #expect(joined.status == 0, "\(joined)")
    }
  }
}

/// A device that has joined through TLS, and its daemon.
private final class TLSDevice {
  private let name: String
  private let root: TestFolder
  private let folder: String
  private var process: DaemonProcess?

  init(_ name: String, joining hub: TestHub, at url: String, trusting file: String) throws {
    self.name = name
    root = hub.root
    folder = root.path + "/" + name
    try hub.ask("agency-add", ["name": .string(name), "sector": "school", "locality": "batley"])
    let code = try #require(try hub.ask("enrol", ["agency": .string(name)])["code"]?.stringValue)
    let joined = try DaemonProcess.run(
      "agency", "join", "--hub", url, "--ca", file, "--code", code, "--folder", folder, in: root)
    try #require(joined.status == 0, "\(joined.text)")
  }

  func start() throws {
    let configuration: JSON = [
      "folder": .string(folder), "retryMillisecondsMax": 100, "api": ["enabled": false],
    ]
    try AtomicFile.write(configuration.bytes(), to: folder + ".json5")
    process = try DaemonProcess(
      ["agency", "serve", "--config", folder + ".json5"], log: folder + ".log")
    _ = try awaited("\(name) to answer") { () throws -> Bool? in
      do throws(LocalFailure) {
        _ = try LocalControl.ask(folder: folder, operation: "devices")
        return true
      } catch {
        if error.exit != .unreachable { throw error }
        return nil
      }
    }
    try ask("practitioner-add", ["name": "Ann Ash"])
  }

  @discardableResult
  func ask(_ operation: String, _ arguments: JSON = [:]) throws -> JSON {
    try LocalControl.ask(
      folder: folder, operation: operation, arguments: arguments, deadlineMilliseconds: 60_000)
  }

  func synchronise() throws {
    _ = try awaited("\(name) to be in step", seconds: 60) { () throws -> Bool? in
      do {
        return try ask("sync")["isAllSynced"]?.boolValue == true ? true : nil
      } catch let error as LocalFailure where [.unreachable, .busy].contains(error.exit) {
        return nil
      }
    }
  }
}
