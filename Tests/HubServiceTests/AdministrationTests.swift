import CaseRecords
import Causality
import HTTPTransport
import HTTPWire
import Operations
import ReplicaStore
import SyncProtocol
import Testing

@testable import HubService

@Suite struct AdministrationTests {
  let folder = TemporaryFolder()

  @Test func onlyTheDaemonsUserAndRootGiveOrders() {
    let table: [(Peer, UInt32, Bool)] = [
      (.local(user: 1_000), 1_000, true), (.local(user: 0), 1_000, true),
      (.local(user: 1_001), 1_000, false), (.local(user: .max), 1_000, false),
      (.local(user: 1_000), 0, false), (.network(address: "127.0.0.1", port: 9), 1_000, false),
    ]
    for (peer, user, isAllowed) in table {
      let request = HTTPRequest(.post, "/admin/status")
      do throws(LocalFailure) {
        _ = try LocalControlServer.question(of: request, from: peer, daemonUser: user)
        #expect(isAllowed)
      } catch {
        #expect(!isAllowed && error.exit == .refused)
      }
    }
  }

  @Test func wrongOrdersAreRefusedWithTheirExitCode() throws {
    let hub = try TestHub(folder: folder)
    defer { hub.stop() }
    _ = try hub.addAgency("school")
    let table: [(String, JSON, ExitCode)] = [
      ("dance", [:], .usage), ("agency-add", ["name": "x"], .usage),
      ("agency-add", ["name": "school", "sector": "a", "locality": "b"], .conflict),
      ("agency-add", ["name": "a\nb", "sector": "a", "locality": "b"], .usage),
      (
        "agency-add",
        ["name": .string(String(repeating: "x", count: 201)), "sector": "a", "locality": "b"],
        .usage
      ),
      ("enrol", ["agency": "nobody"], .failure), ("enrol", ["agency": "hub"], .failure),
      ("revoke-device", ["device": "00"], .failure),
      ("why", ["agency": "school", "child": "x"], .usage),
      ("ledger", ["child": "x"], .usage), ("quarantine-release", [:], .usage),
      ("quarantine-release", ["number": 1], .failure),
      ("quarantine-return", ["number": 1], .failure),
    ]
    for (operation, arguments, exit) in table {
      #expect {
        _ = try hub.operation(operation, arguments)
      } throws: { ($0 as? LocalFailure)?.exit == exit }
    }
    #expect(try hub.operation("agencies").arrayValue?.count == 1)
  }

  @Test func anAgreementIsLockedOnceAndLiftedByASignature() throws {
    let hub = try TestHub(folder: folder)
    defer { hub.stop() }
    _ = try hub.addAgency("school")
    for _ in 0..<2 {
      _ = try hub.operation("agreement-lock", ["agency": "school", "yes": true])
      #expect(throws: LocalFailure.self) {
        try hub.operation("agreement-lock", ["agency": "school", "yes": true])
      }
      _ = try hub.operation("agreement-sign", ["agency": "school"])
    }
    let kinds = try hub.operation("journal").arrayValue?.map { $0["kind"]?.stringValue }
    #expect(
      kinds == [
        "agency", "agreement lock", "agreement signed", "agreement lock", "agreement signed",
      ])
    #expect(try hub.operation("audit-verify")["whole"]?.boolValue == true)
  }

  @Test func whatCouldNotBeReadAgainIsNotRecorded() throws {
    var hub = try TestHub(folder: folder)
    _ = try hub.addAgency("school")
    _ = try hub.operation("agreement-lock", ["agency": "school", "yes": true])
    for version in [String(repeating: "v", count: 201), "a\u{0}b", " "] {
      #expect(throws: LocalFailure.self) {
        try hub.operation(
          "agreement-sign", ["agency": "school", "version": .string(version)])
      }
    }
    _ = try hub.operation("agreement-sign", ["agency": "school", "version": "2006-09"])
    hub.stop()
    hub = try TestHub(folder: folder, isNew: false)
    defer { hub.stop() }
    #expect(try hub.operation("agencies").arrayValue?.first?["agreementLocked"] == false)
  }

  @Test func theAuditLogSaysWhoDidWhatToWhom() throws {
    let hub = try TestHub(folder: folder)
    _ = try hub.addAgency("school")
    _ = try hub.operation(
      "agreement-lock", ["agency": "school", "reason": "moved away", "yes": true])
    _ = try hub.operation("status")
    #expect(throws: LocalFailure.self) {
      try hub.operation("agreement-lock", ["agency": "school", "yes": true])
    }
    hub.stop()
    let core = try HubCore(
      folder: HubFolder(path: folder.path), configuration: HubConfiguration(folder: folder.path),
      log: .silent, clock: ManualClock())
    defer { core.close() }
    let lines = try core.store.auditLines().filter { $0.who == "a test" }
    #expect(lines.map(\.action) == ["agency-add", "agreement-lock"])
    #expect(lines.map(\.subject) == ["name school", "agency school"])
  }

  @Test func whatStandsApartIsListedAndDecidedByItsNumber() throws {
    let hub = try TestHub(folder: folder)
    defer { hub.stop() }
    _ = try hub.addAgency("clinic")
    let device = try hub.device(of: "clinic")
    // Words about a child whose family has not let the hub keep any.
    let sent = hub.publish(from: device, in: .development, about: ChildID(high: 1, low: 1))
    try hub.settle()
    guard case .answer(let answer)? = try sent.reply() else { throw LocalFailure(.failure, "") }
    #expect(answer.quarantined.count == 1)
    let listed = try hub.operation("quarantine")["changes"]?.arrayValue ?? []
    #expect(listed.map { $0["number"] } == [1])
    #expect(listed.first?["agency"] == "clinic" && listed.first?["state"] == "waiting")
    #expect {
      _ = try hub.operation("quarantine-release", ["number": 1])
    } throws: {
      ($0 as? LocalFailure)?.exit == .refused && "\($0)".contains("no consent to keep this")
    }
    for isNew in [true, false] {
      let done = try hub.operation("quarantine-return", ["number": 1])
      #expect(done["isNew"]?.boolValue == isNew)
    }
    #expect(try hub.operation("quarantine")["changes"]?.arrayValue?.isEmpty == true)
    let all = try hub.operation("quarantine", ["all": true])["changes"]?.arrayValue ?? []
    #expect(all.map { $0["state"] } == ["returned"])
    #expect(try hub.operation("audit-verify")["whole"]?.boolValue == true)
  }

  @Test func aRevokedDeviceIsShownAndItsPollWoken() throws {
    let hub = try TestHub(folder: folder)
    defer { hub.stop() }
    _ = try hub.addAgency("school")
    let device = try hub.device(of: "school")
    let waiting = hub.poll(device)
    try hub.settle()
    _ = try hub.operation("revoke-device", ["device": .string(device.id.text)])
    try hub.settle()
    let listed = try hub.operation("devices").arrayValue ?? []
    #expect(listed.first?["revokedMilliseconds"]?.unsignedValue != nil)
    // It holds nothing, so there is nothing to purge, and it waits on.
    #expect(waiting.response == nil)
  }

  @Test func aBoardIsToldOfFewDevicesAndOfThoseThatAreNotInStepFirst() throws {
    let hub = try TestHub(folder: folder)
    defer { hub.stop() }
    let school = try hub.addAgency("school")
    _ = try hub.addAgency("clinic")
    let inStep = try (0..<2).map { _ in try hub.device(of: "school") }
    let never = try hub.device(of: "clinic")
    for device in inStep { _ = hub.poll(device) }
    try hub.settle()
    func listed(_ max: JSON?) throws -> [String] {
      let status = try hub.operation("status", max.map { ["devicesMax": $0] } ?? [:])
      #expect(status["devicesAll"] == 3)
      return (status["devices"]?.arrayValue ?? []).map { $0["id"]?.stringValue ?? "" }
    }
    let all = (inStep + [never]).map(\.id.text)
    #expect(try listed(nil) == all)
    #expect(try listed(0) == [])
    #expect(try listed(1) == [never.id.text])
    #expect(try listed(2) == [never.id.text, inStep[0].id.text])
    #expect(try listed(9) == [never.id.text] + inStep.map(\.id.text))
    let own = try hub.operation("devices", ["agency": .string(school.text)])
    #expect(own.arrayValue?.map { $0["id"]?.stringValue ?? "" } == inStep.map(\.id.text))
    #expect(try hub.operation("devices", ["agency": "none"]).arrayValue?.isEmpty == true)
  }

  @Test func aFolderServesOneDaemonAndCommandsReachItOrTheFolder() throws {
    let hub = HubFolder(path: folder.path)
    try hub.initialise()
    let arguments: JSON = ["name": "school", "sector": "education", "locality": "Beeston"]
    _ = try HubAccess.perform(
      folder: folder.path, operation: "agency-add", arguments: arguments)
    var configuration = HubConfiguration(folder: folder.path)
    configuration.port = 0
    let daemon = try HubDaemon(configuration, log: .silent)
    defer { daemon.stop() }
    #expect(throws: FolderLockError.self) { try HubDaemon(configuration, log: .silent) }
    let agencies = try HubAccess.perform(folder: folder.path, operation: "agencies")
    #expect(agencies.arrayValue?.first?["name"]?.stringValue == "school")
    #expect(daemon.port != 0)
  }
}
