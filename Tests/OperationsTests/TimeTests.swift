import Operations
import Testing

@Suite struct ClockTests {
  @Test func `a manual clock moves only when told`() {
    let clock = ManualClock(wallMilliseconds: 1_000, bootMilliseconds: 10)
    clock.advance(milliseconds: 5)
    #expect(clock.wallMilliseconds() == 1_005 && clock.bootMilliseconds() == 15)
    clock.setWall(milliseconds: 1)
    #expect(clock.wallMilliseconds() == 1 && clock.bootMilliseconds() == 15)
    clock.restartMachine()
    #expect(clock.wallMilliseconds() == 1 && clock.bootMilliseconds() == 0)
  }

  @Test func `the system's boot time never goes back`() {
    let clock: any Clock = SystemClock()
    var last = clock.bootMilliseconds()
    for _ in 0..<1_000 {
      let now = clock.bootMilliseconds()
      #expect(now >= last)
      last = now
    }
    // Some day after this was written, in milliseconds and not in seconds.
    #expect(clock.wallMilliseconds() > 1_600_000_000_000)
  }
}

@Suite struct BackoffTests {
  /// Repeatable, and even enough for a table (G. Steele et al., "SplitMix", OOPSLA 2014).
  private struct Repeatable: RandomNumberGenerator {
    var state: UInt64 = 42
    mutating func next() -> UInt64 {
      state &+= 0x9E37_79B9_7F4A_7C15
      var mixed = state
      mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
      mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
      return mixed ^ (mixed >> 31)
    }
  }

  @Test func `the ceiling doubles up to the cap`() {
    var backoff = Backoff()
    var random = Repeatable()
    var ceilings: [Int64] = []
    for _ in 0..<12 {
      ceilings.append(backoff.ceilingMilliseconds)
      let ceiling = backoff.ceilingMilliseconds
      #expect((0...ceiling).contains(backoff.failed(using: &random)))
    }
    #expect(
      ceilings == [
        1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 64_000, 128_000, 256_000, 300_000, 300_000,
        300_000,
      ])
    #expect(backoff.failures == 12)
    backoff.succeeded()
    #expect(backoff.ceilingMilliseconds == 1_000)
  }

  @Test func `the jitter covers all from zero to the ceiling`() {
    var random = Repeatable()
    var seen: Set<Int64> = []
    for _ in 0..<1_000 {
      var backoff = Backoff(baseMilliseconds: 3, capMilliseconds: 3)
      seen.insert(backoff.failed(using: &random))
    }
    #expect(seen == [0, 1, 2, 3])
  }

  @Test func `no cap overflows`() {
    var backoff = Backoff(baseMilliseconds: 1, capMilliseconds: .max)
    var random = Repeatable()
    for _ in 0..<100 { _ = backoff.failed(using: &random) }
    #expect(backoff.ceilingMilliseconds == .max)
  }
}
