import CaseRecords
import Causality
import HTTPTransport
import Operations
import ReplicaStore
import SyncEngine
import SyncProtocol

/// What would go where, before an agreement ends, a consent is withdrawn, a record is erased or an
/// agency removed: which devices, how many compartments and bytes, and how long it may take. It
/// asks, and changes nothing.
struct HubBlastRadius {
  let core: HubCore
  static let devicesMax = 500
  private static let inContactMilliseconds: UInt64 = 2 * 3_600_000

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
    let contact: UInt64?
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
    for device in try store.devices() where device.revokedMilliseconds == nil {
      let isEmptied = device.agency == emptying?.number
      guard isEmptied || lost[device.agency] != nil,
        let latest = try store.incarnations(of: device.number).last
      else { continue }
      let held = try store.heldBytes(by: latest.number)
      let going = isEmptied ? held : held.filter { lost[device.agency]?.contains($0.key) == true }
      if going.isEmpty { continue }
      let contact = latest.lastContactMilliseconds
      reached.append(
        Reached(
          device: device, agency: try store.agency(number: device.agency)?.name ?? "",
          compartments: going.count, bytes: going.values.reduce(0, +), latest: latest,
          contact: contact > 0 ? contact : nil))
    }
    return reached.sorted {
      ($0.contact ?? 0, $0.agency, $0.device.name) < ($1.contact ?? 0, $1.agency, $1.device.name)
    }
  }

  private func isInContact(_ reached: Reached) -> Bool {
    reached.contact.map { now < $0 + Self.inContactMilliseconds } ?? false
  }

  /// Exchanges until the last receipt: orders and receipts travel so many at a time, each receipt
  /// one exchange after its order.
  private static func exchanges(_ compartments: Int) -> Int {
    let each = min(SyncLimits.revocationsPerReplyMax, SyncLimits.purgeReceiptsPerRequestMax)
    return (compartments + each - 1) / each + 1
  }

  private func json(_ reached: Reached) throws -> JSON {
    let isInContact = isInContact(reached)
    return [
      "agency": .string(reached.agency), "device": .string(reached.device.name),
      "id": .string(reached.device.id.text), "compartments": .count(reached.compartments),
      "bytes": .count(reached.bytes), "unsent": .count(reached.latest.unsent),
      "lastContactMilliseconds": reached.contact.map { .count($0) } ?? .null,
      "isInContact": .bool(isInContact),
      "exchanges": .count(Self.exchanges(reached.compartments)),
      "when": .string(
        isInContact
          ? "in contact: at once"
          : "at its next contact; silent for "
            + OperatorWords.span(now - min(reached.contact ?? 0, now))),
    ]
  }

  private func time(_ reached: [Reached]) -> JSON {
    let away = reached.filter { !isInContact($0) }
    let longest = away.map { now - min($0.contact ?? 0, now) }.max()
    let sentence =
      if reached.isEmpty {
        "No device holds anything that would go."
      } else if let longest {
        "\(reached.count - away.count) of \(reached.count) devices are in contact and are told at "
          + "once; the others at their next contact: the one longest away has been silent for "
          + "\(OperatorWords.span(longest)). One that does not come locks itself "
          + "\(engine.leaseDays) days after its last contact."
      } else {
        "All \(reached.count) devices are in contact and are told at once."
      }
    return [
      "sentence": .string(sentence),
      "estimatedFrom": "each device's last contact, which is written down hourly",
      "devicesInContact": .count(reached.count - away.count),
      "longestSilenceMilliseconds": longest.map { .count($0) } ?? .null,
    ]
  }
}
