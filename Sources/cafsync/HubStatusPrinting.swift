import Operations

/// `cafsync hub status` and `devices` as people read them: first whether all is in step, then what
/// is not, then each device, then what the hub holds.
enum HubStatusPrinting {
  static func status(_ value: JSON) -> String {
    let attention = (value["attention"]?.arrayValue ?? []).compactMap(\.stringValue)
    let now = value["nowMilliseconds"]?.unsignedValue ?? 0
    return [
      ([headline(value)] + attention.map { "  " + $0 }).joined(separator: "\n"),
      devices(value["devices"] ?? [], now: now), HubPrinting.agencies(value["agencies"] ?? []),
      facts(value, now: now),
    ].filter { !$0.isEmpty }.joined(separator: "\n\n")
  }

  private static func headline(_ value: JSON) -> String {
    let active = value["devicesActive"]?.unsignedValue ?? 0
    let inStep = value["devicesInStep"]?.unsignedValue ?? 0
    let devices = "\(active) device\(active == 1 ? "" : "s")"
    if value["isInStep"]?.boolValue == true {
      return active == 0 ? "No device has joined yet." : "All in step: \(devices)."
    }
    return active == inStep
      ? "NOT ALL IN STEP: \(devices) are, and a device reported lost has yet to purge."
      : "NOT ALL IN STEP: \(active - inStep) of \(devices)."
  }

  static func devices(_ value: JSON, now: UInt64) -> String {
    let rows = (value.arrayValue ?? []).map { device in
      [
        Terminal.cell(device["agency"]), Terminal.cell(device["name"]), state(device),
        device["isWaiting"]?.boolValue == true
          ? "now" : age(device["lastContactMilliseconds"], now: now),
        Terminal.cell(device["unsent"]), Terminal.cell(device["compartmentsBehind"]),
        age(device["behindSinceMilliseconds"], now: now), Terminal.cell(device["pendingPurges"]),
        age(device["pendingPurgesSinceMilliseconds"], now: now), lease(device),
        share(device["link"]), clock(device["clockAheadMilliseconds"]),
        Terminal.cell(device[device["version"] == .null ? "program" : "version"]),
        Terminal.cell(device["id"]),
      ]
    }
    if rows.isEmpty { return "" }
    return Terminal.table(
      [
        "AGENCY", "DEVICE", "STATE", "HEARD", "UNSENT", "BEHIND", "FOR", "TO PURGE", "FOR",
        "LEASE", "CUT", "CLOCK", "VERSION", "IDENTIFIER",
      ], rows)
  }

  private static func facts(_ value: JSON, now: UInt64) -> String {
    let counts = [
      ("Compartments", "compartments"), ("Policy entries", "policyEntries"),
      ("Purges not confirmed", "pendingPurges"), ("Purges confirmed", "purgeReceipts"),
      ("Changes in quarantine", "quarantined"),
      ("Kept only until its custodian has it", "lettingGo"),
      ("Not yet let out after a restore", "recovering"),
      ("Waiting polls", "waitingPolls"), ("Lease in days", "leaseDays"), ("Epoch", "epoch"),
    ].map { [$0, Terminal.cell(value[$1])] }
    let times = [
      ("Oldest purge not confirmed since", "pendingPurgesSinceMilliseconds"),
      ("Last verified backup", "lastBackupMilliseconds"),
    ].map { [$0, Terminal.time(value[$1])] }
    let sizes = (value["bytes"]?.objectValue?.members ?? []).map {
      ["Bytes of \($0.name)", Terminal.cell($0.value)]
    }
    return Terminal.table(["HUB", ""], counts + times + sizes)
  }

  private static func state(_ device: JSON) -> String {
    switch device["state"]?.stringValue {
    case "inStep": "in step"
    case "never": "not heard"
    case "behind": "BEHIND"
    case "silent": "SILENT"
    case let other: other ?? "–"
    }
  }

  /// How long ago: `4 min`, `3 h`, `2 d`; a dash for null.
  static func age(_ milliseconds: JSON?, now: UInt64) -> String {
    guard let then = milliseconds?.unsignedValue else { return "–" }
    let minutes = (now - min(now, then)) / 60_000
    if minutes < 120 { return "\(minutes) min" }
    return minutes < 48 * 60 ? "\(minutes / 60) h" : "\(minutes / (24 * 60)) d"
  }

  private static func lease(_ device: JSON) -> String {
    device["leaseDaysLeft"]?.unsignedValue.map { "\($0) d" } ?? "–"
  }

  /// Of the last week's exchanges, how many were cut.
  private static func share(_ link: JSON?) -> String {
    guard let exchanges = link?["exchanges"]?.unsignedValue, exchanges > 0,
      let cut = link?["cut"]?.unsignedValue
    else { return "–" }
    let perThousand = cut * 1_000 / exchanges
    return "\(perThousand / 10).\(perThousand % 10) %"
  }

  /// `+3 s`, `-2 min`: how far a clock is ahead; what is under a second is not said.
  private static func clock(_ milliseconds: JSON?) -> String {
    guard let ahead = milliseconds?.integerValue else { return "–" }
    let seconds = ahead.magnitude / 1_000
    if seconds == 0 { return "right" }
    let sign = ahead < 0 ? "-" : "+"
    if seconds < 120 { return "\(sign)\(seconds) s" }
    return seconds < 7_200 ? "\(sign)\(seconds / 60) min" : "\(sign)\(seconds / 3_600) h"
  }
}
