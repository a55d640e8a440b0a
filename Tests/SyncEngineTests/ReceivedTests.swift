import CaseRecords
import Causality
import ReplicaStore
import SQLite
import SyncEngine
import SyncProtocol
import Testing

@Suite("Whether others have received it")
struct ReceivedTests {
  /// The next request of a device as its daemon makes it when there is nothing to do.
  private func poll(_ device: AgencyDevice) throws -> (ExchangeRequest, ExchangeAnswer) {
    try device.engine.watchSome()
    let request = try device.engine.nextRequest(now: device.world.now, waitMilliseconds: 55_000)
    let reply = try device.world.exchange(request, from: device.id)
    guard case .answer(let answer) = reply else { throw Unexpected(reply: "\(reply)") }
    _ = try device.engine.received(reply, to: request, now: device.world.now)
    return (request, answer)
  }

  @Test("a poll learns it as soon as the other's poll has shown that the reply arrived")
  func polls() throws {
    let shared = try SharedChild()
    let id = shared.compartment.id
    let school = shared.school
    try school.save("news", in: shared.compartment)
    try school.sync()
    // At the hub, and there is nobody yet who has it: the poll waits.
    let (request, answer) = try poll(school)
    #expect(request.waitMilliseconds == 55_000 && request.askReceived.contains(id))
    #expect(answer.received.isEmpty && answer.token == nil)
    #expect(try school.engine.status(of: id, now: school.world.now) == .heldByHub)
    // Sent is not received: its reply may be lost.
    let sent = try shared.visitor.engine.nextRequest(now: school.world.now)
    let reply = try school.world.exchange(sent, from: shared.visitor.id)
    #expect(try poll(school).1.received.isEmpty)
    // The author of what has arrived is woken, and told.
    _ = try shared.visitor.engine.received(reply, to: sent, now: school.world.now)
    _ = school.world.engine.takeTouched()
    _ = try poll(shared.visitor)
    #expect(!school.world.engine.takeTouched().isEmpty)
    #expect(try poll(school).1.received.map(\.compartment) == [id])
    #expect(try school.engine.status(of: id, now: school.world.now) == .receivedByOthers)
    // Told once: the next poll asks about it no more, and nobody is woken again.
    _ = try poll(shared.visitor)
    #expect(school.world.engine.takeTouched().isEmpty)
    #expect(try !poll(school).0.askReceived.contains(id))
    #expect(try school.digestMatchesHoldings && shared.visitor.digestMatchesHoldings)
  }

  @Test("polls ask about few, the newest first, and about all in turn; they write nothing")
  func turns() throws {
    let school = try AgencyDevice(HubWorld(), of: "School")
    var ids: [CompartmentID] = []
    for number in 0..<11 {
      let compartment = school.compartment(.index, child: ChildID(using: &school.world.random))
      try school.save("child \(number)", in: compartment)
      ids.append(compartment.id)
    }
    try school.sync()
    _ = try poll(school)
    let hub = school.world.engine.store.database.totalChanges
    let device = school.engine.store.database.totalChanges
    var asked: Set<CompartmentID> = []
    for _ in 0..<8 {
      let (request, answer) = try poll(school)
      #expect((2...4).contains(request.askReceived.count))
      #expect(Set(request.askReceived).count == request.askReceived.count)
      #expect(request.askReceived.contains(ids[10]) && request.askReceived.contains(ids[9]))
      asked.formUnion(request.askReceived)
      let bytes =
        request.encoded().count + ExchangeReply.answer(answer).encoded().count
      #expect(bytes < 300, "an idle poll that asks costs \(bytes) bytes")
    }
    #expect(asked.isSuperset(of: ids))
    #expect(school.world.engine.store.database.totalChanges == hub)
    #expect(school.engine.store.database.totalChanges == device)
    // Who wants to know now asks about all.
    try school.engine.watchAll()
    let request = try school.engine.nextRequest(now: school.world.now)
    #expect(Set(request.askReceived).isSuperset(of: ids))
  }

  @Test("locked it asks nothing")
  func locked() throws {
    let shared = try SharedChild()
    try shared.school.save("news", in: shared.compartment)
    try shared.school.sync()
    shared.school.engine.lock()
    #expect(try poll(shared.school).0.askReceived.isEmpty)
    try shared.school.engine.watchAll()
    #expect(
      try shared.school.engine.nextRequest(now: shared.world.now).askReceived.isEmpty)
  }
}
