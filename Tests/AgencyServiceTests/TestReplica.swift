import AgencyService
import CaseRecords
import Causality
import Cryptography
import Operations
import ReplicaStore
import SQLite
import SyncEngine
import SyncProtocol
import Testing

/// An agency's replica in memory, asked as the command line asks: by name, with JSON.
final class TestReplica {
  let replica: Replica
  let clock = ManualClock()

  init(practitioner: String? = "Ann Ash") throws {
    let database = try Database(path: ":memory:", options: DatabaseOptions(journal: .memory))
    let keys = try Database(path: ":memory:", options: DatabaseOptions(journal: .memory))
    let store = try ReplicaStore(
      database: database, vault: KeyVault(database: keys, master: SymmetricKey.random()),
      role: .agency)
    var random = SecureRandom()
    try AgencyEngine.enrol(
      store,
      as: AgencyIdentity(
        device: DeviceID(using: &random), secret: random.bytes(32),
        agency: AgencyID(using: &random), agencyName: "Sure Start Batley",
        hubPublicKey: try SealingKeyPair.generate(using: &random).publicKey),
      epoch: 1, leaseDays: 30, now: UInt64(clock.wallMilliseconds()), random: &random)
    replica = Replica(
      engine: try AgencyEngine(store: store, random: SecureRandom()), clock: clock,
      random: SecureRandom(), usualPractitioner: practitioner)
    if practitioner != nil {
      try run("practitioner-add", ["name": "Ann Ash", "contact": "0113 496 0001"])
    }
  }

  @discardableResult
  func run(_ name: String, _ input: JSON = [:]) throws -> JSON {
    try AgencyOperations.run(name, input, on: replica)
  }

  /// The code with which the operation is declined; nil when it is not.
  func refusal(_ name: String, _ input: JSON = [:]) -> ExitCode? {
    do throws(OperationError) {
      _ = try AgencyOperations.run(name, input, on: replica)
      return nil
    } catch {
      return error.code
    }
  }

  /// Writes a record as it comes from whoever kept it: in the agency's own compartment, or in one
  /// of another agency's that is held here.
  @discardableResult
  func put(
    _ child: String, _ category: CaseRecords.Category, of custodian: AgencyID? = nil,
    _ kind: String, _ groups: [String: GroupValue], record: RecordID? = nil
  ) throws -> (compartment: CompartmentID, record: RecordID) {
    let engine = replica.engine
    let custodian = custodian ?? engine.identity.agency
    let id = try #require(ChildID(text: child))
    var random = SecureRandom()
    let known = try engine.store.compartments(of: id).first {
      $0.compartment.category == category && $0.compartment.custodian == custodian
    }
    let compartment =
      known?.compartment
      ?? Compartment(
        id: CompartmentID(using: &random), child: id, category: category, custodian: custodian)
    if known == nil {
      let stored = try engine.store.create(compartment)
      try engine.store.save(AgencyHold(number: stored.number))
    }
    let record = record ?? RecordID(using: &random)
    let writes = groups.map {
      Write(record: record, kind: kind, group: $0.key, value: $0.value.encoded())
    }
    _ = try engine.write(
      to: compartment.id, writes: writes, author: nil, now: UInt64(clock.wallMilliseconds()))
    try replica.invalidate(changed: [compartment.id])
    return (compartment.id, record)
  }

  /// The hub's directory with these agencies in it.
  func publish(_ agencies: [AgencyID: String]) throws {
    var random = SecureRandom()
    let engine = replica.engine
    let compartment = Compartment(
      id: CompartmentID(using: &random), child: nil, category: .directory, custodian: .hub)
    let stored = try engine.store.create(compartment)
    try engine.store.save(AgencyHold(number: stored.number))
    let writes = agencies.map { id, name in
      Write(
        record: RecordID(high: id.high, low: id.low), kind: "agency", group: "name",
        value: GroupValue.one("name", name).encoded())
    }
    _ = try engine.write(
      to: compartment.id, writes: writes, author: nil, now: UInt64(clock.wallMilliseconds()))
    try replica.invalidate(changed: [compartment.id])
  }

  /// Versions of the sharing agreement, as the hub publishes them: each with its first day.
  func publishAgreements(_ versions: [(version: String, from: String)]) throws {
    var random = SecureRandom()
    let engine = replica.engine
    let compartment = Compartment(
      id: CompartmentID(using: &random), child: nil, category: .agreement, custodian: .hub)
    let stored = try engine.store.create(compartment)
    try engine.store.save(AgencyHold(number: stored.number))
    let writes = versions.map { version, from in
      Write(
        record: RecordID(using: &random), kind: "agreementText", group: "summary",
        value: GroupValue.one("version", version).setting("text", "Words of \(version)")
          .setting("validFrom", CalendarDate(from)).encoded())
    }
    _ = try engine.write(
      to: compartment.id, writes: writes, author: nil, now: UInt64(clock.wallMilliseconds()))
    try replica.invalidate(changed: [compartment.id])
  }

  /// As after a withdrawal that the hub has told of, or before it.
  func set(_ compartment: CompartmentID, to state: HoldState) throws {
    let store = replica.engine.store
    let stored = try #require(try store.compartment(compartment))
    var hold = try #require(try store.hold(stored.number))
    hold.state = state
    try store.save(hold)
    try replica.invalidate(changed: [compartment])
  }

  func child(_ given: String = "Kit", family: String = "Canary") throws -> String {
    try #require(
      run(
        "child-add",
        ["given": .string(given), "family": .string(family), "dateOfBirth": "2001-02-03"]
      )["child"]?.stringValue)
  }
}

extension JSON {
  /// The texts of a member of each item of a list.
  func texts(_ list: String, _ member: String) -> [String] {
    (self[list]?.arrayValue ?? []).compactMap { $0[member]?.stringValue }
  }
}
