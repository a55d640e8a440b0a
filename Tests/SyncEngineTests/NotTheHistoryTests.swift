import CaseRecords
import Causality
import ReplicaStore
import SyncEngine
import SyncProtocol
import Testing

/// Rule 2: whoever is newly allowed a compartment gets what stands in it, never what stood there.
@Suite("Not the history")
struct NotTheHistoryTests {
  private let shared: HubExchangeTests.Shared
  private let between = "written while it was withdrawn"

  /// Delivered, withdrawn, purged, written to meanwhile, and granted again.
  init() throws {
    shared = try HubExchangeTests.Shared()
    let (school, visitor) = (shared.school, shared.visitor)
    try visitor.exchange()
    let withdrawal = school.withdrawal(
      [.development], from: .agencies([visitor.agency]), child: shared.child)
    try school.exchange(policy: [withdrawal])
    let order = try #require(try visitor.exchange().revocations.first)
    try visitor.exchange(receipts: [visitor.receipt(for: order)])
    var context = VersionVector([shared.actor: 1])
    for (counter, text) in [(UInt64(2), between), (3, "as it is now")] {
      try school.exchange(changes: [
        (
          shared.compartment,
          school.change(Dot(actor: shared.actor, counter: counter), context: context, text)
        )
      ])
      context = VersionVector([shared.actor: counter])
    }
    try school.exchange(policy: [
      school.grant(
        [.share], [.development], to: [visitor.agency], child: shared.child,
        supersedes: [withdrawal.id])
    ])
  }

  private func contains(_ page: Page, _ text: String) -> Bool {
    page.items.contains { item in
      switch item {
      case .change(_, let change):
        change.writes.contains { AgencyDevice.text($0.value) == text }
      case .snapshot(_, _, let content):
        (try? content.opened()).map { AgencyDevice.texts(of: $0, group: "text").contains(text) }
          ?? false
      case .snapshotPart: false
      }
    }
  }

  /// Sends a list of holdings that says that version 1 is still here.
  private func claim(_ change: (inout ExchangeRequest) -> Void = { _ in }) throws -> ExchangeAnswer
  {
    let visitor = shared.visitor
    var request = visitor.request()
    request.holdings = [
      Holding(compartment: shared.compartment.id, vector: VersionVector([shared.actor: 1]))
    ]
    change(&request)
    request.digest = HoldingsDigest().adding(
      shared.compartment.id, VersionVector([shared.actor: 1]))
    let reply = try shared.world.exchange(request, from: visitor.id)
    guard case .answer(let answer) = reply else { throw Unexpected(reply: "\(reply)") }
    return answer
  }

  @Test("an old copy that still has what was purged is sent the state, and no value between")
  func oldCopy() throws {
    // Before it was told of the new consent, and after.
    for isDelivered in [false, true] {
      let test = try NotTheHistoryTests()
      if isDelivered { try test.shared.visitor.exchange() }
      let answer = try test.claim { request in
        request.incarnation = IncarnationID(high: 77, low: 77)
        request.forkOf = test.shared.visitor.incarnation
        request.token = nil
      }
      #expect(!test.contains(answer.page, test.between))
      #expect(test.contains(answer.page, "as it is now"))
    }
  }

  @Test("a device that claims less than it was sent is sent the state, and no value between")
  func lessThanSent() throws {
    let test = self
    try test.shared.visitor.exchange()
    let answer = try test.claim()
    #expect(!test.contains(answer.page, test.between))
    #expect(test.contains(answer.page, "as it is now"))
  }

  @Test("the same device goes on with changes once it has been sent the state")
  func goesOn() throws {
    let (school, visitor) = (shared.school, shared.visitor)
    try visitor.exchange()
    visitor.vectors[shared.compartment.id] = VersionVector([shared.actor: 1])
    visitor.take(try claim(), for: visitor.request())
    try school.exchange(changes: [
      (
        shared.compartment,
        school.change(
          Dot(actor: shared.actor, counter: 4), context: VersionVector([shared.actor: 3]), "new")
      )
    ])
    let answer = try visitor.exchange()
    #expect(
      answer.page.items.map { item in
        if case .change = item { true } else { false }
      } == [true])
    #expect(visitor.texts(shared.compartment.id) == ["new"])
  }

  @Test("what a device says it holds is on the ledger like what it was sent")
  func ledger() throws {
    let lines = {
      try shared.world.engine.store.ledger(of: shared.child)
        .filter { $0.compartment == shared.compartment.id && $0.untilMilliseconds == nil }
    }
    let before = try lines().count
    _ = try claim { request in
      request.incarnation = IncarnationID(high: 77, low: 77)
      request.forkOf = shared.visitor.incarnation
      request.token = nil
    }
    #expect(try lines().count == before + 1)
  }
}
