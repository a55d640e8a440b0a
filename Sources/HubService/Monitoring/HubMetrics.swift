import CaseRecords
import ReplicaStore
import SyncEngine
import SyncProtocol

/// What the hub's database says, as metrics. Labels are agencies by their names, which the operator
/// has given, and code lists: nothing that a device, or a family, can make more of.
struct HubMetrics {
  let core: HubCore

  private var store: ReplicaStore { core.store }

  func text() throws -> String {
    var text = PrometheusText()
    let standings = try HubReports(core: core).standings()
    addDevices(standings, to: &text)
    try addAgencies(standings, to: &text)
    try addHoldings(to: &text)
    try addWork(standings, to: &text)
    return text.text
  }

  private func addDevices(_ standings: [DeviceStanding], to text: inout PrometheusText) {
    text.family(
      "cafsync_hub_devices", .gauge, "Devices by how they stand.", by: "state",
      DeviceStanding.State.allCases.map { state in
        (Self.label(state.rawValue), Double(standings.count { $0.state == state }))
      })
    text.value(
      "cafsync_hub_polls_waiting", .gauge, "Devices that wait at the hub for news.",
      Double(core.polls.count))
  }

  private func addAgencies(
    _ standings: [DeviceStanding], to text: inout PrometheusText
  ) throws {
    let byAgency = Dictionary(grouping: standings, by: \.device.agency)
    let agencies = try store.agencies().filter { $0.id != .hub }
    func gauge(
      _ name: StaticString, _ help: StaticString, _ value: ([DeviceStanding]) -> Double?
    ) {
      text.family(
        name, .gauge, help, by: "agency",
        agencies.compactMap { agency in
          value(byAgency[agency.number] ?? []).map { (agency.name, $0) }
        })
    }
    func active(_ devices: [DeviceStanding]) -> [DeviceStanding] {
      devices.filter { $0.state != .revoked }
    }
    gauge("cafsync_hub_agency_devices", "Devices of the agency that are not revoked.") {
      Double(active($0).count)
    }
    gauge("cafsync_hub_agency_devices_in_step", "Devices of the agency that have everything.") {
      Double(active($0).count { $0.state == .inStep })
    }
    gauge(
      "cafsync_hub_agency_last_contact_timestamp_seconds",
      "When a device of the agency was last in contact."
    ) { active($0).compactMap(\.lastContactMilliseconds).max().map(Self.seconds) }
    gauge(
      "cafsync_hub_agency_unsent_changes",
      "Changes that had not been sent when the agency's devices were last in contact."
    ) { Double(active($0).reduce(0) { $0 + $1.unsent }) }
    gauge(
      "cafsync_hub_agency_compartments_behind",
      "Compartments with news that the agency's devices have not been sent."
    ) { Double(active($0).reduce(0) { $0 + $1.compartmentsBehind }) }
    gauge(
      "cafsync_hub_agency_news_waiting_timestamp_seconds",
      "Since when the oldest news that a device of the agency lacks waits."
    ) { active($0).compactMap(\.behindSinceMilliseconds).min().map(Self.seconds) }
    gauge(
      "cafsync_hub_agency_purges_pending",
      "Withdrawn compartments that devices of the agency have not confirmed to have destroyed."
    ) { Double($0.reduce(0) { $0 + $1.pendingPurges }) }
    gauge(
      "cafsync_hub_agency_purge_pending_timestamp_seconds",
      "Since when the oldest purge that the agency has not confirmed waits."
    ) { $0.compactMap(\.pendingPurgesSinceMilliseconds).min().map(Self.seconds) }
    gauge(
      "cafsync_hub_agency_lease_end_timestamp_seconds",
      "When the first device of the agency locks what it has of others, unless it is heard before."
    ) { active($0).compactMap(\.leaseEndsMilliseconds).min().map(Self.seconds) }
    gauge(
      "cafsync_hub_agency_clock_skew_seconds",
      "How far the worst clock of the agency's devices is ahead, or behind below 0."
    ) { devices in
      active(devices).map(\.skewMilliseconds).max { $0.magnitude < $1.magnitude }
        .map { Double($0) / 1_000 }
    }
    addLines(of: agencies, to: &text)
  }

  private func addLines(of agencies: [HubAgency], to text: inout PrometheusText) {
    let counted = core.meter.snapshot.agencies
    text.family(
      "cafsync_hub_agency_exchanges_total", .counter,
      "Requests of the agency's devices that were answered.", by: "agency",
      agencies.map { ($0.name, Double(counted[$0.number]?.exchanges ?? 0)) })
    text.family(
      "cafsync_hub_agency_exchanges_cut_total", .counter,
      "Requests of the agency's devices that came again because the reply was lost.",
      by: "agency", agencies.map { ($0.name, Double(counted[$0.number]?.cut ?? 0)) })
  }

  private func addHoldings(to text: inout PrometheusText) throws {
    text.value(
      "cafsync_hub_compartments", .gauge, "Compartments that the hub holds.",
      Double(try store.compartmentCount()))
    text.value(
      "cafsync_hub_policy_entries", .gauge, "Decisions and rules that the hub has recorded.",
      Double(try store.policyCount()))
    text.value(
      "cafsync_hub_audit_lines", .gauge, "Lines of the audit log.",
      Double(try store.auditCount()))
    text.value(
      "cafsync_hub_epoch", .gauge, "One more after each restore of the database.",
      Double(try core.engine.epoch))
    text.value(
      "cafsync_hub_lease_seconds", .gauge,
      "How long a device may be out of contact before it locks what it has of others.",
      Double(core.engine.leaseDays) * 86_400)
    text.family(
      "cafsync_hub_file_bytes", .gauge, "Sizes of the hub's files.", by: "file",
      HubReports(core: core).sizes().map { ($0.file, Double($0.bytes)) })
    text.value(
      "cafsync_hub_last_backup_timestamp_seconds", .gauge,
      "When the hub was last backed up and the copy verified.",
      try store.integer(HubNote.backupName).map(Self.seconds))
    text.value(
      "cafsync_hub_audit_broken", .gauge,
      "1 when the last backup found that the audit log was changed, else 0.",
      try store.integer(HubNote.auditBrokenName) == nil ? 0 : 1)
  }

  private func addWork(_ standings: [DeviceStanding], to text: inout PrometheusText) throws {
    let waiting = try store.quarantineCounts()
    text.family(
      "cafsync_hub_quarantine_waiting", .gauge,
      "Changes that stand apart until a person decides, by the reason.", by: "reason",
      QuarantineReason.allCases.map { reason in
        let count = waiting.first { $0.reason == reason }?.count ?? 0
        return (Self.label("\(reason)"), Double(count))
      })
    text.value(
      "cafsync_hub_quarantine_waiting_timestamp_seconds", .gauge,
      "Since when the oldest change that stands apart waits.",
      try store.quarantinedSince().map(Self.seconds))
    text.value(
      "cafsync_hub_purges_pending", .gauge,
      "Withdrawn compartments that devices have not confirmed to have destroyed.",
      Double(standings.reduce(0) { $0 + $1.pendingPurges }))
    text.value(
      "cafsync_hub_purge_receipts_total", .counter, "Purges that devices have confirmed.",
      Double(try store.receiptCount()))
    text.value(
      "cafsync_hub_compartments_recovering", .gauge,
      "Compartments that a restored hub has not let out again.",
      Double(try store.recoveringCount()))
    text.value(
      "cafsync_hub_compartments_letting_go", .gauge,
      "Compartments that the hub keeps only until their custodian has everything.",
      Double(try store.lettingGoCount()))
    text.value(
      "cafsync_hub_rescued_unreadable", .gauge,
      "Pieces of rescued work that this hub cannot open.", Double(try store.unreadableCount()))
  }

  static func seconds(_ milliseconds: UInt64) -> Double { Double(milliseconds) / 1_000 }

  /// `writtenKnowingWithdrawal` as `written_knowing_withdrawal`.
  static func label(_ name: String) -> String {
    name.reduce(into: "") { $0 += $1.isUppercase ? "_" + $1.lowercased() : String($1) }
  }
}
