import Foundation
import HTTPTransport
import HTTPWire
import TestDaemons
import TestSupport
import Testing

extension EndToEnd {
  /// A new operation, page or command of the hub's fails this until it is searched too.
  @Suite("What the hub's operator sees")
  struct Canary {
    /// Files that hold a record because that is what they are for: they go to the family, by the
    /// hand of whoever runs the hub's machine.
    private static let holdARecord = ["out-access/record.html", "out-access/record.json"]
    /// Nobody who watches or counts has to know which children there are.
    private static let namesNoChild = [
      "/metrics", "/readyz", "/healthz", "metrics", "status", "standing", "revision", "capacity",
      "agencies", "devices", "events", "conflicts", "operators", "check", "backup", "report-",
      "hub report", "hub status", "hub devices", "hub events", "hub conflicts", "hub capacity",
      "hub check", "hub backup", "page /reports", "page /capacity", "page /agencies",
      "page /devices", "page /identity", "page /conflicts", "log",
    ]

    @Test("no name of a child and no word of a family is in any answer, page, metric or log line")
    func search() throws {
      let hub = try CanaryHub()
      let search = ByteSearch(CanaryHub.words.map { .init(word: $0) })
      // The search finds what is there: at the agency that wrote it.
      let own = try hub.district.agencies[0].export(hub.child)
      #expect(search.found(in: Array(own.utf8)).isSuperset(of: ["Canarygiven", "Canaryneeds"]))
      let shown = ShownTexts()
      #expect(try hub.visitConsole(shown) == [], "not in CanaryConsole")
      let asked = try hub.askEverything(shown)
      #expect(CanaryHub.operations.subtracting(asked).sorted() == [], "not in CanaryOperations")
      for path in ["/metrics", "/readyz", "/healthz", "/nothing"] {
        shown.add(path, try hub.watched.get(path).text)
      }
      try shown.addWhatStrangersGet(hub.hub)
      #expect(try hub.typeEverything(shown) == [], "not in CanaryCommands")
      shown.add("log", try String(contentsOfFile: hub.hub.log, encoding: .utf8))

      let identifiers = ByteSearch(hub.children.map { .init(word: $0) })
      for one in shown.all {
        #expect(!one.text.isEmpty, "\(one.name) says nothing")
        let bytes = Array(one.text.utf8)
        let found = search.found(in: bytes).sorted()
        #expect(found.isEmpty, "\(one.name) holds \(found)")
        if Self.namesNoChild.contains(where: one.name.hasPrefix) {
          #expect(identifiers.found(in: bytes).isEmpty, "\(one.name) names a child")
        }
        for secret in shown.secrets where secret.by != one.name {
          #expect(!one.text.contains(secret.value), "\(one.name) holds the secret of \(secret.by)")
        }
        #expect(!one.text.contains(CanaryHub.passphrase), "\(one.name) holds a passphrase")
      }
      let quarantine = try #require(shown.all.first { $0.name == "quarantine" })
      #expect(quarantine.text.contains("Finch"), "nothing stands apart")
      let conflicts = try #require(shown.all.first { $0.name == "conflicts" })
      #expect(conflicts.text.contains("Wren"), "nothing stands side by side")
      try expectFiles(of: hub, search)
    }

    /// What was written for somebody is for them alone, and holds words only where that is its use.
    private func expectFiles(of hub: CanaryHub, _ search: ByteSearch) throws {
      let root = hub.district.folder.path
      let names = try FileManager.default.contentsOfDirectory(atPath: root)
      var withWords: [String] = []
      for name in names where name.hasPrefix("out-") {
        let below = try FileManager.default.subpathsOfDirectory(atPath: root + "/" + name)
        for path in [name] + below.map({ name + "/" + $0 }) {
          var facts = stat()
          #expect(lstat(root + "/" + path, &facts) == 0)
          #expect(facts.st_mode & 0o077 == 0, "\(path) is not its owner's alone")
          guard facts.st_mode & S_IFMT == S_IFREG else { continue }
          let bytes = Array(try Data(contentsOf: URL(fileURLWithPath: root + "/" + path)))
          if !search.found(in: bytes).isEmpty { withWords.append(path) }
        }
      }
      let allowed =
        Self.holdARecord
        + Self.holdARecord.map {
          $0.replacingOccurrences(of: "out-access", with: "out-access-2")
        }
      #expect(withWords.sorted() == allowed.sorted())
    }
  }
}

extension ShownTexts {
  /// Whoever is not enrolled, and not signed in.
  fileprivate func addWhatStrangersGet(_ hub: TestHub) throws {
    let client = try HTTPClient(HTTPClientOptions(baseURL: hub.url))
    for path in ["/v1/exchange", "/v1/enrol"] {
      for type in ["text/plain", "application/cbor"] {
        let request = HTTPClientRequest(
          .post, path, headers: ["Content-Type": type], body: [0xa0])
        add("\(path) of \(type)", String(decoding: try client.send(request).body, as: UTF8.self))
      }
    }
    for path in ["/", "/readyz", "/metrics"] {
      let answer = try client.send(HTTPClientRequest(.get, path))
      add("outside \(path)", String(decoding: answer.body, as: UTF8.self))
    }
  }
}
