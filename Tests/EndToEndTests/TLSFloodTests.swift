import Foundation
import HTTPTransport
import HTTPWire
import Operations
import TestDaemons
import Testing

extension EndToEnd {
  /// What the proxy and the hub bear, each test with the shipped configuration and real processes,
  /// and whether two devices are served meanwhile.
  @Suite("What a flood does to the hub")
  struct TLSFlood {
    /// A hub behind its proxy, and two devices of it that wait for each other's news.
    private struct Scene {
      let folder: TestFolder
      let hub: TestHub
      let authority: PrivateAuthority
      let proxy: TLSProxy
      let devices: [TLSDevice]

      init() throws {
        folder = try TestFolder()
        hub = try TestHub(in: folder)
        authority = try PrivateAuthority("own", in: folder)
        proxy = try TLSProxy(before: hub, in: folder)
        try proxy.start(try authority.certificate("hub", names: TLSProxy.names))
        var devices: [TLSDevice] = []
        for name in ["Alder", "Birch"] {
          let device = try TLSDevice(
            name, joining: hub, at: proxy.url, trusting: authority.file)
          try device.start()
          devices.append(device)
        }
        for device in devices { try device.synchronise() }
        self.devices = devices
      }

      func flood(
        _ mode: String, _ count: Int, from source: String = "127.0.0.1"
      ) throws -> TestFlood {
        try TestFlood(mode, count, at: proxy, trusting: authority, from: source, in: folder)
      }

      /// What one device writes is at the other, unasked, each time; the operator is answered; and
      /// the hub is the process that it was.
      func expectService(_ word: String) throws {
        let process = try #require(hub.process)
        for turn in 1...3 {
          let name = "\(word) \(turn)"
          let start = ContinuousClock.now
          try devices[0].ask("practitioner-add", ["name": .string(name), "as": "Ann Ash"])
          _ = try awaited("\(name) at the other agency", seconds: 20) {
            try devices[1].knows(practitioner: name) ? true : nil
          }
          print("\(name): at the other agency after \(ContinuousClock.now - start)")
        }
        try hub.ask("status")
        #expect(process.isRunning)
      }
    }

    @Test("hundreds of connections that drip bytes of a head, or of a body, keep nobody away")
    func slowLoris() throws {
      let scene = try Scene()
      let heads = try scene.flood("heads", 400)
      let bodies = try scene.flood("bodies", 400, from: "127.0.0.2")
      for flood in [heads, bodies] { try flood.await("the flood to stand") { $0.isReady } }
      try scene.expectService("Drop")
      // Dripping does not prolong it: each is over after fifteen seconds.
      try heads.await("nginx to have closed what drips", seconds: 40) { $0.closed >= 400 }
    }

    @Test("10,000 connections at once keep nobody away")
    func connections() throws {
      let scene = try Scene()
      // Each is open at nginx and at the flood; a machine may allow a process fewer files.
      let count = min(10_000, OpenFiles.allow(20_000) - 500)
      let flood = try scene.flood("idle", count)
      let state = try flood.await("\(count) connections", seconds: 240) { $0.isReady }
      print("\(state.open) connections are open, \(state.statuses["200"] ?? 0) were answered")
      #expect(state.statuses["200"] == count)
      #expect(state.open > count * 9 / 10)
      try scene.expectService("Crowd")
    }

    @Test("bodies that are too large, announced or not, are refused and keep nobody away")
    func largeBodies() throws {
      let scene = try Scene()
      let floods = [try scene.flood("large", 10), try scene.flood("large", 10)]
      try scene.expectService("Bale")
      for flood in floods {
        let state = try flood.await("bodies to be refused") { $0.isReady }
        // Nothing gets through: a 413, or the end of the connection while it still sends.
        #expect(Set(state.statuses.keys).isSubset(of: ["413", "closed", "0"]), "\(state)")
        #expect(state.statuses["413"] ?? 0 > 0)
      }
    }

    @Test("codes can be tried ten times at once, then every ten seconds; exchanges go on")
    func enrolments() throws {
      let scene = try Scene()
      let flood = try scene.flood("enrol", 30, from: "127.0.0.2")
      let state = try flood.await("thirty tries") { $0.isReady }
      // The hub itself refuses those that come to it: there is no such code.
      let heard = state.statuses["400"] ?? 0
      #expect((11...16).contains(heard) && state.statuses["429"] == 30 - heard, "\(state)")
      // Another address, and exchanges from this one, are no part of that.
      let other = try scene.flood("enrol", 2, from: "127.0.0.3")
      #expect(try other.await("two tries") { $0.isReady }.statuses == ["400": 2])
      let sync = try scene.flood("runaway", 5, from: "127.0.0.2")
      #expect(try sync.await("five exchanges") { $0.isReady }.statuses["429"] == nil)
      try scene.expectService("Code")
    }

    @Test("a device that asks without pause is slowed down; a fleet behind one address is not")
    func rates() throws {
      let scene = try Scene()
      let start = ContinuousClock.now
      let runaway = try scene.flood("runaway", 151)
      let state = try runaway.await("151 exchanges") { $0.isReady }
      // Fifty a second, and none is refused for it.
      #expect(ContinuousClock.now - start > .seconds(2.9))
      #expect(state.statuses["429"] == nil && state.statuses["0"] == nil, "\(state)")
      let fleet = try scene.flood("fleet", 1_000)
      let answers = try fleet.await("a fleet that is back at once") { $0.isReady }
      #expect(answers.statuses["429"] == nil && answers.statuses["0"] == nil, "\(answers)")
      try scene.expectService("Fleet")
    }

    @Test("the console is reached under its own name, at once; what is for the machine is not")
    func console() throws {
      let scene = try Scene()
      let console = try DaemonProcess(
        program: "python3",
        arguments: ["-B", TestFlood.scripts + "/console.py", "\(scene.proxy.consolePort)"]
          .map { Array($0.utf8) }, log: scene.folder.path + "/console.log")
      let client = try HTTPClient(
        HTTPClientOptions(baseURL: scene.proxy.consoleURL, caFile: scene.authority.file))
      func get(_ path: String) throws -> HTTPClientResponse {
        try client.send(HTTPClientRequest(.get, path, headers: ["X-Real-IP": "203.0.113.9"]))
      }
      let page = try awaited("the console") { () throws -> HTTPClientResponse? in
        let response = try get("/agencies")
        return response.status == 200 ? response : nil
      }
      let head = String(decoding: page.body, as: UTF8.self)
      #expect(head.hasPrefix("/agencies\n"))
      #expect(head.contains("Host: console.localhost:\(scene.proxy.port)"))
      // Whom a try to sign in counts for is the proxy's word, whatever the browser says.
      #expect(head.contains("X-Real-IP: 127.0.0.1\n") && !head.contains("203.0.113.9"))
      #expect(page.headers["Strict-Transport-Security"] == "max-age=63072000")
      for path in ["/metrics", "/readyz", "/healthz"] { #expect(try get(path).status == 404) }
      // The event's end never comes; it is here all the same.
      let events = try scene.flood("events", 1)
      try events.await("an event") { $0.statuses["first"] == 1 }
      #expect(console.isRunning)
      let device = try HTTPClient(
        HTTPClientOptions(baseURL: scene.proxy.url, caFile: scene.authority.file))
      for path in ["/metrics", "/readyz", "/", "/agencies", "/v1/other"] {
        #expect(try device.send(HTTPClientRequest(.get, path)).status == 404)
      }
      #expect(try device.send(HTTPClientRequest(.get, "/healthz")).status == 200)
    }
  }
}
