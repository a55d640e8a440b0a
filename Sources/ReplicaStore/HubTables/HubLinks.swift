import SQLite

/// What passed between a device and the hub in an hour, or in any other time.
package struct LinkTally: Hashable, Sendable {
  /// Requests answered.
  package var exchanges: UInt64 = 0
  /// Those that brought or took something.
  package var moved: UInt64 = 0
  /// Those that came again, because their reply had been lost.
  package var cut: UInt64 = 0
  /// Of bodies, from the device.
  package var receivedBytes: UInt64 = 0
  /// Of bodies, to the device.
  package var sentBytes: UInt64 = 0
  /// The most changes that waited at the device at a contact.
  package var unsent: UInt64 = 0
  /// Answers that brought something and were followed by the next request at once: how many, how
  /// long it took, and the bodies of both.
  package var roundTrips: UInt64 = 0
  package var roundTripMilliseconds: UInt64 = 0
  package var roundTripBytes: UInt64 = 0

  package init() {}

  package mutating func add(_ other: LinkTally) {
    exchanges += other.exchanges
    moved += other.moved
    cut += other.cut
    receivedBytes += other.receivedBytes
    sentBytes += other.sentBytes
    unsent = max(unsent, other.unsent)
    roundTrips += other.roundTrips
    roundTripMilliseconds += other.roundTripMilliseconds
    roundTripBytes += other.roundTripBytes
  }
}

/// What a device said at its last contact.
package struct DeviceContact: Hashable, Sendable {
  package var atMilliseconds: UInt64
  /// Its program and version, by its own word; empty when it said none.
  package var program: String
  /// How long a page it asked for: small on a bad line.
  package var pageBytes: UInt64
  /// How far its clock is ahead.
  package var skewMilliseconds: Int64

  package init(
    atMilliseconds: UInt64, program: String, pageBytes: UInt64, skewMilliseconds: Int64
  ) {
    self.atMilliseconds = atMilliseconds
    self.program = program
    self.pageBytes = pageBytes
    self.skewMilliseconds = skewMilliseconds
  }
}

extension ReplicaStore {
  package static let linkHoursKept: UInt64 = 7 * 24

  /// Adds to what is kept of a device's hour.
  package func add(_ tally: LinkTally, toHour hour: UInt64, of device: Int64) throws {
    _ = try database.run(
      "INSERT INTO link_hours VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET "
        + "exchanges = exchanges + excluded.exchanges, moved = moved + excluded.moved, "
        + "cut = cut + excluded.cut, received_bytes = received_bytes + excluded.received_bytes, "
        + "sent_bytes = sent_bytes + excluded.sent_bytes, unsent = max(unsent, excluded.unsent), "
        + "round_trips = round_trips + excluded.round_trips, "
        + "round_trip_ms = round_trip_ms + excluded.round_trip_ms, "
        + "round_trip_bytes = round_trip_bytes + excluded.round_trip_bytes",
      .integer(device), .uint(hour), .uint(tally.exchanges), .uint(tally.moved), .uint(tally.cut),
      .uint(tally.receivedBytes), .uint(tally.sentBytes), .uint(tally.unsent),
      .uint(tally.roundTrips), .uint(tally.roundTripMilliseconds), .uint(tally.roundTripBytes))
  }

  package func save(_ contact: DeviceContact, of device: Int64) throws {
    _ = try database.run(
      "INSERT OR REPLACE INTO device_contacts VALUES (?, ?, ?, ?, ?)", .integer(device),
      .uint(contact.atMilliseconds), .text(contact.program), .uint(contact.pageBytes),
      .integer(contact.skewMilliseconds))
  }

  /// By the device's number.
  package func deviceContacts() throws -> [Int64: DeviceContact] {
    let rows = try database.query(
      "SELECT device, at_ms, program, page_bytes, skew_ms FROM device_contacts"
    ) { row in
      (
        row.int(0),
        DeviceContact(
          atMilliseconds: row.unsigned(1), program: row.text(2), pageBytes: row.unsigned(3),
          skewMilliseconds: row.int(4))
      )
    }
    return Dictionary(uniqueKeysWithValues: rows)
  }

  /// By the device's number, from `hour` on, in order.
  package func linkHours(
    from hour: UInt64
  ) throws -> [Int64: [(hour: UInt64, tally: LinkTally)]] {
    let rows = try database.query(
      "SELECT device, hour, exchanges, moved, cut, received_bytes, sent_bytes, unsent, "
        + "round_trips, round_trip_ms, round_trip_bytes "
        + "FROM link_hours WHERE hour >= ? ORDER BY device, hour",
      .uint(hour)
    ) { row in
      var tally = LinkTally()
      tally.exchanges = row.unsigned(2)
      tally.moved = row.unsigned(3)
      tally.cut = row.unsigned(4)
      tally.receivedBytes = row.unsigned(5)
      tally.sentBytes = row.unsigned(6)
      tally.unsent = row.unsigned(7)
      tally.roundTrips = row.unsigned(8)
      tally.roundTripMilliseconds = row.unsigned(9)
      tally.roundTripBytes = row.unsigned(10)
      return (device: row.int(0), hour: row.unsigned(1), tally: tally)
    }
    return Dictionary(grouping: rows, by: \.device).mapValues { $0.map { ($0.hour, $0.tally) } }
  }

  /// Lets go of hours that are over a week old, and of those that a wrong clock wrote ahead.
  package func dropLinkHours(before hour: UInt64, after last: UInt64) throws {
    _ = try database.run("DELETE FROM link_hours WHERE hour < ?", .uint(hour))
    _ = try database.run("DELETE FROM link_hours WHERE hour > ?", .uint(last))
  }

  // MARK: When feeds moved

  private static let feedTimesApart: UInt64 = 300_000

  /// Notes that these agencies' feeds have moved, if they have. Moves within five minutes share one
  /// row.
  package func noteFeeds(of agencies: Set<Int64>, atMilliseconds now: UInt64) throws {
    for agency in agencies.sorted() {
      let end = try feedEnd(of: agency)
      let last = try database.first(
        "SELECT after, feed, at_ms FROM feed_times WHERE agency = ? ORDER BY after DESC LIMIT 1",
        .integer(agency)
      ) { (after: $0.int(0), feed: $0.unsigned(1), at: $0.unsigned(2)) }
      guard end > last?.feed ?? 0 else { continue }
      if let last, last.at <= now, now - last.at < Self.feedTimesApart {
        _ = try database.run(
          "UPDATE feed_times SET feed = ? WHERE agency = ? AND after = ?", .uint(end),
          .integer(agency), .integer(last.after))
      } else {
        _ = try database.run(
          "INSERT INTO feed_times VALUES (?, ?, ?, ?)", .integer(agency), .uint(last?.feed ?? 0),
          .uint(end), .uint(now))
      }
    }
  }

  /// Since when an agency's feed has had something after `cursor`; nil when that is not known.
  package func newsSince(of agency: Int64, after cursor: UInt64) throws -> UInt64? {
    try database.first(
      "SELECT at_ms FROM feed_times WHERE agency = ? AND feed > ? ORDER BY after LIMIT 1",
      .integer(agency), .uint(cursor)
    ) { $0.unsigned(0) }
  }

  package func dropFeedTimes(before milliseconds: UInt64) throws {
    // The last row of an agency stays: the next begins where it ends.
    _ = try database.run(
      "DELETE FROM feed_times WHERE at_ms < ? AND EXISTS (SELECT 1 FROM feed_times later "
        + "WHERE later.agency = feed_times.agency AND later.after > feed_times.after)",
      .uint(milliseconds))
  }
}
