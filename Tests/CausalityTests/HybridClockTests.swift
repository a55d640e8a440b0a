import Causality
import Testing

@Suite struct HybridClockTests {
  enum Event {
    case tick(wall: UInt64)
    case observe(HybridTime, wall: UInt64)
  }

  func time(_ milliseconds: UInt64, _ logical: UInt16 = 0) -> HybridTime {
    HybridTime(milliseconds: milliseconds, logical: logical)
  }

  @Test func theClockFollowsTheTable() {
    let table: [(String, [(Event, HybridTime)])] = [
      ("the wall leads", [(.tick(wall: 10), time(10)), (.tick(wall: 12), time(12))]),
      ("one millisecond", [(.tick(wall: 10), time(10)), (.tick(wall: 10), time(10, 1))]),
      ("the wall goes back", [(.tick(wall: 10), time(10)), (.tick(wall: 3), time(10, 1))]),
      (
        "a remote time ahead",
        [(.observe(time(20, 4), wall: 10), time(20, 4)), (.tick(wall: 10), time(20, 5))]
      ),
      (
        "a remote time behind",
        [
          (.tick(wall: 30), time(30)), (.observe(time(20, 9), wall: 30), time(30)),
          (.tick(wall: 31), time(31)),
        ]
      ),
      (
        "as far ahead as allowed",
        [(.observe(time(110), wall: 10), time(110)), (.tick(wall: 10), time(110, 1))]
      ),
      (
        "one millisecond further",
        [(.observe(time(111), wall: 10), time(0)), (.tick(wall: 10), time(10))]
      ),
      (
        "the logical part overflows",
        [(.observe(time(20, .max), wall: 10), time(20, .max)), (.tick(wall: 10), time(21))]
      ),
      (
        "overflow beside the wall",
        [(.observe(time(20, .max), wall: 21), time(20, .max)), (.tick(wall: 21), time(21))]
      ),
      (
        "a wall beyond the range",
        [
          (.tick(wall: .max), time(.max)), (.tick(wall: .max), time(.max, 1)),
          (.observe(HybridTime(rawValue: .max), wall: .max), HybridTime(rawValue: .max)),
          (.tick(wall: .max), HybridTime(rawValue: .max)),
        ]
      ),
    ]
    for (name, events) in table {
      var clock = HybridClock(aheadMillisecondsMax: 100)
      for (event, expected) in events {
        switch event {
        case .tick(let wall):
          let given = clock.tick(wallMilliseconds: wall)
          #expect(given == expected, "\(name)")
        case .observe(let remote, let wall):
          let isBelieved = clock.observe(remote, wallMilliseconds: wall)
          #expect(isBelieved == (remote.milliseconds <= wall || remote.milliseconds - wall <= 100))
        }
        #expect(clock.latest == expected, "\(name)")
      }
    }
  }

  @Test func fiveMinutesAreTheStandard() {
    var clock = HybridClock()
    let atLimit = clock.observe(time(1_000 + 300_000), wallMilliseconds: 1_000)
    let beyond = clock.observe(time(1_000 + 300_001), wallMilliseconds: 1_000)
    #expect(atLimit && !beyond)
  }

  @Test func timesPackInto48And16Bits() {
    let packed = HybridTime(milliseconds: 0x1234_5678_9abc, logical: 0xdef0)
    #expect(packed.rawValue == 0x1234_5678_9abc_def0)
    #expect(packed.milliseconds == 0x1234_5678_9abc)
    #expect(packed.logical == 0xdef0)
    #expect(time(1 << 48).milliseconds == (1 << 48) - 1)
    #expect(time(HybridTime.millisecondsMax).milliseconds == (1 << 48) - 1)
    #expect(time(1, 2) < time(1, 3) && time(1, .max) < time(2, 0))
  }

  @Test func everyTimeIsLaterThanAllItsAuthorHadSeen() {
    var generator = SeededGenerator(state: 2014)
    var clocks = Array(repeating: HybridClock(), count: 3)
    for step: UInt64 in 0..<2_000 {
      let here = Int.random(in: 0..<3, using: &generator)
      let there = Int.random(in: 0..<3, using: &generator)
      let wall = 1_000_000 + step / 7 + UInt64.random(in: 0...50, using: &generator)
      let before = clocks[here].latest
      let sent = clocks[there].latest
      clocks[here].observe(sent, wallMilliseconds: wall)
      let stamp = clocks[here].tick(wallMilliseconds: wall)
      #expect(stamp > before && stamp > sent)
      // Bounded: never ahead of the fastest wall by more than the walls differ.
      #expect(stamp.milliseconds <= 1_000_000 + step / 7 + 50)
    }
  }
}
