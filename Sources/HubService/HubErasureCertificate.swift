import CaseRecords
import Causality
import Cryptography
import HTTPTransport
import Operations
import ReplicaStore
import SyncEngine
import SyncProtocol

/// What the hub states of an erasure: which compartments, when, which devices have proven that
/// theirs are destroyed, and which have not. It bears the hub's MAC, and its digest stands on the
/// audit log, so that it can be checked later, by this hub alone.
///
/// It tells nothing of confidential services, not even that there is one, unless asked to: it may
/// be handed to a family in which not everybody is to know.
struct HubErasureCertificate {
  let core: HubCore
  let child: ChildID
  let includesConfidential: Bool

  static let kind = "cafsync erasure certificate"
  static let action = "erasure certificate"

  func statement(issuedBy who: String) throws -> JSON {
    let erasures = try core.engine.erasures(of: child)
    guard !erasures.isEmpty else {
      throw LocalFailure.unknown("The record of this child is not erased, under any identifier.")
    }
    let parts = try parts()
    let compartments = try parts.map(json)
    let untold = try core.engine.audience(ofErasuresOf: child).filter {
      try !$0.isTold && isShown($0.agency)
    }
    let outstanding = compartments.reduce(0) {
      $0 + ($1["outstanding"]?.arrayValue?.count ?? 0)
    }
    let here = compartments.count { $0["hub"] == "awaits the others" }
    let audit = try core.store.auditChain()
    let identifiers = core.engine.identifiers(of: child)
    return [
      "kind": .string(Self.kind), "format": 1, "child": .string(child.text),
      "identifiers": .array(identifiers.map { .string($0.text) }),
      "issuedMilliseconds": .count(core.now), "issuedBy": .string(who),
      "erasures": .array(
        try erasures.map { erasure in
          [
            "decision": .string(erasure.policy.text), "by": .string(try name(erasure.by)),
            "atMilliseconds": .count(erasure.atMilliseconds),
          ]
        }),
      "words": .string(
        Self.words(
          compartments.count, outstanding: outstanding, untold: untold.count, here: here)),
      "isComplete": .bool(outstanding == 0 && untold.isEmpty && here == 0),
      "outstanding": .count(outstanding), "compartments": .array(compartments),
      "notTold": .array(
        try untold.map {
          ["agency": .string(try name($0.agency)), "device": .string($0.device.text)]
        }),
      "epoch": .count(try core.engine.epoch), "auditLines": .count(audit.lines),
      "auditDigest": .string(Hex.text(audit.head)),
    ]
  }

  private static func words(_ count: Int, outstanding: Int, untold: Int, here: Int) -> String {
    var sentences = ["The child's record is erased: \(count) compartments, named below."]
    switch outstanding {
    case 0: sentences.append("Every device that held one has proven that it destroyed its copy.")
    case 1: sentences.append("One copy on a device is not proven destroyed yet.")
    default: sentences.append("\(outstanding) copies on devices are not proven destroyed yet.")
    }
    if untold > 0 {
      sentences.append(
        "\(untold) devices of agencies that had records have not been in contact since.")
    }
    sentences.append(
      here == 0
        ? "The hub has none of them any more."
        : "The hub destroys its own copy of \(here) once those devices have.")
    sentences.append(
      "This says nothing of confidential services, unless it was asked to, nor of what was printed "
        + "or copied outside CAFSync.")
    return sentences.joined(separator: " ")
  }

  // MARK: The compartments

  private struct Part {
    let id: CompartmentID
    let category: UInt8
    var custodian: AgencyID?
    var isReached = true
    var isHere = false
  }

  /// What is or was on the hub's books and an erasure reaches.
  private func parts() throws -> [Part] {
    var parts: [CompartmentID: Part] = [:]
    for line in try core.engine.ledger(of: child) {
      var part = parts[line.compartment] ?? Part(id: line.compartment, category: line.category)
      if line.basis == "own record" {
        part.custodian = try core.store.agency(number: line.agency)?.id
      }
      parts[line.compartment] = part
    }
    for stored in try core.engine.parts(of: child) {
      var part =
        parts[stored.id]
        ?? Part(id: stored.id, category: stored.compartment.category.rawValue)
      part.custodian = stored.compartment.custodian
      part.isReached = try core.engine.isErased(stored.compartment)
      part.isHere = true
      parts[stored.id] = part
    }
    return try parts.values.filter { try $0.isReached && isShown($0) }.sorted { $0.id < $1.id }
  }

  private func json(_ part: Part) throws -> JSON {
    let proven = try core.store.provenPurges(of: part.id).filter { try isShown($0.agency) }
    // Each run of a device counts by itself.
    let holders = try core.store.holders(of: part.id).filter { try isShown($0.agency) }
    let erasedAt = try core.store.erasedMilliseconds(part.id)
    return [
      "compartment": .string(part.id.text),
      "category": .string(HubLedgerReport.name(part.category)),
      "custodian": .string(try part.custodian.map(name) ?? ""),
      "hub": part.isHere ? "awaits the others" : erasedAt == nil ? "had no copy" : "destroyed",
      "hubMilliseconds": erasedAt.map { .count($0) } ?? .null,
      "proven": .array(
        try proven.map { purge in
          [
            "agency": .string(try name(purge.agency)), "device": .string(purge.device.text),
            "orderedMilliseconds": .count(purge.orderedMilliseconds),
            "provenMilliseconds": .count(purge.atMilliseconds),
            "order": .string(Hex.text(purge.certificate)),
            "proof": .string(Hex.text(purge.proof)),
          ]
        }),
      "outstanding": .array(
        try holders.map { holder in
          [
            "agency": .string(try name(holder.agency)), "device": .string(holder.device.text),
            "orderedMilliseconds": holder.orderedMilliseconds.map { .count($0) } ?? .null,
            "lostMilliseconds": holder.lostMilliseconds.map { .count($0) } ?? .null,
          ]
        }),
    ]
  }

  private func isShown(_ part: Part) throws -> Bool {
    if includesConfidential { return true }
    return try part.category != CaseRecords.Category.sensitive.rawValue
      && part.custodian.map(isShown) ?? true
  }

  private func isShown(_ agency: AgencyID) throws -> Bool {
    try includesConfidential || core.store.agency(agency)?.isSensitive != true
  }

  private func isShown(_ number: Int64) throws -> Bool {
    try includesConfidential || core.store.agency(number: number)?.isSensitive != true
  }

  private func name(_ agency: AgencyID) throws -> String {
    if agency == .hub { return "the hub's operator" }
    guard try isShown(agency) else { return "an agency" }
    return try core.store.agency(agency)?.name ?? ""
  }

  private func name(_ number: Int64) throws -> String {
    try core.store.agency(number: number)?.name ?? ""
  }
}

extension HubAdministration {
  /// Issues a certificate; its digest is written into the audit log.
  func certifyErasure(_ arguments: JSON) throws -> JSON {
    let certificate = HubErasureCertificate(
      core: core, child: try child(arguments),
      includesConfidential: arguments["include-sensitive"]?.boolValue ?? false)
    guard case .object(var stated) = try certificate.statement(issuedBy: who) else { return .null }
    let mac = core.engine.statementMAC(
      HubErasureCertificate.kind, JSON.object(stated).bytes(.sorted))
    stated["mac"] = .string(Hex.text(mac))
    try core.store.audit(
      who: who, action: HubErasureCertificate.action,
      subject: "child \(certificate.child.text) mac \(Hex.text(mac))", atMilliseconds: core.now)
    return .object(stated)
  }

  /// Whether this hub made it, and as it stands; and what has been proven since.
  func verifyCertificate(_ arguments: JSON) throws -> JSON {
    guard case .object(var stated)? = arguments["certificate"],
      stated["kind"]?.stringValue == HubErasureCertificate.kind,
      let mac = stated["mac"]?.stringValue.flatMap({ Hex.bytes($0) }),
      let child = stated["child"]?.stringValue.flatMap({ ChildID(text: $0) })
    else { throw LocalFailure(.usage, "That is no erasure certificate of a CAFSync hub.") }
    stated["mac"] = nil
    let expected = core.engine.statementMAC(
      HubErasureCertificate.kind, JSON.object(stated).bytes(.sorted))
    guard constantTimeEquals(mac, expected) else {
      throw LocalFailure(
        .damaged,
        "This hub did not make that certificate, or it was changed since. Ask for a new one: "
          + "cafsync hub erasure-certificate.")
    }
    let line = try core.store.auditLine(
      action: HubErasureCertificate.action,
      subject: "child \(child.text) mac \(Hex.text(mac))")
    let now = try HubErasureCertificate(core: core, child: child, includesConfidential: false)
      .statement(issuedBy: "")
    return [
      "genuine": true, "child": .string(child.text),
      "issuedMilliseconds": stated["issuedMilliseconds"] ?? .null,
      "auditLine": line.map { .integer($0.number) } ?? .null,
      "wasComplete": stated["isComplete"] ?? .null, "isComplete": now["isComplete"] ?? .null,
      "outstandingThen": stated["outstanding"] ?? .null,
      "outstandingNow": now["outstanding"] ?? .null, "wordsNow": now["words"] ?? .null,
    ]
  }
}
