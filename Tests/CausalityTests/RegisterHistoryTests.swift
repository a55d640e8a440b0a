import Causality
import Testing

/// The laws of the register, on every state of simulated histories.
@Suite struct RegisterHistoryTests {
  /// Runs the body on 60 histories of three or four replicas.
  func withHistories(
    _ body: (SimulatedHistory, inout SeededGenerator, _ seed: UInt64) -> Void
  ) {
    for seed: UInt64 in 1...60 {
      var generator = SeededGenerator(state: seed)
      let history = SimulatedHistory(
        replicaCount: 3 + Int(seed % 2), steps: 40, using: &generator)
      body(history, &generator, seed)
    }
  }

  @Test func siblingsAreTheMaximalWrites() {
    var statesInConflict = 0
    var statesWithAlias = 0
    withHistories { history, _, seed in
      for state in history.states {
        #expect(
          state.register == history.maximalWrites(under: state.vector), "seed \(seed)")
        if state.register.isInConflict { statesInConflict += 1 }
        if state.register.siblings.contains(where: { $0.dots.count > 1 }) { statesWithAlias += 1 }
      }
    }
    // The histories reach what they are meant to reach.
    #expect(statesInConflict > 100)
    #expect(statesWithAlias > 100)
  }

  @Test func joinEqualsReplayAndCommutes() {
    var concurrentPairs = 0
    withHistories { history, generator, seed in
      let states = history.states.shuffled(using: &generator).prefix(9)
      for left in states {
        for right in states {
          let join = left.joined(with: right)
          #expect(join == right.joined(with: left), "seed \(seed)")
          #expect(
            join == history.replayed(under: join.vector, using: &generator), "seed \(seed)")
          #expect(
            join.register == history.maximalWrites(under: join.vector), "seed \(seed)")
          if left.vector.compared(to: right.vector) == .concurrent { concurrentPairs += 1 }
        }
      }
    }
    #expect(concurrentPairs > 500)
  }

  @Test func joinIsIdempotentAbsorbingAndAssociative() {
    withHistories { history, generator, seed in
      let states = history.states.shuffled(using: &generator).prefix(6)
      for first in states {
        #expect(first.joined(with: first) == first, "seed \(seed)")
        #expect(first.joined(with: SimulatedState()) == first, "seed \(seed)")
        for second in states {
          let join = first.joined(with: second)
          #expect(join.joined(with: first) == join, "seed \(seed)")
          for third in states {
            #expect(
              join.joined(with: third) == first.joined(with: second.joined(with: third)),
              "seed \(seed)")
          }
        }
      }
    }
  }
}
