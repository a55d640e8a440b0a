import Foundation
import HTTPTransport
import Operations
import TestDaemons
import TestSupport
import Testing

/// A hub that has taken in records full of words that stand nowhere else, by every way there is:
/// shared, withdrawn, set apart, overridden, erased.
private struct CanaryHub {
  static let words = [
    "Canarygiven", "Canaryname", "Canaryparent", "Canaryneeds", "Canarylate", "Canaryreason",
    "Canarydecider", "Canaryerasure", "2001-02-03",
  ]

  let district: TestDistrict
  let watched: WatchedHub
  let child: String
  let erased: String

  init() throws {
    district = try TestDistrict(["Wren", "Finch"])
    let (wren, finch) = (district.agencies[0], district.agencies[1])
    watched = try WatchedHub(district.hub)
    func child() throws -> String {
      let added = try wren.ask(
        "child-add",
        [
          "given": "Canarygiven", "family": "Canaryname", "dateOfBirth": "2001-02-03",
          "anyway": true,
        ])
      let child = try #require(added["child"]?.stringValue)
      try wren.command([
        "consent", "give", child, "--agencies", "Finch", "--categories", "index,development",
        "--by", "Canaryparent", "--relationship", "mother", "--capacity", "parentalResponsibility",
        "--agreement", "2006-09",
      ])
      try wren.command("caf", "start", child)
      try wren.command("caf", "write", child, "identity", "--needs", "Canaryneeds")
      try wren.synchronise()
      try awaited("the child at Finch") { try finch.export(child).contains("Canaryneeds") }
      return child
    }
    self.child = try child()
    erased = try child()
    let kept = try child()
    // Written where the withdrawal is not known yet.
    try finch.synchronise()
    district.lines[1].takeDown()
    try finch.note("Canarylate", on: self.child)
    try finch.command("caf", "write", kept, "identity", "--needs", "Canarylate")
    try wren.consent("consent-withdraw", self.child, [finch], "index,development")
    try wren.command([
      "override", erased, "--agencies", "Finch", "--categories", "health", "--reason",
      "Canaryreason", "--decided-by", "Canarydecider", "--until", "2199-01-01",
    ])
    try wren.command("erase", erased, "--reason", "Canaryerasure", "--yes")
    try wren.synchronise()
    // A device that is reported lost hands over what it has, and that stands apart.
    let hub = district.hub
    let devices = try hub.ask("devices").arrayValue ?? []
    let lost = try #require(devices.first { $0["agency"] == "Finch" }?["id"])
    try hub.ask("revoke-device", ["device": lost])
    district.lines[1].heal()
    try awaited("what stands apart") { try hub.ask("status")["quarantined"] != 0 }
  }

  /// All that somebody at the hub may see, each under a name that a failure says. An operation, a
  /// page or a file that is new belongs here.
  func surfaces() throws -> [(name: String, text: String)] {
    var shown: [(name: String, text: String)] = []
    let hub = district.hub
    for (operation, arguments) in operations {
      do {
        shown.append((operation, try hub.ask(operation, arguments).text()))
      } catch let failure as LocalFailure {
        shown.append((operation, failure.sentence + (failure.details?.text() ?? "")))
      }
    }
    for words in commands {
      let ended = try DaemonProcess.run(
        arguments: (["hub"] + words + ["--folder", hub.folder]).map { Array($0.utf8) },
        in: hub.root)
      shown.append((words.joined(separator: " "), ended.text))
    }
    for path in ["/metrics", "/readyz", "/healthz"] {
      shown.append((path, try watched.get(path).text))
    }
    shown.append(("log", try String(contentsOfFile: hub.log, encoding: .utf8)))
    return shown
  }

  private var operations: [(String, JSON)] {
    let child = JSON.string(child)
    return [
      ("agencies", [:]), ("devices", ["week": true]), ("status", [:]), ("metrics", [:]),
      ("journal", [:]), ("withdrawals", [:]), ("quarantine", ["all": true]),
      ("quarantine-release", ["number": 1]),
      ("audit-verify", [:]), ("ledger", ["child": child]),
      ("ledger", ["child": .string(erased)]), ("why", ["child": child, "agency": "Finch"]),
      ("erase", ["child": child, "reason": "none"]),
    ]
  }

  private var commands: [[String]] {
    [
      ["status"], ["devices"], ["agency", "list"], ["journal"], ["quarantine", "list", "--all"],
      ["ledger", child], ["withdrawals"], ["why", child, "Finch"], ["audit-verify"],
    ]
  }
}

extension EndToEnd {
  @Suite("What the hub's operator sees")
  struct Canary {
    @Test("no name of a child and no word of a family is in any answer, metric or log line")
    func search() throws {
      let hub = try CanaryHub()
      let search = ByteSearch(CanaryHub.words.map { .init(word: $0) })
      // The search finds what is there: at the agency that wrote it.
      let own = try hub.district.agencies[0].export(hub.child)
      #expect(search.found(in: Array(own.utf8)).isSuperset(of: ["Canarygiven", "Canaryneeds"]))
      let surfaces = try hub.surfaces()
      for surface in surfaces {
        #expect(!surface.text.isEmpty, "\(surface.name) says nothing")
        let found = search.found(in: Array(surface.text.utf8)).sorted()
        #expect(found.isEmpty, "\(surface.name) holds \(found)")
      }
      let quarantine = try #require(surfaces.first { $0.name == "quarantine" })
      #expect(quarantine.text.contains("Finch"), "nothing stands apart")
    }
  }
}
