import Foundation
import HTTPTransport
import HTTPWire
import Operations
import TestDaemons
import TestSupport
import Testing

/// A real hub whose metrics are served.
struct WatchedHub {
  let hub: TestHub
  private let client: HTTPClient

  /// Starts the hub anew, with a port for its metrics.
  init(_ hub: TestHub) throws {
    self.hub = hub
    let (descriptor, port) = try LoopbackSocket.listen()
    close(descriptor)
    try hub.stop()
    hub.metricsPort = port
    try hub.start()
    client = try HTTPClient(HTTPClientOptions(baseURL: "http://127.0.0.1:\(port)"))
  }

  func get(_ path: String) throws -> (status: Int, type: String?, text: String) {
    let response = try client.send(HTTPClientRequest(.get, path))
    return (
      response.status, response.headers["Content-Type"],
      String(decoding: response.body, as: UTF8.self)
    )
  }

  /// The name of every metric that the hub announces, with those of its histograms.
  func metricNames() throws -> Set<String> {
    let types = try get("/metrics").text.matches(of: #/# TYPE (\w+) (\w+)\n/#)
    return types.reduce(into: []) { names, type in
      let name = String(type.1)
      names.insert(name)
      if type.2 == "histogram" {
        names.formUnion(["_bucket", "_sum", "_count"].map { name + $0 })
      }
    }
  }
}

extension EndToEnd {
  /// What Prometheus and Grafana are given, held against a hub that runs.
  @Suite("Watched by Prometheus")
  struct Monitoring {
    private static let here = URL(fileURLWithPath: #filePath).deletingLastPathComponent().path
    private static let configurations = here + "/../../Configs"

    private func text(_ file: String) throws -> String {
      try String(contentsOfFile: Self.configurations + "/" + file, encoding: .utf8)
    }

    @Test("promtool accepts the metrics of a hub that works, with agencies of any name")
    func metrics() throws {
      let district = try TestDistrict(["Wren \"and\" \\ Finch"])
      let agency = district.agencies[0]
      let watched = try WatchedHub(district.hub)
      try agency.synchronise()
      let answer = try watched.get("/metrics")
      #expect(answer.status == 200 && answer.type?.hasPrefix("text/plain; version=0.0.4") == true)
      let file = district.folder.path + "/metrics"
      try AtomicFile.write(Array(answer.text.utf8), to: file)
      let checked = try Tool.run("sh", ["-c", "promtool check metrics < \(file)"])
      #expect(checked.status == 0 && checked.text.isEmpty, "\(checked.text)")
      let count = answer.text.matches(of: #/cafsync_hub_exchanges_total\{outcome="moved"\} (\d+)/#)
      #expect(count.first.flatMap { Int($0.1) } ?? 0 > 0)
      #expect(answer.text.contains(#"devices{agency="Wren \"and\" \\ Finch"} 1"#))
      #expect(try watched.get("/readyz").text == "ready\n")
      #expect(try watched.get("/healthz").text == "ok\n")
      // What nginx forwards from has none of it but the probes.
      let outside = try HTTPClient(HTTPClientOptions(baseURL: district.hub.url))
      #expect(try outside.send(HTTPClientRequest(.get, "/metrics")).status == 404)
      #expect(try outside.send(HTTPClientRequest(.get, "/readyz")).status == 200)
    }

    @Test("each alert fires when it should, and not before")
    func alerts() throws {
      let table = [
        ["check", "config", Self.configurations + "/prometheus.yml"],
        ["check", "rules", Self.configurations + "/alerts.yml"],
        ["test", "rules", Self.here + "/Monitoring/alerts_test.yml"],
      ]
      for arguments in table {
        let ended = try Tool.run("promtool", arguments)
        #expect(ended.status == 0, "\(ended.text)")
      }
      let names = try text("alerts.yml").matches(of: #/- alert: (\w+)/#).map { String($0.1) }
      #expect(names.count > 20 && Set(names).count == names.count)
      let tests = try String(
        contentsOfFile: Self.here + "/Monitoring/alerts_test.yml", encoding: .utf8)
      for name in names { #expect(tests.contains("- name: \(name)\n"), "\(name) has no test") }
    }

    @Test("each alert says what it is, and the runbook says what to do")
    func runbook() throws {
      let alerts = try text("alerts.yml").split(separator: "- alert: ").dropFirst()
      let sections = try text("RUNBOOK.md").matches(of: #/\n##+ (\w+)\n\n(\S[^\n]+)/#)
      let anchors = sections.map { $0.1.lowercased() }
      for alert in alerts {
        let name = alert.prefix { $0 != "\n" }
        for key in ["summary", "description", "severity"] {
          #expect(alert.contains("\(key):"), "\(name): \(key)")
        }
        #expect(alert.contains("runbook: RUNBOOK.md#\(name.lowercased())\n"), "\(name)")
        #expect(anchors.contains(name.lowercased()), "\(name) is not in the runbook")
      }
    }

    @Test("alerts and dashboard name only metrics that a hub has")
    func names() throws {
      let hub = try TestHub(in: TestFolder())
      let known = try WatchedHub(hub).metricNames()
      let dashboard = try JSON.parse(try text("grafana-dashboard.json"))
      let panels = dashboard["panels"]?.arrayValue ?? []
      let queries = panels.flatMap { $0["targets"]?.arrayValue ?? [] }
        .compactMap { $0["expr"]?.stringValue }
      #expect(queries.count > 30)
      var shown: Set<String> = []
      for source in queries + [try text("alerts.yml")] {
        let named = source.matches(of: #/\b(cafsync|process)_\w+/#).map { String($0.0) }
        shown.formUnion(named)
      }
      #expect(shown.subtracting(known).sorted() == [])
    }
  }
}
