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

@Suite("Times as people say them") struct TimeWordsTests {
  @Test("a span is said in the largest unit of which there are two")
  func spans() {
    let minute: UInt64 = 60_000
    let table: [(UInt64, String)] = [
      (0, "less than a minute"), (minute - 1, "less than a minute"), (minute, "1 minute"),
      (119 * minute, "119 minutes"), (120 * minute - 1, "119 minutes"), (120 * minute, "2 hours"),
      (48 * 60 * minute - 1, "47 hours"), (48 * 60 * minute, "2 days"),
      (3 * 86_400_000 + 5, "3 days"),
    ]
    for (milliseconds, words) in table { #expect(Words.span(milliseconds) == words) }
  }

  @Test("one is one, and all others are many")
  func counts() {
    #expect(Words.count(1, "change") == "1 change" && Words.count(0, "change") == "0 changes")
    #expect(Words.count(1, "copy", "copies") == "1 copy")
    #expect(Words.count(12 as UInt64, "copy", "copies") == "12 copies")
  }

  @Test("a moment is said in UTC, as exactly as it has to be")
  func moments() {
    let moment: UInt64 = 1_763_975_107_045
    #expect(Moment.text(moment) == "2025-11-24 09:05 UTC")
    #expect(Moment.minute(moment) == "2025-11-24 09:05")
    #expect(Moment.second(moment) == "2025-11-24 09:05:07Z")
    #expect(Moment.rfc3339(Int64(moment)) == "2025-11-24T09:05:07.045Z")
    #expect(Moment.stamp(moment) == "20251124T090507.045Z")
    #expect(Moment.text(0) == "1970-01-01 00:00 UTC")
    #expect(Moment.rfc3339(-1) == "1969-12-31T23:59:59.999Z")
    #expect(Moment.rfc3339(.min) == "0001-01-01T00:00:00.000Z")
    #expect(Moment.text(.max) == "9999-12-31 23:59 UTC")
  }
}
