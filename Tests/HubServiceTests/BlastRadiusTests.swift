import CaseRecords
import Causality
import HTTPTransport
import Operations
import SyncProtocol
import Testing

@testable import HubService

@Suite struct BlastRadiusTests {
  let folder = TemporaryFolder()

  @Test func whatALockWouldReachIsShownFirstAndNothingIsDone() throws {
    let hub = try TestHub(folder: folder)
    defer { hub.stop() }
    let device = try district(hub)
    let asked = try hub.operation("blast-radius", ["of": "agreement", "agency": "school"])
    #expect(asked["compartments"] == 1 && asked["deviceCount"] == 1 && asked["unsent"] == 7)
    #expect(asked["categories"] == ["directory"] && asked["hubCopies"] == 0)
    let reached = try #require(asked["devices"]?.arrayValue?.first)
    #expect(reached["id"] == .string(device.id.text) && reached["isInContact"] == true)
    #expect(reached["bytes"]?.integerValue ?? 0 > 0 && reached["exchanges"] == 2)
    #expect {
      _ = try hub.operation("agreement-lock", ["agency": "school"])
    } throws: { error in
      let failure = error as? LocalFailure
      return failure?.exit == .conflict && failure?.details == asked
        && failure?.description.contains("1 device would have to destroy what it holds") == true
    }
    #expect(try hub.operation("agencies").arrayValue?.first?["agreementLocked"] == false)
    #expect(try hub.operation("withdrawals")["withdrawals"] == [])
    // The forecast is what then happens.
    let locked = try hub.operation("agreement-lock", ["agency": "school", "yes": true])
    #expect(locked["radius"] == asked)
    let order = try #require(try hub.operation("withdrawals")["withdrawals"]?.arrayValue?.first)
    #expect(order["compartments"] == 1 && order["devicesWaiting"] == 1)
    let after = try hub.operation("blast-radius", ["of": "agreement", "agency": "school"])
    #expect(after["compartments"] == 0 && after["deviceCount"] == 0)
  }

  @Test func whoIsAwayIsSaidToBeToldLater() throws {
    let hub = try TestHub(folder: folder)
    defer { hub.stop() }
    _ = try district(hub)
    hub.clock.advance(milliseconds: 3 * 86_400_000)
    let asked = try hub.operation("blast-radius", ["of": "agreement", "agency": "school"])
    let device = asked["devices"]?.arrayValue?.first
    #expect(device?["isInContact"] == false)
    #expect(device?["when"] == "at its next contact; silent for 3 days")
    #expect(asked["time"]?["longestSilenceMilliseconds"] == 259_200_000)
  }

  @Test func aRemovedAgencyIsLockedAndItsDevicesRevoked() throws {
    let hub = try TestHub(folder: folder)
    defer { hub.stop() }
    let device = try district(hub)
    #expect(throws: LocalFailure.self) { try hub.operation("agency-remove", ["agency": "school"]) }
    let before = try hub.operation("devices").arrayValue?.first
    #expect(before?["revokedMilliseconds"] == .null)
    let done = try hub.operation("agency-remove", ["agency": "school", "yes": true])
    #expect(done["devicesRevoked"] == 1 && done["radius"]?["compartments"] == 1)
    let listed = try hub.operation("devices").arrayValue?.first {
      $0["id"] == .string(device.id.text)
    }
    #expect(listed?["revokedMilliseconds"]?.unsignedValue != nil)
    #expect(try hub.operation("agencies").arrayValue?.first?["agreementLocked"] == true)
    #expect {
      _ = try hub.operation("agency-remove", ["agency": "school", "yes": true])
    } throws: { ($0 as? LocalFailure)?.exit == .conflict }
    #expect(try hub.operation("audit-verify")["whole"] == true)
  }

  @Test func wrongQuestionsAreRefused() throws {
    let hub = try TestHub(folder: folder)
    defer { hub.stop() }
    _ = try hub.addAgency("school")
    let child = JSON.string(ChildID(high: 1, low: 1).text)
    for (arguments, exit) in [
      ([:], .usage), (["of": "everything"], .usage), (["of": "agreement"], .usage),
      (["of": "agreement", "agency": "nobody"], .failure), (["of": "consent"], .usage),
      (["of": "consent", "child": child, "categories": ["private"]], .usage),
      (["of": "consent", "child": child, "agency": "nobody"], .failure),
      (["of": "erasure", "child": "x"], .usage),
    ] as [(JSON, ExitCode)] {
      #expect {
        _ = try hub.operation("blast-radius", arguments)
      } throws: { ($0 as? LocalFailure)?.exit == exit }
    }
    let nothing = try hub.operation("blast-radius", ["of": "consent", "child": child])
    #expect(nothing["compartments"] == 0 && nothing["deviceCount"] == 0)
  }

  /// A school whose device holds what every agency may read, with seven changes unsent.
  private func district(_ hub: TestHub) throws -> TestDevice {
    _ = try hub.addAgency("school")
    let device = try hub.device(of: "school")
    _ = try hub.operation(
      "agency-add", ["name": "housing", "sector": "housing", "locality": "batley"])
    var request = ExchangeRequest(
      epoch: 0, incarnation: device.incarnation, token: nil, digest: HoldingsDigest(),
      policySeen: 0, wallMilliseconds: 0)
    request.unsentCount = 7
    _ = hub.exchange(request, as: device)
    try hub.settle()
    return device
  }
}
