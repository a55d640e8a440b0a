import CaseRecords
import Causality
import HTTPTransport
import Operations
import ReplicaStore
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
    #expect(reached["bytes"]?.integerValue ?? 0 > 0 && reached["exchanges"] == 3)
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
    #expect(device?["doneInMilliseconds"] == .null, "nothing was measured on its line")
    #expect(device?["when"]?.stringValue?.hasPrefix("silent for 3 days; as a week ago") == true)
    #expect(asked["time"]?["longestSilenceMilliseconds"] == 259_200_000)
    #expect(asked["time"]?["devicesUnknown"] == 1)
    hub.clock.advance(milliseconds: 5 * 86_400_000)
    let later = try hub.operation("blast-radius", ["of": "agreement", "agency": "school"])
    let silent = later["devices"]?.arrayValue?.first
    #expect(silent?["nextContactMilliseconds"] == .null)
    #expect(
      silent?["when"]?.stringValue?.hasPrefix("silent for 8 days: nothing shows when") == true)
  }

  /// By hand: ten round trips took 4 s and 10,000 bytes, so 400 ms each, and 0.4 ms a byte. The
  /// order and the receipt of one compartment are 96 bytes in two trips: 800 ms by their number, 38
  /// by their bytes. The device was there in the hour of 16:00 on 24 November; two days later, at
  /// 16:00, that hour comes again in five days.
  @Test func howLongItTakesFollowsFromTheLastSevenDays() throws {
    var hub = try TestHub(folder: folder)
    _ = try district(hub, unsent: 0)
    let clock = hub.clock
    hub.stop()
    let files = HubFolder(path: folder.path)
    let store = try ReplicaStore(folder: folder.path, role: .hub, master: files.masterKey())
    let changeBytes = try #require(try store.meanChangeBytes())
    var tally = LinkTally()
    tally.exchanges = 20
    (tally.roundTrips, tally.roundTripMilliseconds, tally.roundTripBytes) = (10, 4_000, 10_000)
    try store.add(tally, toHour: 490_000, of: 1)
    store.close()
    hub = try TestHub(folder: folder, clock: clock, isNew: false)
    func ask() throws -> (device: JSON, time: JSON) {
      let asked = try hub.operation("blast-radius", ["of": "agreement", "agency": "school"])
      return (asked["devices"]?.arrayValue?.first ?? .null, asked["time"] ?? .null)
    }
    let now = try ask()
    #expect(now.device["compartments"] == 1 && now.device["exchanges"] == 2)
    #expect(now.device["bytesToMove"] == 96)
    #expect(now.device["transferMilliseconds"] == 800 && now.time["doneInMilliseconds"] == 800)
    #expect(now.device["when"] == "in contact: at once; it takes less than a minute")
    clock.advance(milliseconds: 2 * 86_400_000)
    let later = try ask()
    #expect(later.device["nextContactMilliseconds"] == .count((490_000 + 168) * 3_600_000))
    #expect(later.time["doneInMilliseconds"] == .count(5 * 86_400_000 + 800))
    #expect(
      later.device["when"]?.stringValue
        == "silent for 2 days; as a week ago it would come in 5 days; "
        + "then it takes less than a minute")
    hub.stop()

    // A hundred changes that are unsent: their bytes take longer than their two trips and one.
    let second = TemporaryFolder()
    hub = try TestHub(folder: second)
    defer { hub.stop() }
    _ = try district(hub, unsent: 100)
    let unsent = try ask().device
    #expect(unsent["bytesToMove"] == .count(96 + 100 * changeBytes) && unsent["exchanges"] == 3)
    #expect(unsent["transferMilliseconds"] == .null)
  }

  @Test func aForecastIsOfWhatWasMeasured() {
    let hour: UInt64 = 490_000
    let now = hour * 3_600_000 + 1_800_000
    func tally(_ change: (inout LinkTally) -> Void) -> LinkTally {
      var tally = LinkTally()
      change(&tally)
      return tally
    }
    // Ten round trips took two seconds and 100,000 bytes: 200 ms each, 20 µs a byte.
    let measured = LineForecast(
      hours: [
        hour - 100: tally { ($0.exchanges, $0.roundTrips) = (12, 10) },
        hour - 167: tally {
          ($0.exchanges, $0.roundTripMilliseconds, $0.roundTripBytes) = (1, 2_000, 100_000)
        },
        // It was there, though nothing passed.
        hour - 20: LinkTally(),
      ], now: now)
    let table: [(trips: Int, bytes: Int, milliseconds: UInt64)] = [
      (3, 1_000, 600), (3, 30_000, 600), (3, 30_001, 601), (1, 1_000_000, 20_000), (0, 0, 0),
    ]
    for row in table {
      #expect(
        measured.milliseconds(roundTrips: row.trips, bytes: row.bytes) == row.milliseconds,
        "\(row)")
    }
    // The hour 167 ago comes again in the next one, half an hour from now.
    #expect(measured.nextContactMilliseconds == now + 1_800_000)
    let seen = LineForecast(hours: [hour: tally { $0.exchanges = 1 }], now: now)
    #expect(seen.nextContactMilliseconds == (hour + 168) * 3_600_000)
    #expect(seen.milliseconds(roundTrips: 1, bytes: 1) == nil)
    let never = LineForecast(hours: [:], now: now)
    #expect(never.nextContactMilliseconds == nil)
  }

  @Test func whatADeviceSaysOfItselfIsCountedOnlySoFar() throws {
    let hub = try TestHub(folder: folder)
    defer { hub.stop() }
    func bytesToMove() throws -> JSON? {
      try hub.operation("blast-radius", ["of": "agreement", "agency": "school"])["devices"]?
        .arrayValue?.first?["bytesToMove"]
    }
    let device = try district(hub, unsent: 0)
    let without = try #require(try bytesToMove()?.integerValue)
    func say(_ unsent: UInt64) throws -> Int64 {
      var request = ExchangeRequest(
        epoch: 0, incarnation: device.incarnation, token: nil, digest: HoldingsDigest(),
        policySeen: 0, wallMilliseconds: 0)
      (request.unsentCount, request.pageBytes) = (unsent, 1)
      _ = hub.exchange(request, as: device)
      try hub.settle()
      return try #require(try bytesToMove()?.integerValue) - without
    }
    let change = try say(1)
    let most = Int64(HubBlastRadius.unsentMax)
    #expect(try say(HubBlastRadius.unsentMax) == most * change)
    #expect(try say(HubBlastRadius.unsentMax + 1) == most * change)
    #expect(try say(SyncLimits.integerMax) == most * change)

    var slowest = LinkTally()
    (slowest.roundTrips, slowest.roundTripMilliseconds, slowest.roundTripBytes) = (1, 60_000, 1)
    let line = LineForecast(hours: [1: slowest], now: 3_600_000)
    #expect(line.milliseconds(roundTrips: .max, bytes: .max) == 31_557_600_000_000)
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

  /// A school whose device holds what every agency may read, with some changes unsent.
  private func district(_ hub: TestHub, unsent: UInt64 = 7) throws -> TestDevice {
    _ = try hub.addAgency("school")
    let device = try hub.device(of: "school")
    _ = try hub.operation(
      "agency-add", ["name": "housing", "sector": "housing", "locality": "batley"])
    var request = ExchangeRequest(
      epoch: 0, incarnation: device.incarnation, token: nil, digest: HoldingsDigest(),
      policySeen: 0, wallMilliseconds: 0)
    request.unsentCount = unsent
    _ = hub.exchange(request, as: device)
    try hub.settle()
    return device
  }
}
