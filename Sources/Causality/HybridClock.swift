/// Gives out hybrid times, each later than the one before and than every credible time observed.
///
/// A remote clock years ahead would drag everybody's with it, for good: times further ahead than
/// `aheadMillisecondsMax` of the wall are therefore left out of account. The wall's own jumps are
/// not undone: a clock never goes back, it waits for the wall to catch up.
package struct HybridClock: Hashable, Sendable {
  /// The latest time given out or observed; kept across restarts.
  package private(set) var latest: HybridTime
  package let aheadMillisecondsMax: UInt64

  /// Five minutes: more than clocks under time synchronisation drift, less than people misread.
  package static let aheadMillisecondsMaxStandard: UInt64 = 5 * 60 * 1000

  package init(
    latest: HybridTime = HybridTime(rawValue: 0),
    aheadMillisecondsMax: UInt64 = aheadMillisecondsMaxStandard
  ) {
    self.latest = latest
    self.aheadMillisecondsMax = aheadMillisecondsMax
  }

  /// The time of a local event. Later than all before, until the end of the range, which repeats.
  package mutating func tick(wallMilliseconds: UInt64) -> HybridTime {
    let wall = HybridTime(milliseconds: wallMilliseconds, logical: 0)
    // One more than the last logical part carries into the milliseconds.
    let next = HybridTime(rawValue: latest.rawValue == .max ? .max : latest.rawValue + 1)
    latest = max(wall, next)
    return latest
  }

  /// Takes in the time of a remote event, so that the next tick is later. False, and nothing
  /// changed, when it is too far ahead of the wall to be believed.
  @discardableResult
  package mutating func observe(_ remote: HybridTime, wallMilliseconds: UInt64) -> Bool {
    let isAhead = remote.milliseconds > wallMilliseconds
    if isAhead && remote.milliseconds - wallMilliseconds > aheadMillisecondsMax { return false }
    latest = max(latest, remote)
    return true
  }
}
