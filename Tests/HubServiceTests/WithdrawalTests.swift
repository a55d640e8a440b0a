import HTTPTransport
import Operations
import SyncProtocol
import Testing

@testable import HubService

@Suite struct WithdrawalTests {
  let folder = TemporaryFolder()

  @Test func escalationGoesByAgeAndByContact() {
    let day = PurgeEscalation.day
    let now = 100 * day
    let table: [(ordered: UInt64, contact: UInt64?, level: PurgeEscalation)] = [
      (now, now, .inTime), (now - day + 1, now - 2 * day, .inTime),
      (now - day, now - 2 * day, .late), (now - 7 * day + 1, now - 8 * day, .late),
      // It was told.
      (now - day, now - 1, .call), (now - day + 1, now - 1, .inTime),
      (now - 7 * day, now - 8 * day, .call), (now - 29 * day, now - 30 * day + 1, .call),
      (now - 29 * day, now - 30 * day, .pastLease), (now - 1, now - 30 * day, .pastLease),
      (now - day, nil, .pastLease), (now + 5, now, .inTime),
    ]
    for row in table {
      let level = PurgeEscalation(
        ordered: row.ordered, lastContact: row.contact, leaseDays: 30, now: now)
      #expect(level == row.level, "\(row)")
    }
  }

  @Test func aLockedAgreementIsOnTheBoardUntilEachDeviceHasConfirmed() throws {
    let hub = try TestHub(folder: folder)
    defer { hub.stop() }
    _ = try hub.addAgency("school")
    let device = try hub.device(of: "school")
    // Something that every agency may read.
    _ = try hub.operation(
      "agency-add", ["name": "housing", "sector": "housing", "locality": "batley"])
    let first = hub.poll(device, waitMilliseconds: 0)
    try hub.settle()
    guard case .answer(let given)? = try first.reply() else { throw Missing.answer }
    #expect(given.page.items.count == 1)
    hub.clock.advance(milliseconds: 1)
    _ = try hub.operation("agreement-lock", ["agency": "school", "yes": true])

    let entry = try #require(try open(hub).first)
    #expect(entry["kind"] == "agreement lock" && entry["isOpen"] == true && entry["level"] == 0)
    #expect(entry["compartments"] == 1 && entry["categories"] == ["directory"])
    #expect(entry["policy"]?.stringValue?.count == 32 && entry["child"] == .null)
    let waiting = try #require(entry["devices"]?.arrayValue?.first)
    #expect(waiting["agency"] == "school" && waiting["device"] == "desk")
    #expect(waiting["waiting"] == 1 && waiting["confirmed"] == 0)
    for (days, level) in [(1, 1), (6, 2), (23, 3)] as [(Int64, JSON)] {
      hub.clock.advance(milliseconds: days * 86_400_000)
      #expect(try open(hub).first?["level"] == level)
    }

    let revocation = try #require(try askAgain(hub, device, after: given).revocations.first)
    let receipt = PurgeReceipt(
      compartment: revocation.compartment, certificate: revocation.certificate,
      proof: [UInt8](repeating: 1, count: 32))
    _ = try askAgain(hub, device, after: given, receipts: [receipt])
    #expect(try open(hub).isEmpty)
    let done = try #require(try hub.operation("withdrawals")["withdrawals"]?.arrayValue?.first)
    #expect(done["isOpen"] == false && done["devicesConfirmed"] == 1 && done["level"] == .null)
    let confirmed = done["devices"]?.arrayValue?.first
    #expect(confirmed?["confirmed"] == 1 && confirmed?["ends"] == .null)
    #expect(
      confirmed?["confirmedMilliseconds"]?.unsignedValue == UInt64(hub.clock.wallMilliseconds()))
  }

  @Test func aListIsBoundedAndSaysHowItGoesOn() throws {
    let hub = try TestHub(folder: folder)
    defer { hub.stop() }
    for (arguments, isGood) in [
      (["limit": 0], false), (["limit": 501], false), (["limit": "many"], false),
      (["before": 0], false), (["limit": 500], true), (["before": 1], true), ([:], true),
    ] as [(JSON, Bool)] {
      if isGood {
        let answer = try hub.operation("withdrawals", arguments)
        #expect(answer["leftOut"] == 0 && answer["next"] == .null)
      } else {
        #expect {
          _ = try hub.operation("withdrawals", arguments)
        } throws: { ($0 as? LocalFailure)?.exit == .usage }
      }
    }
  }

  private func open(_ hub: TestHub) throws -> [JSON] {
    try hub.operation("withdrawals", ["open": true])["withdrawals"]?.arrayValue ?? []
  }

  private func askAgain(
    _ hub: TestHub, _ device: TestDevice, after given: ExchangeAnswer,
    receipts: [PurgeReceipt] = []
  ) throws -> ExchangeAnswer {
    var digest = HoldingsDigest()
    for case .snapshot(let id, let vector, _) in given.page.items {
      digest = digest.adding(id, vector)
    }
    var request = ExchangeRequest(
      epoch: given.epoch, incarnation: device.incarnation, token: given.token, digest: digest,
      policySeen: 0, wallMilliseconds: 0)
    request.purgeReceipts = receipts
    let sent = hub.exchange(request, as: device)
    try hub.settle()
    guard case .answer(let answer)? = try sent.reply() else { throw Missing.answer }
    return answer
  }

  private enum Missing: Error { case answer }
}
