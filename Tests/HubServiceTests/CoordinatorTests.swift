import Causality
import HTTPTransport
import HTTPWire
import Operations
import PageServer
import Testing

@testable import HubService

@Suite("A coordinator at the hub's console")
struct CoordinatorTests {
  private static let passphrase = ConsoleDesk.passphrase

  /// Cora Coe is signed in.
  private func desk() throws -> ConsoleDesk {
    let desk = try ConsoleDesk()
    _ = try desk.hub.operation(
      "operator-add",
      ["name": "Cora Coe", "role": "coordinator", "passphrase": .string(Self.passphrase)])
    #expect(try desk.signIn(Self.passphrase, name: "Cora Coe").status == 303)
    return desk
  }

  @Test("sees two reports, and no way to anything else")
  func sees() throws {
    let desk = try desk()
    _ = try desk.hub.addAgency("school")
    let first = try desk.ask(.get, "/")
    #expect(first.status == 303 && first.headers["Location"] == "/reports")
    let shown = try desk.page("/reports")
    #expect(shown.contains("Why CAFs are done") && shown.contains("Who reports to the index"))
    for other in [
      "Board", "Audit log", "Operators", "Close the next report", "CAF training", "Issues",
      "How long enquiries wait", "In step", "To see to", "data-board", "school",
    ] {
      #expect(!shown.contains(other), "\(other)")
    }
    #expect(try desk.ask(.get, "/reports?report=1").status == 404)
    #expect(try desk.ask(.get, "/reports?report=x").status == 400)
  }

  @Test("is refused everything else alike, and changes nothing")
  func refused() throws {
    let desk = try desk()
    let agency = try desk.hub.addAgency("school").text
    let before = try desk.auditLines().count
    let own: [[String]] = [[], ["reports"], ["sign-out"]]
    for route in ConsoleRoutes.all where !own.contains(route.pattern) {
      let target = "/" + route.pattern.map { $0 == "*" ? agency : $0 }.joined(separator: "/")
      let response = try route.method == .get ? desk.ask(.get, target) : desk.post(target)
      #expect(response.status == 403, "\(target)")
      #expect(desk.text(response).contains("Not for your account"), "\(target)")
    }
    for target in ["/events", "/nothing", "/agencies/x", "/reports/close"] {
      let response = try desk.ask(.get, target)
      #expect(response.status == 403, "\(target)")
      #expect(!desk.text(response).contains("Audit log"), "\(target)")
    }
    #expect(try desk.auditLines().count == before)
    #expect(try desk.post("/sign-out").status == 200)
  }

  @Test("is one for good, and stands on the audit log as one")
  func kept() throws {
    let folder = TemporaryFolder()
    let hub = try TestHub(folder: folder)
    let path = HubFolder(path: folder.path).operatorsPath
    func add(_ name: String, _ role: JSON) throws {
      _ = try hub.operation(
        "operator-add", ["name": .string(name), "role": role, "passphrase": "nine quiet lanterns"])
    }
    func file() throws -> JSON { try JSON.parse(AtomicFile.read(path, maximumBytes: 1 << 20)) }
    try add("Ola Obi", "operator")
    #expect(try file()["format"] == 1)
    for wrong: JSON in ["admin", "", 1] {
      #expect(throws: LocalFailure.self) { try add("Ned Nash", wrong) }
    }
    try add("Cora Coe", "coordinator")
    // Which a program that knows no roles refuses.
    #expect(try file()["format"] == 2)
    let subject = try hub.operation("audit-list")["lines"]?.arrayValue?.first?["subject"]
    #expect(subject == "name Cora Coe role coordinator")
    _ = try hub.operation(
      "operator-passphrase", ["name": "Cora Coe", "passphrase": "ten quiet lanterns"])
    hub.stop()
    #expect(try OperatorBook(path: path).all.map(\.role) == [.full, .coordinator])
  }

  @Test("an account of before there were roles is a full one; another role is none at all")
  func files() throws {
    let folder = TemporaryFolder()
    let hub = try TestHub(folder: folder)
    _ = try hub.operation(
      "operator-add", ["name": "Ola Obi", "passphrase": .string(Self.passphrase)])
    hub.stop()
    let path = HubFolder(path: folder.path).operatorsPath
    let text = String(decoding: try AtomicFile.read(path, maximumBytes: 1 << 20), as: UTF8.self)
    let role = "\"role\": \"operator\","
    try #require(text.contains(role))
    try AtomicFile.write(Array(text.replacing(role, with: "").utf8), to: path)
    #expect(try OperatorBook(path: path).all.map(\.role) == [.full])
    for wrong in ["\"role\": \"admin\",", "\"role\": \"\",", "\"role\": null,"] {
      try AtomicFile.write(Array(text.replacing(role, with: wrong).utf8), to: path)
      #expect(throws: HubFolderError.damagedOperators(file: path)) { try OperatorBook(path: path) }
    }
  }
}
