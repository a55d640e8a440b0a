import CaseRecords
import Causality
import HTTPTransport
import Operations
import ReplicaStore
import SyncEngine
import SyncProtocol

/// What would go where, before an agreement ends, a consent is withdrawn, a record is erased or an
/// agency removed: which devices, how many compartments and bytes, and how long it may take, as far
/// as each device's last seven days say (`LineForecast`). It asks, and changes nothing.
struct HubBlastRadius {
  let core: HubCore
  static let devicesMax = 500
  private static let inContactMilliseconds: UInt64 = 2 * 3_600_000
  /// What a device says that it has unsent is counted so far: it may say anything.
  static let unsentMax: UInt64 = 1_000_000_000

  private var store: ReplicaStore { core.store }
  private var engine: HubEngine { core.engine }
  private var now: UInt64 { core.now }

  enum Decision {
    case lock(HubAgency)
    /// The agreement is locked, and the agency's devices are emptied.
    case removal(HubAgency)
    /// About a child.
    case entry(PolicyKind, ChildID)
  }

  /// One device, and what it would have to destroy.
  private struct Reached {
    let device: HubDevice
    let agency: String
    let compartments: Int
    let bytes: Int
    let latest: HubIncarnation
    let isInContact: Bool
    let contact: UInt64?
    /// Until the last receipt, with what is unsent on the way.
    let roundTrips: Int
    let bytesToMove: Int
    /// By its line of the last seven days; nil when that was not measured.
    let transferMilliseconds: UInt64?
    /// Nil when it is in contact, or when nothing shows when it comes.
    let nextContactMilliseconds: UInt64?
  }

  func answer(_ decision: Decision) throws -> JSON {
    let forecast: HubForecast
    var emptied: HubAgency?
    switch decision {
    case .lock(let agency):
      forecast = try engine.forecast(of: .agreementLock(agency.id), about: nil, now: now)
    case .removal(let agency):
      forecast = try engine.forecast(of: .agreementLock(agency.id), about: nil, now: now)
      emptied = agency
    case .entry(let kind, let child):
      forecast = try engine.forecast(of: kind, about: child, now: now)
    }
    let reached = try devices(of: forecast, emptying: emptied)
    let compartments = Set(forecast.losses.map(\.compartment)).count
    let categories = Set(forecast.losses.map(\.category)).sorted()
    let unsent = reached.reduce(0) { $0 + Int(clamping: $1.latest.unsent) }
    return [
      "compartments": .count(compartments),
      "categories": .array(categories.map { .string("\($0)") }),
      "hubCopies": .count(forecast.hubCopies),
      "bytes": .count(reached.reduce(0) { $0 + $1.bytes }),
      "deviceCount": .count(reached.count),
      "unsent": .count(unsent),
      "unsentMeans": .string(
        unsent == 0
          ? "No device had unsent work at its last contact."
          : "Unsent work is handed over before anything is destroyed: what was written before the "
            + "device heard of the decision is taken, what was written after it stands apart."),
      "devices": .array(try reached.prefix(Self.devicesMax).map(json)),
      "devicesLeftOut": .count(max(0, reached.count - Self.devicesMax)),
      "time": time(reached),
    ]
  }

  /// Those that would be reached last come first: they decide how long it takes.
  private func devices(
    of forecast: HubForecast, emptying: HubAgency?
  ) throws -> [Reached] {
    var lost: [Int64: Set<Int64>] = [:]
    for loss in forecast.losses { lost[loss.agency, default: []].insert(loss.compartment) }
    var reached: [Reached] = []
    let lines = try lines()
    for device in try store.devices() where device.revokedMilliseconds == nil {
      let isEmptied = device.agency == emptying?.number
      guard isEmptied || lost[device.agency] != nil,
        let latest = try store.incarnations(of: device.number).last
      else { continue }
      let held = try store.heldBytes(by: latest.number)
      let going = isEmptied ? held : held.filter { lost[device.agency]?.contains($0.key) == true }
      if going.isEmpty { continue }
      reached.append(
        try self.reached(
          device, latest, compartments: going.count, bytes: going.values.reduce(0, +), lines))
    }
    return reached.sorted {
      ($0.contact ?? 0, $0.agency, $0.device.name) < ($1.contact ?? 0, $1.agency, $1.device.name)
    }
  }

  /// What is known of all lines, read once.
  private struct Lines {
    let hours: [Int64: [UInt64: LinkTally]]
    let waiting: Set<Int64>
    /// Nil when the hub has no change to go by.
    let changeBytes: Int?
  }

  private func lines() throws -> Lines {
    Lines(
      hours: try core.links.week(in: store, now: now), waiting: core.polls.devices,
      changeBytes: try store.meanChangeBytes())
  }

  private func reached(
    _ device: HubDevice, _ latest: HubIncarnation, compartments: Int, bytes: Int, _ lines: Lines
  ) throws -> Reached {
    let said = core.links.contacts[device.number]
    let heard = max(latest.lastContactMilliseconds, said?.atMilliseconds ?? 0)
    let contact = lines.waiting.contains(device.number) ? now : heard > 0 ? heard : nil
    let isInContact = contact.map { now < $0 + Self.inContactMilliseconds } ?? false
    let line = LineForecast(hours: lines.hours[device.number] ?? [:], now: now)
    let unsent = Int(min(latest.unsent, Self.unsentMax))
    let unsentBytes = unsent == 0 ? 0 : lines.changeBytes.map { unsent * $0 }
    let pageBytes = min(
      max(
        Int(clamping: said?.pageBytes ?? UInt64(SyncLimits.pageBytesDefault)),
        SyncLimits.pageBytesMin), SyncLimits.pageBytesMax)
    let trips =
      Self.exchanges(compartments)
      + ((unsentBytes ?? 0) + pageBytes - 1) / pageBytes
    let moving =
      compartments * (Revocation.encodedBytes + PurgeReceipt.encodedBytes) + (unsentBytes ?? 0)
    return Reached(
      device: device, agency: try store.agency(number: device.agency)?.name ?? "",
      compartments: compartments, bytes: bytes, latest: latest, isInContact: isInContact,
      contact: contact, roundTrips: trips, bytesToMove: moving,
      transferMilliseconds: unsentBytes == nil
        ? nil : line.milliseconds(roundTrips: trips, bytes: moving),
      nextContactMilliseconds: isInContact ? nil : line.nextContactMilliseconds)
  }

  /// Exchanges until the last receipt: orders and receipts travel so many at a time, each receipt
  /// one exchange after its order.
  private static func exchanges(_ compartments: Int) -> Int {
    let each = min(SyncLimits.revocationsPerReplyMax, SyncLimits.purgeReceiptsPerRequestMax)
    return (compartments + each - 1) / each + 1
  }

  // MARK: What is told

  /// How long until its last receipt; nil when that is not known.
  private func doneIn(_ reached: Reached) -> UInt64? {
    guard let transfer = reached.transferMilliseconds else { return nil }
    if reached.isInContact { return transfer }
    return reached.nextContactMilliseconds.map { $0 - min(now, $0) + transfer }
  }

  private func json(_ reached: Reached) throws -> JSON {
    [
      "agency": .string(reached.agency), "device": .string(reached.device.name),
      "id": .string(reached.device.id.text), "compartments": .count(reached.compartments),
      "bytes": .count(reached.bytes), "unsent": .count(reached.latest.unsent),
      "lastContactMilliseconds": .optional(reached.contact),
      "isInContact": .bool(reached.isInContact),
      "exchanges": .count(reached.roundTrips), "bytesToMove": .count(reached.bytesToMove),
      "nextContactMilliseconds": .optional(reached.nextContactMilliseconds),
      "transferMilliseconds": .optional(reached.transferMilliseconds),
      "doneInMilliseconds": .optional(doneIn(reached)),
      "when": .string(when(reached)),
    ]
  }

  private func when(_ reached: Reached) -> String {
    let takes =
      reached.transferMilliseconds.map { "it takes \(Words.span($0))" }
      ?? "how long it takes is not known, since nothing was measured on its line"
    if reached.isInContact { return "in contact: at once; \(takes)" }
    guard let contact = reached.contact else { return "never heard: nothing shows when it comes" }
    let silent = "silent for \(Words.span(now - min(contact, now)))"
    guard let next = reached.nextContactMilliseconds else {
      return "\(silent): nothing shows when it comes; then \(takes)"
    }
    return "\(silent); as a week ago it would come in "
      + "\(Words.span(next - min(now, next))); then \(takes)"
  }

  private func time(_ reached: [Reached]) -> JSON {
    let away = reached.filter { !$0.isInContact }
    let longest = away.compactMap { $0.contact.map { now - min($0, now) } }.max()
    let known = reached.compactMap(doneIn)
    let unknown = reached.count - known.count
    var sentences: [String] = []
    if reached.isEmpty { sentences.append("No device holds anything that would go.") }
    if away.isEmpty, !reached.isEmpty {
      sentences.append("All \(reached.count) devices are in contact and are told at once.")
    } else if !away.isEmpty {
      sentences.append(
        "\(reached.count - away.count) of \(reached.count) devices are in contact and are told at "
          + "once; the others at their next contact.")
      if let longest {
        sentences.append(
          "The one longest away has been silent for \(Words.span(longest)).")
      }
      sentences.append(
        "One that does not come locks itself \(engine.leaseDays) days after its last contact.")
    }
    if let last = known.max() {
      let which = unknown == 0 ? "the last of them" : "the last of \(known.count)"
      sentences.append(
        "If they come and work as in the last seven days, it takes \(Words.span(last)) "
          + "until \(which) has proven it.")
    }
    if unknown > 0 {
      sentences.append(
        "Of \(Words.count(unknown, "device", "devices")) nothing shows how long it takes.")
    }
    return [
      "sentence": .string(sentences.joined(separator: " ")),
      "estimatedFrom": .string(
        "the hours in which each device was in contact in the last seven days, the round trips "
          + "measured in them, and the orders, receipts and unsent changes that would pass"),
      "devicesInContact": .count(reached.count - away.count),
      "longestSilenceMilliseconds": .optional(longest),
      "doneInMilliseconds": unknown == 0 ? .optional(known.max()) : .null,
      "devicesUnknown": .count(unknown),
    ]
  }
}
