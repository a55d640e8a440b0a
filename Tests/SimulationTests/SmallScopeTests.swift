import Testing

@testable import Simulation

@Suite("Every order of a few events")
struct SmallScopeTests {
  @Test("each is one history, the short ones first, and none comes twice")
  func enumeration() {
    let scope = SmallScope(length: 3, kinds: 9)
    #expect(scope.count == 9 + 81 + 729)
    let histories = (0..<scope.count).compactMap { scope.history($0) }
    #expect(Set(histories).count == histories.count)
    let lengths = histories.map { $0.count - SmallScope.beginning.count }
    #expect(lengths == lengths.sorted() && Set(lengths) == [1, 2, 3])
  }

  @Test("what is left out is another one with two events exchanged, or has one that does nothing")
  func leftOut() throws {
    let scope = SmallScope(length: 4, kinds: 4)
    let played = Set((0..<scope.count).compactMap { scope.history($0) })
    #expect(played.count < scope.count)
    // None of the first four kinds does nothing: two writes and two exchanges, of which only the
    // writes, and each with the other device's exchange, can be exchanged.
    func devices(_ event: SimulationEvent) -> (Int, isWrite: Bool) {
      switch event {
      case .write(let device, _, _, _, _): (device, true)
      case .exchange(let device, _): (device, false)
      default: (0, false)
      }
    }
    let all = SmallScope(length: 1, kinds: 4)
    let kinds = (0..<4).compactMap { all.history($0)?.last }
    try #require(kinds.count == 4)
    for first in kinds {
      for second in kinds {
        let (one, other) = (devices(first), devices(second))
        let areApart = one.0 != other.0 && (one.isWrite || other.isWrite)
        let orders = [[first, second], [second, first]].filter {
          played.contains(SmallScope.beginning + $0)
        }
        #expect(orders.count == (areApart ? 1 : 2), "\(first) \(second)")
      }
    }
  }

  @Test("holds for every order of two events of every kind")
  func two() throws {
    let scope = SmallScope(length: 2, kinds: SmallScope.kindsMax)
    let report = try Campaign.run(
      Campaign.Options(.every(scope), firstSeed: 0, seeds: scope.count, jobs: 2)
    ) {
      !$0.failures.isEmpty
    } note: { _ in
    }
    #expect(report.failures.map { "\($0.seed): \($0.failure) \($0.history)" } == [])
    #expect(report.seedsRun == scope.count && report.played > 200)
  }
}
