import CaseRecords
import Cryptography
import Glibc
import ReplicaStore
import SQLite
import SyncEngine
import SyncProtocol

/// A hub over files of its own, spoken to in encoded messages.
final class BenchHub {
  private(set) var engine: HubEngine
  private let folder: String
  private let master: SymmetricKey
  private let secrets: HubSecrets
  let now: UInt64 = 1_764_000_000_000

  var sealing: SealingKeyPair { secrets.sealing }

  /// A new one.
  convenience init(folder: String) throws {
    try makeFolder(folder)
    var random = SecureRandom()
    try self.init(
      existing: folder, master: SymmetricKey.random(),
      secrets: HubSecrets(certifyingKey: random.bytes(32), sealing: SealingKeyPair.generate()))
  }

  init(existing folder: String, master: SymmetricKey, secrets: HubSecrets) throws {
    self.folder = folder
    self.master = master
    self.secrets = secrets
    engine = try Self.open(folder, master, secrets)
  }

  /// As a restart would: nothing is kept in memory.
  func reopen() throws {
    close()
    engine = try Self.open(folder, master, secrets)
  }

  func close() {
    engine.store.database.close()
    engine.store.vault.close()
  }

  private static func open(
    _ folder: String, _ master: SymmetricKey, _ secrets: HubSecrets
  ) throws -> HubEngine {
    try HubEngine(
      store: ReplicaStore(folder: folder, role: .hub, master: master), secrets: secrets,
      journal: NoJournal(), leaseDays: 30, random: SystemRandomNumberGenerator())
  }

  func agency(_ name: String) throws -> AgencyID {
    try engine.store.transaction {
      try engine.addAgency(
        name: name, sector: "school", locality: "Batley", isSensitive: false, now: now
      ).id
    }
  }

  /// A new device of an agency, enrolled by a code as a person would.
  func enrol(_ agency: AgencyID, device: DeviceID, secret: [UInt8]) throws {
    let reply = try engine.store.transaction {
      guard let row = try engine.store.agency(agency) else { throw BenchFailure("no agency") }
      let code = try engine.makeCode(for: row, validMilliseconds: 60_000, now: now)
      return try engine.enrol(
        EnrolmentRequest(code: code, device: device, deviceName: "bench", secret: secret),
        now: now)
    }
    guard case .enrolled = reply else { throw BenchFailure("the hub refused to enrol") }
  }

  /// One exchange, from bytes to bytes, durable when it returns.
  func exchange(_ body: [UInt8], from device: DeviceID) throws -> [UInt8] {
    let request = try ExchangeRequest(encoded: body)
    let reply = try engine.store.transaction {
      try engine.expire(now: now)
      guard let row = try engine.store.device(device) else { throw BenchFailure("no device") }
      return try engine.exchange(request, from: row, now: now)
    }
    try engine.purgeHubCopies()
    _ = engine.takeTouched()
    return reply.reply.encoded(page: reply.page)
  }
}

/// Policy is only written while a workload is set up, which is not measured.
private final class NoJournal: PolicyJournal {
  func append(_ line: JournalLine) {}
}

/// What stopped a measurement.
struct BenchFailure: Error, CustomStringConvertible {
  let description: String
  init(_ description: String) { self.description = "The benchmark stopped: \(description)." }
}

func makeFolder(_ path: String) throws {
  guard mkdir(path, 0o700) == 0 else {
    throw BenchFailure("\(path) cannot be made: \(String(cString: strerror(errno)))")
  }
}
