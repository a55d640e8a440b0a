import CaseRecords
import Causality
import ReplicaStore
import SQLite
import SyncEngine
import SyncProtocol
import Testing

@Suite("A line that is cut")
struct CutLineTests {
  /// Two agencies, one shared compartment, work on both sides.
  struct Case {
    let world: HubWorld
    let school: WiredReplica
    let visitor: WiredReplica
    let child: ChildID
    let compartment: Compartment

    init() throws {
      world = try HubWorld()
      school = try WiredReplica(world: world, agency: "School")
      visitor = try WiredReplica(world: world, agency: "Health visitor")
      child = ChildID(using: &world.random)
      compartment = school.compartment(.development, child: child)
      try school.grant([.store], [.development], to: [.hub], child: child)
      try school.grant(
        [.share], [.development], to: [visitor.engine.identity.agency], child: child)
      try school.write("one", in: compartment)
    }

    func work() throws {
      try school.write("two", in: compartment, group: "other")
      if try visitor.store.compartment(compartment.id) != nil {
        try visitor.engine.store.compartment(compartment.id).map { stored in
          _ = try visitor.write("three", in: stored.compartment, group: "third")
        }
      }
    }

    func finish() throws {
      for _ in 0..<3 {
        try school.settle()
        try visitor.settle()
      }
    }

    func check(_ note: String) throws {
      for replica in [school, visitor] {
        #expect(try replica.texts(compartment.id) == ["one"], "\(note) \(replica.name)")
        #expect(try replica.texts(compartment.id, group: "other") == ["two"], "\(note)")
        #expect(try replica.texts(compartment.id, group: "third") == ["three"], "\(note)")
        #expect(try replica.engine.store.outboxCount() == 0, "\(note)")
      }
      let hub = try #require(try world.engine.store.compartment(compartment.id))
      for replica in [school, visitor] {
        let mine = try #require(try replica.store.compartment(compartment.id))
        #expect(mine.vector == hub.vector, "\(note)")
        #expect(
          try replica.store.content(of: mine) == world.engine.store.content(of: hub), "\(note)")
      }
      // One change, one dot: nothing came in twice.
      #expect(hub.vector.sortedEntries.map(\.counter).reduce(0, +) == 3, "\(note)")
    }
  }

  /// A session of six exchanges, the `index`-th of which meets the fault.
  private func session(cutting index: Int, _ fault: Fault) throws -> (Case, Int, Int) {
    let sample = try Case()
    var sizes = (0, 0)
    var number = 0
    func step(_ replica: WiredReplica) throws {
      try replica.exchange(number == index ? fault : .none)
      if number == index { sizes = (replica.lastRequestBytes, replica.lastReplyBytes) }
      number += 1
    }
    try step(sample.school)
    try step(sample.visitor)
    // The visitor cannot write before it holds anything: a cut may have kept it from that.
    if try sample.visitor.store.compartment(sample.compartment.id) == nil {
      try sample.visitor.settle()
      try sample.school.settle()
      try sample.visitor.settle()
    }
    try sample.work()
    try step(sample.school)
    try step(sample.visitor)
    try step(sample.school)
    try step(sample.visitor)
    return (sample, sizes.0, sizes.1)
  }

  @Test("cut at every byte offset of a recorded session, it converges: nothing lost, nothing twice")
  func everyOffset() throws {
    var cuts = 0
    for index in 0..<6 {
      let (whole, requestBytes, replyBytes) = try session(cutting: index, .none)
      try whole.finish()
      try whole.check("uncut")
      for offset in stride(from: 0, to: requestBytes, by: CutLineTests.step) {
        let (sample, _, _) = try session(cutting: index, .requestCut(offset))
        try sample.finish()
        try sample.check("request \(index) cut at \(offset)")
        cuts += 1
      }
      for offset in stride(from: 0, to: replyBytes, by: CutLineTests.step) {
        let (sample, _, _) = try session(cutting: index, .replyCut(offset))
        try sample.finish()
        try sample.check("reply \(index) cut at \(offset)")
        cuts += 1
      }
    }
    #expect(cuts > 100)
  }

  /// `make soak` takes every offset, `make test` a tenth of them.
  static let step = soaks ? 1 : 11

  @Test("killed after any exchange and started again, it goes on")
  func restarts() throws {
    for index in 0..<6 {
      let (sample, _, _) = try session(cutting: index, .replyCut(0))
      try sample.school.restart()
      try sample.visitor.restart()
      try sample.finish()
      try sample.check("restarted after \(index)")
    }
  }

  @Test("idle, an exchange is one round trip, under 300 bytes, and writes nothing on either side")
  func idle() throws {
    let (sample, _, _) = try session(cutting: -1, .none)
    try sample.finish()
    let stores = [sample.school.store, sample.visitor.store, sample.world.engine.store]
    let before = stores.map(\.database.totalChanges)
    for replica in [sample.school, sample.visitor] {
      try replica.exchange()
      #expect(replica.lastRequestBytes + replica.lastReplyBytes < 300)
    }
    #expect(stores.map(\.database.totalChanges) == before)
  }
}
