import CaseRecords
import Causality
import HTTPTransport
import HTTPWire
import Operations
import SyncProtocol
import Testing

@testable import HubService

@Suite struct EnrolmentTests {
  let folder = TemporaryFolder()

  private func request(_ code: String) -> EnrolmentRequest {
    var random = SystemRandomNumberGenerator()
    return EnrolmentRequest(
      code: code, device: DeviceID(using: &random), deviceName: "desk",
      secret: [UInt8](repeating: 5, count: 32))
  }

  private func outcome(_ reply: EnrolmentReply) -> RefusalCode? {
    if case .refused(let code, _, _) = reply { code } else { nil }
  }

  @Test func aCodeWorksOnceAndAgainForTheSameDevice() throws {
    let hub = try TestHub(folder: folder)
    defer { hub.stop() }
    _ = try hub.addAgency("school")
    let code = try hub.code(for: "school")
    let first = request(code.lowercased())
    #expect(try outcome(hub.enrol(first)) == nil)
    #expect(try outcome(hub.enrol(first)) == nil)
    #expect(try outcome(hub.enrol(request(code))) == .wrongCode)
    let devices = try hub.operation("devices").arrayValue ?? []
    #expect(devices.count == 1)
    #expect(devices[0]["id"]?.stringValue == first.device.text)
  }

  @Test func fiveWrongTriesCloseACode() throws {
    let hub = try TestHub(folder: folder)
    defer { hub.stop() }
    _ = try hub.addAgency("school")
    let code = try hub.code(for: "school")
    let wrong = code.prefix(5) + "AAAA-AAAA-AAAA"
    for _ in 0..<5 { #expect(try outcome(hub.enrol(request(String(wrong)))) == .wrongCode) }
    #expect(try outcome(hub.enrol(request(code))) == .tooManyTries)
  }

  @Test func aCodeExpires() throws {
    let hub = try TestHub(folder: folder)
    defer { hub.stop() }
    _ = try hub.addAgency("school")
    let codes = try (0..<2).map { _ in try hub.code(for: "school") }
    hub.clock.advance(milliseconds: 60 * 60_000 - 1)
    #expect(try outcome(hub.enrol(request(codes[0]))) == nil)
    hub.clock.advance(milliseconds: 1)
    #expect(try outcome(hub.enrol(request(codes[1]))) == .expiredCode)
  }

  @Test func guessingIsSlowedDown() throws {
    let hub = try TestHub(folder: folder)
    defer { hub.stop() }
    let refused = try (0..<31).map { _ in try outcome(hub.enrol(request("AAAA-AAAA-AAAA-AAAA"))) }
    #expect(refused == Array(repeating: .wrongCode, count: 30) + [.busy])
    hub.clock.advance(milliseconds: 2_000)
    #expect(try outcome(hub.enrol(request("AAAA-AAAA-AAAA-AAAA"))) == .wrongCode)
  }
}
