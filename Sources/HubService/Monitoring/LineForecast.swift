import ReplicaStore

/// What a device's last seven days let one expect of it: when it comes next, and how long something
/// takes on its line. Only from what was measured: where nothing was, nothing is said.
struct LineForecast {
  private static let weekHours = ReplicaStore.linkHoursKept

  /// A thousand years: what a device says of itself may be anything.
  private static let millisecondsMax = 1_000 * 365.25 * 86_400_000

  private let hours: [UInt64: LinkTally]
  private let now: UInt64

  /// - Parameter hours: Of the last week, by the hour since 1970.
  init(hours: [UInt64: LinkTally], now: UInt64) {
    self.hours = hours
    self.now = now
  }

  /// When the next hour begins in which it was in contact a week before; nil when it was not heard
  /// for a week. Weeks repeat themselves where people work, days and weekends do not.
  var nextContactMilliseconds: UInt64? {
    let present = now / DeviceLinks.hourMilliseconds
    return hours.filter { $0.value.exchanges > 0 }.map { $0.key + Self.weekHours }
      .filter { $0 > present }.min().map { $0 * DeviceLinks.hourMilliseconds }
  }

  /// How long so many round trips with so many bytes in all would take at the speed of the week:
  /// by their number or by their bytes, whichever is longer. Nil when no round trip was measured.
  func milliseconds(roundTrips: Int, bytes: Int) -> UInt64? {
    let week = hours.values.reduce(into: LinkTally()) { $0.add($1) }
    guard week.roundTrips > 0 else { return nil }
    let taken = Double(week.roundTripMilliseconds)
    let byNumber = Double(roundTrips) * taken / Double(week.roundTrips)
    let byBytes =
      week.roundTripBytes > 0 ? Double(bytes) * taken / Double(week.roundTripBytes) : 0
    return UInt64(min(max(byNumber, byBytes).rounded(.up), Self.millisecondsMax))
  }
}
