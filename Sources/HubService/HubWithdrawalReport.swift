import CaseRecords
import Causality
import Operations
import ReplicaStore
import SyncEngine

/// Which withdrawals have been carried out, where, and where not yet. A child is its random
/// identifier; of a decision stands its kind and its identifier, never a word of it.
struct HubWithdrawalReport {
  let core: HubCore
  /// Devices listed of one withdrawal; an agreement that ends may reach more.
  static let devicesMax = 200

  private var store: ReplicaStore { core.store }

  /// `open` in the arguments: only what somebody has not carried out yet.
  func answer(_ arguments: JSON) throws -> JSON {
    let paging = try HubPaging(arguments)
    let openOnly = arguments["open"]?.boolValue ?? false
    let page = try store.withdrawals(
      openOnly: openOnly, before: paging.before, limit: paging.limit)
    let count = try store.withdrawalCount(openOnly: openOnly, before: paging.before)
    return [
      "ladder": PurgeEscalation.ladder,
      "open": .count(try store.withdrawalCount(openOnly: true, before: .max)),
      "withdrawals": .array(try page.map(withdrawal)),
      "leftOut": .count(count - page.count),
      "next": count > page.count ? .integer(page.last?.number ?? 0) : .null,
    ]
  }

  private func withdrawal(_ withdrawal: HubWithdrawal) throws -> JSON {
    let devices = try store.devices(ofWithdrawal: withdrawal.number).map(progress)
      .sorted { ($1.isWaiting ? 1 : 0, $1.level) < ($0.isWaiting ? 1 : 0, $0.level) }
    let level = devices.filter(\.isWaiting).map(\.level).max()
    return [
      "number": .integer(withdrawal.number), "kind": .string(withdrawal.cause.kind),
      "policy": withdrawal.cause.policy.map { .string($0.text) } ?? .null,
      "child": withdrawal.cause.child.map { .string($0.text) } ?? .null,
      "atMilliseconds": .count(withdrawal.atMilliseconds),
      "compartments": .count(withdrawal.compartments),
      "categories": .array(withdrawal.categories.map { .string("\($0)") }),
      "isOpen": .bool(level != nil),
      "level": level.map { .count($0.rawValue) } ?? .null,
      "levelName": level.map { .string($0.name) } ?? .null,
      "devicesConfirmed": .count(devices.count { !$0.isWaiting }),
      "devicesWaiting": .count(devices.count(where: \.isWaiting)),
      "devices": .array(devices.prefix(Self.devicesMax).map(\.json)),
      "devicesLeftOut": .count(max(0, devices.count - Self.devicesMax)),
    ]
  }

  private struct Progress {
    let isWaiting: Bool
    let level: PurgeEscalation
    let json: JSON
  }

  private func progress(_ progress: HubWithdrawalDevice) throws -> Progress {
    let device = try store.device(number: progress.device)
    let agency = try device.flatMap { try store.agency(number: $0.agency) }
    let contact = try store.incarnations(of: progress.device)
      .map(\.lastContactMilliseconds).filter { $0 > 0 }.max()
    let since = progress.waitingSinceMilliseconds
    let level = PurgeEscalation(
      ordered: since ?? core.now, lastContact: contact, leaseDays: core.engine.leaseDays,
      now: core.now)
    let wasTold = since.map { (contact ?? 0) > $0 } ?? false
    let isRevoked = device?.revokedMilliseconds != nil
    return Progress(
      isWaiting: progress.waiting > 0, level: level,
      json: [
        "agency": .string(agency?.name ?? ""), "device": .string(device?.name ?? ""),
        "id": .string(device?.id.text ?? ""),
        "isRevoked": .bool(isRevoked),
        "ordered": .count(progress.ordered), "confirmed": .count(progress.confirmed),
        "waiting": .count(progress.waiting), "leftBehind": .count(progress.leftBehind),
        "confirmedMilliseconds": progress.confirmedMilliseconds.map { .count($0) } ?? .null,
        "waitingSinceMilliseconds": since.map { .count($0) } ?? .null,
        "waitingMilliseconds": since.map { .count(core.now - min($0, core.now)) } ?? .null,
        "lastContactMilliseconds": contact.map { .count($0) } ?? .null,
        "level": since == nil ? .null : .count(level.rawValue),
        "levelName": since == nil ? .null : .string(level.name),
        "ends": since == nil
          ? .null : .string(level.ending(wasTold: wasTold, isRevoked: isRevoked)),
      ])
  }
}
