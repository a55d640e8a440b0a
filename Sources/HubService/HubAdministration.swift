import CaseRecords
import Causality
import Disclosure
import HTTPTransport
import Operations
import ReplicaStore
import SyncEngine
import SyncProtocol

/// What the operator's commands do, inside the batch's transaction. Arguments and answers are JSON;
/// what an answer shows is in `HubReports`.
struct HubAdministration {
  let core: HubCore
  /// Who asks, as the audit log names them.
  let who: String

  /// Whoever may write to the hub's socket or open its folder.
  static let commandLine = "command line"

  /// Operations that change nothing. What any other one did stands on the audit log.
  static let reading: Set<String> = [
    "capacity", "upkeep", "agencies", "devices", "status", "metrics", "why", "ledger", "journal",
    "quarantine", "withdrawals", "audit-verify", "blocked", "conflicts", "events",
    "blast-radius", "audit-list", "erasure-certificate-verify", "report-coverage", "report-needs",
    "report-enquiries",
    "report-training", "report-issues", "revision", "standing", "operators",
    "operator-codes-new",
  ]

  private var store: ReplicaStore { core.store }
  private var engine: HubEngine { core.engine }

  /// What came of an operation within the transaction.
  enum Performed {
    case done(JSON)
    /// A file beside the database is still to be changed, which gives the answer. That waits until
    /// the line of the audit log is on the disk: a crash leaves a line of what was begun, and never
    /// a change without its line.
    case begun(() throws -> JSON)
  }

  func perform(_ operation: String, _ arguments: JSON) throws -> Performed {
    let performed =
      try changeOfFile(operation, arguments).map(Performed.begun)
      ?? .done(run(operation, arguments))
    if !Self.reading.contains(operation) { try audit(operation, arguments) }
    return performed
  }

  /// To be called once the transaction is on the disk.
  func finish(_ performed: Performed, _ operation: String, _ arguments: JSON) throws -> JSON {
    switch performed {
    case .done(let answer): return answer
    case .begun(let change):
      do { return try change() } catch {
        // The first failure is the one to tell; that of its line is in the log.
        do {
          try core.commit { try audit(operation + " failed", arguments) }
        } catch {
          core.log.error("the audit log lacks a line", ["error": .error(error)])
        }
        throw error
      }
    }
  }

  private func audit(_ action: String, _ arguments: JSON) throws {
    try store.audit(
      who: who, action: action, subject: Self.subject(of: arguments), atMilliseconds: core.now)
  }

  /// The change of a file that an operation makes; nil when it makes none. What stands against it
  /// is said here, before anything is written down.
  private func changeOfFile(
    _ operation: String, _ arguments: JSON
  ) throws -> (() throws -> JSON)? {
    guard let change = HubFileChange(rawValue: operation) else { return nil }
    return change == .closeReportNeeds
      ? try ReasonsReport(core: core).closing(who: who)
      : try changeOfOperators(change, arguments)
  }

  /// Of the arguments, those that name things of the hub's own: never a reason in somebody's words.
  private static func subject(of arguments: JSON) -> String {
    ["agency", "name", "role", "device", "child", "number"].compactMap { name in
      switch arguments[name] {
      case .string(let text): "\(name) \(text)"
      case .integer(let number): "\(name) \(number)"
      default: nil
      }
    }.joined(separator: " ")
  }

  private func run(_ operation: String, _ arguments: JSON) throws -> JSON {
    if Self.operatorOperations.contains(operation) {
      return try performOnOperators(operation, arguments)
    }
    guard let known = HubOperation(rawValue: operation) else {
      throw LocalFailure(.usage, "The hub knows no operation \"\(operation)\".")
    }
    return try run(known, arguments)
  }

  private func run(_ operation: HubOperation, _ arguments: JSON) throws -> JSON {
    switch operation {
    case .status: try HubReports(core: core).status(arguments)
    case .standing: try HubReports(core: core).standing()
    case .revision: try HubReports(core: core).revision()
    case .metrics: ["text": .string(try HubMetrics(core: core).text())]
    case .capacity: try HubCapacity(folder: core.folder, now: core.now).report(store)
    case .upkeep: try HubReports(core: core).upkeep()
    case .blocked: try HubBlockedReport(core: core).answer(arguments)
    case .journal: try HubReports(core: core).journal()
    case .events: try HubEventReport(core: core).answer(arguments)
    case .agencies: try HubReports(core: core).agencies()
    case .addAgency: try addAgency(arguments)
    case .removeAgency: try removeAgency(arguments)
    case .lockAgreement: try lockAgreement(arguments)
    case .signAgreement: try signAgreement(arguments)
    case .enrol: try makeCode(arguments)
    case .devices: try HubReports(core: core).devices(arguments)
    case .revokeDevice: try revokeDevice(arguments)
    case .blastRadius: try blastRadius(arguments)
    case .why: try why(arguments)
    case .ledger: try ledger(arguments)
    case .withdrawals: try HubWithdrawalReport(core: core).answer(arguments)
    case .conflicts: try HubConflictReport(core: core).answer(arguments)
    case .erase: try erase(arguments)
    case .erasureCertificate: try certifyErasure(arguments)
    case .verifyErasureCertificate: try verifyCertificate(arguments)
    case .subjectAccess: try exportForSubject(arguments)
    case .quarantine: try HubQuarantineReport(core: core).answer(arguments)
    case .releaseQuarantine: try decide(arguments, releasing: true)
    case .returnQuarantine: try decide(arguments, releasing: false)
    case .finishRecovery: try finishRecovery()
    case .reportCoverage: try CoverageReport(core: core).answer()
    case .reportNeeds:
      try ReasonsReport(core: core).answer(
        HubPaging.number(arguments, "report", in: 1...Int64.max))
    case .reportEnquiries: try EnquiriesReport(core: core).answer()
    case .reportTraining:
      try TrainingReport(core: core).answer(
        withinDays: arguments["withinDays"]?.integerValue ?? 90)
    case .reportIssues: try IssuesReport(core: core).answer()
    case .verifyAudit: try verifyAudit(arguments)
    case .listAudit: try listAudit(arguments)
    }
  }

  private func addAgency(_ arguments: JSON) throws -> JSON {
    let name = try text(arguments, "name")
    guard try store.agency(named: name) == nil else {
      throw LocalFailure(.conflict, "There is an agency of that name already.")
    }
    let agency = try engine.addAgency(
      name: name, sector: try text(arguments, "sector"),
      locality: try text(arguments, "locality"),
      isSensitive: arguments["sensitive"]?.boolValue ?? false, now: core.now)
    try engine.publishAgencies(now: core.now)
    return ["id": .string(agency.id.text), "name": .string(agency.name)]
  }

  private func makeCode(_ arguments: JSON) throws -> JSON {
    let agency = try agency(arguments)
    let valid = core.configuration.enrolmentCodeMinutes * 60_000
    let code = try engine.makeCode(for: agency, validMilliseconds: valid, now: core.now)
    return [
      "code": .string(code), "agency": .string(agency.name),
      "expiresMilliseconds": .count(core.now + valid),
      "triesMax": .count(HubEngine.codeTriesMax),
    ]
  }

  private func revokeDevice(_ arguments: JSON) throws -> JSON {
    guard let id = DeviceID(text: try text(arguments, "device")),
      let device = try store.device(id)
    else { throw LocalFailure.unknown("No such device. See `cafsync hub devices`.") }
    try engine.revoke(device, now: core.now)
    core.log.info("device revoked", ["device": .text(id.text)])
    return ["id": .string(id.text), "revoked": true]
  }

  private func signAgreement(_ arguments: JSON) throws -> JSON {
    let agency = try agency(arguments)
    try record(
      .agreementSigned(
        agency.id, lifts: engine.locks(on: agency.id),
        version: arguments["version"] == nil ? "1" : try text(arguments, "version")))
    return ["agency": .string(agency.name), "locked": false]
  }

  func record(_ kind: PolicyKind, about child: ChildID? = nil) throws {
    guard let hub = try store.agency(AgencyID.hub) else {
      throw StoreError.damaged(file: "replica.sqlite", detail: "the hub's own row is missing")
    }
    var random = SystemRandomNumberGenerator()
    let entry = PolicyEntry(
      id: PolicyID(using: &random), child: child, kind: kind, madeAtMilliseconds: core.now,
      authorAgency: .hub, author: nil)
    // What could not be read again would stop the next start.
    do throws(MessageError) { _ = try PolicyEntry(encoded: entry.encoded()) } catch {
      throw LocalFailure(.usage, "That cannot be recorded: \(error)")
    }
    try engine.commit(policy: entry, from: hub, now: core.now)
  }

  private func why(_ arguments: JSON) throws -> JSON {
    let agency = try agency(arguments)
    let answers = try engine.why(agency.id, try child(arguments), now: core.now)
    return HubReports(core: core).why(agency: agency, answers)
  }

  private func decide(_ arguments: JSON, releasing: Bool) throws -> JSON {
    guard let number = arguments["number"]?.integerValue else {
      throw LocalFailure(.usage, "Say which by its number: see cafsync hub quarantine list.")
    }
    do {
      let isNew =
        releasing
        ? try engine.releaseQuarantine(number, now: core.now)
        : try engine.returnQuarantine(number, now: core.now)
      return [
        "number": .integer(number), "state": .string(releasing ? "released" : "returned"),
        "isNew": .bool(isNew),
      ]
    } catch let objection as QuarantineObjection {
      throw switch objection {
      case .unknown: LocalFailure.unknown(objection.sentence)
      case .decidedOtherwise, .decideFirst: LocalFailure(.conflict, objection.sentence)
      case .mayNotStand: LocalFailure(.refused, objection.sentence)
      }
    }
  }

  private func finishRecovery() throws -> JSON {
    let waiting = try store.recoveringCount()
    try engine.endRecovery(who: "operator", now: core.now)
    return ["letOut": .count(waiting)]
  }

  // MARK: Arguments

  /// Ends a line, moves a terminal's cursor, or turns the direction of writing.
  private static func steers(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .control, .lineSeparator, .paragraphSeparator: true
    default: (0x202a...0x202e).contains(scalar.value) || (0x2066...0x2069).contains(scalar.value)
    }
  }

  func text(_ arguments: JSON, _ name: String) throws -> String {
    guard let text = arguments[name]?.stringValue, text.contains(where: { !$0.isWhitespace }),
      text.utf8.count <= 200, !text.unicodeScalars.contains(where: Self.steers)
    else {
      throw LocalFailure(
        .usage, "\(name) is missing, longer than 200 bytes, or holds control characters.")
    }
    return text
  }

  func child(_ arguments: JSON) throws -> ChildID {
    guard let child = ChildID(text: try text(arguments, "child")) else {
      throw LocalFailure(.usage, "A child is named by the 32 hexadecimal digits of its identifier.")
    }
    return child
  }

  /// An agency by its name or its identifier.
  func agency(_ arguments: JSON) throws -> HubAgency {
    let given = try text(arguments, "agency")
    let found = try AgencyID(text: given).flatMap { try store.agency($0) }
    guard let agency = try found ?? store.agency(named: given), agency.id != .hub else {
      throw LocalFailure.unknown("No agency \"\(given)\". See `cafsync hub agency list`.")
    }
    return agency
  }
}
