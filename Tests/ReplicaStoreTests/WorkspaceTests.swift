import CaseRecords
import Causality
import ReplicaStore
import SyncProtocol
import Testing

@Suite("A workspace")
struct WorkspaceTests {
  @Test("applies only the next change of an actor, and writes only what has changed")
  func applies() throws {
    let store = try StoreFolder().open()
    let (one, two) = (StoreFolder.compartment(1), StoreFolder.compartment(2))
    try store.fill(one, [StoreFolder.change("a")])
    try store.fill(two, [StoreFolder.change("b")])
    try store.transaction {
      let workspace = Workspace(store: store)
      _ = try workspace.entry(two.id)
      #expect(
        try workspace.update(one.id) { $0.apply(StoreFolder.change("c", counter: 3)) } == false)
      #expect(workspace.dirty.isEmpty)
      #expect(
        try workspace.update(one.id) { $0.apply(StoreFolder.change("c", counter: 2)) } == true)
      #expect(workspace.dirty == [one.id])
      try workspace.flush()
      #expect(workspace.dirty.isEmpty)
      #expect(try workspace.update(CompartmentID(high: 0, low: 0)) { _ in true } == nil)
    }
    let stored = try #require(try store.compartment(one.id))
    #expect(stored.vector == VersionVector([Actor(rawValue: 5): 2]))
    #expect(
      try store.content(of: stored).records[StoreFolder.record]?.groups.keys.sorted()
        == ["g1", "g2"])
  }

  @Test("joins, replaces and aliases as the registers do")
  func states() throws {
    let store = try StoreFolder().open()
    let compartment = StoreFolder.compartment(1)
    try store.fill(compartment, [StoreFolder.change("a")])
    var theirs = CompartmentContent()
    theirs.apply(StoreFolder.change("b", counter: 1, actor: 6))
    let vector = VersionVector([Actor(rawValue: 6): 1])
    try store.transaction {
      let workspace = Workspace(store: store)
      _ = try workspace.update(compartment.id) { $0.join(theirs, vector: vector) }
      let joined = try #require(try workspace.entry(compartment.id))
      #expect(joined.stored.vector.count == 2)
      let register = joined.content.records[StoreFolder.record]?.groups["g1"]
      #expect(register?.siblings.count == 2)
      let (mine, other) = (
        Dot(actor: Actor(rawValue: 5), counter: 1), Dot(actor: Actor(rawValue: 6), counter: 1)
      )
      _ = try workspace.update(compartment.id) { $0.alias(mine, of: other) }
      let aliased = try workspace.entry(compartment.id)?.content.records[StoreFolder.record]
      #expect(aliased?.groups["g1"]?.siblings.map(\.dots) == [[mine, other]])
      _ = try workspace.update(compartment.id) { $0.replace(content: theirs, vector: vector) }
      try workspace.flush()
    }
    let stored = try #require(try store.compartment(compartment.id))
    #expect(stored.vector == vector)
    #expect(try store.content(of: stored) == theirs)
  }
}
