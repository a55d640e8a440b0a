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
      for version in ["-tls1", "-tls1_1", "-tls1_2", "-tls1_3"] {
        // The client's own reluctance is taken away: it is nginx that refuses.
        let ended = try Tool.run(
          "openssl",
          [
            "s_client", "-connect", "localhost:\(proxy.port)", version, "-cipher",
            "ALL@SECLEVEL=0", "-CAfile", authority.file,
          ])
        #expect((ended.status == 0) == (version == "-tls1_3"), "\(version): \(ended.text)")
        #expect(ended.text.contains("protocol version") == (version != "-tls1_3"))
      }
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
      for old in ["TLSv1.2", "TLSv1.1"] {
        try proxy.start(
          try own.certificate("old", names: "DNS:localhost"),
          speaking: "ssl_protocols \(old); ssl_ciphers ALL:@SECLEVEL=0;")
        expect(try join(network, "--ca", own.file), 4, "No TLS 1.3 connection came about")
      }
      // It speaks no TLS at all.
      expect(
        try join("https://localhost:\(hub.port)", "--ca", own.file), 4,
        "No TLS 1.3 connection came about")
      // The code has not been spent on any of them.
      try proxy.start(try own.certificate("hub", names: "DNS:localhost"))
      let joined = try join(network, "--ca", own.file)
      #expect(joined.status == 0, "\(joined)")
    }

    @Test("with client certificates switched on, who shows none or another's is not heard")
    func clientCertificates() throws {
      let folder = try TestFolder()
      let hub = try TestHub(in: folder)
      let own = try PrivateAuthority("own", in: folder)
      let devices = try PrivateAuthority("devices", in: folder)
      let proxy = try TLSProxy(before: hub, in: folder)
      try proxy.start(try own.certificate("hub", names: TLSProxy.names), hearing: devices)
      func words(_ authority: PrivateAuthority) throws -> [String] {
        let pair = try authority.certificate("device", names: "DNS:alder")
        return ["--certificate", pair.file, "--certificate-key", pair.key]
      }
      try hub.ask("agency-add", ["name": "Elder", "sector": "school", "locality": "batley"])
      let code = try #require(try hub.ask("enrol", ["agency": "Elder"])["code"]?.stringValue)
      let join = [
        "agency", "join", "--hub", proxy.url, "--ca", own.file, "--code", code, "--folder",
        folder.path + "/Elder",
      ]
      for (wrong, status, says) in [
        ([], 4, "asks for client certificates"),
        (try words(own), 4, "asks for client certificates"),
        (["--certificate", own.file], 4, "name two PEM files that belong together"),
      ] {
        let ended = try DaemonProcess.run(
          arguments: (join + wrong).map { Array($0.utf8) }, in: folder)
        #expect(ended.status == status && ended.text.contains(says), "\(wrong): \(ended)")
      }
      let device = try TLSDevice(
        "Alder", joining: hub, at: proxy.url, trusting: own.file, words: try words(devices))
      try device.start()
      try device.synchronise()
    }
  }
}
