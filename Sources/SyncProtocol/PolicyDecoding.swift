import CBOR
package import CaseRecords
import Causality

extension PolicyEntry {
  /// From `encoded()`.
  package init(encoded bytes: [UInt8]) throws(MessageError) {
    var reader = MessageReader(.policyEntry, bytes, nesting: 2)
    self = try reader.policyEntry()
    try reader.finish()
  }
}

extension MessageReader {
  mutating func policyEntry() throws(MessageError) -> PolicyEntry {
    let itemCount = try array("policy entry")
    guard itemCount > PolicyKindNumber.commonItemCount else {
      throw failure("policy entry", .wrongItemCount)
    }
    let id: PolicyID = try identifier("policy id")
    guard let number = PolicyKindNumber(rawValue: try unsigned("policy kind")) else {
      throw failure("policy kind", .unassignedNumber)
    }
    guard itemCount == PolicyKindNumber.commonItemCount + number.itemCount else {
      throw failure("policy entry", .wrongItemCount)
    }
    let madeAt = try unsigned("made at")
    let agency: AgencyID = try identifier("author agency")
    let author: PractitionerID? = try optionalIdentifier("author")
    let child: ChildID? = try optionalIdentifier("child")
    return PolicyEntry(
      id: id, child: child, kind: try policyKind(number), madeAtMilliseconds: madeAt,
      authorAgency: agency, author: author)
  }

  private mutating func policyKind(_ number: PolicyKindNumber) throws(MessageError) -> PolicyKind {
    switch number {
    case .grant: .grant(try consent())
    case .refusal: .refusal(try consentScope())
    case .withdrawal: .withdrawal(try consentScope())
    case .override: .override(try override())
    case .shield:
      .shield(
        allowed: try identifierSet("allowed"), reviewOnMilliseconds: try unsigned("review on"))
    case .unshield: .unshield(try identifier("unshield"))
    case .erase: .erase(reason: try policyText("reason"))
    case .alias: .alias(other: try identifier("alias"))
    case .unalias: .unalias(try identifier("unalias"))
    case .agreementLock: .agreementLock(try identifier("agency"))
    case .agreementSigned:
      .agreementSigned(
        try identifier("agency"), lifts: try identifierSet("lifts"),
        version: try policyText("version"))
    }
  }

  private mutating func consentScope() throws(MessageError) -> ConsentScope {
    let purposes = try bits("purposes", Purpose.init(rawValue:))
    let categories = try bits("categories", Category.init(rawValue:))
    let recipients: Recipients =
      try passedNull("recipients") ? .everyone : .agencies(try identifierSet("recipients"))
    return ConsentScope(purposes: purposes, categories: categories, recipients: recipients)
  }

  private mutating func consent() throws(MessageError) -> ConsentTerms {
    let scope = try consentScope()
    let excluded: Set<AgencyID> = try identifierSet("excluded")
    let supersedes: Set<PolicyID> = try identifierSet("supersedes")
    let expiry = try passedNull("expiry") ? nil : try unsigned("expiry")
    return ConsentTerms(
      scope: scope, excluded: excluded, supersedes: supersedes, expiresAtMilliseconds: expiry,
      evidence: try passedNull("evidence") ? nil : try evidence())
  }

  private mutating func evidence() throws(MessageError) -> ConsentEvidence {
    try array("evidence", count: 6)
    let givenBy = try policyText("given by")
    let relationship = try policyText("relationship")
    let capacityBasis = try policyText("capacity basis")
    let assessor = try passedNull("assessed by") ? nil : try policyText("assessed by")
    return ConsentEvidence(
      givenBy: givenBy, relationship: relationship, capacityBasis: capacityBasis,
      capacityAssessedBy: assessor, agreementVersion: try policyText("agreement version"),
      note: try policyText("note"))
  }

  private mutating func override() throws(MessageError) -> OverrideTerms {
    OverrideTerms(
      categories: try bits("categories", Category.init(rawValue:)),
      recipients: try identifierSet("recipients"), reason: try policyText("reason"),
      decidedBy: try policyText("decided by"), untilMilliseconds: try unsigned("until"),
      significantHarm: try bool("significant harm"), authorisedRole: try bool("authorised role"))
  }

  private mutating func policyText(_ field: StaticString) throws(MessageError) -> String {
    try text(field, bytesMax: SyncLimits.policyTextBytesMax)
  }

  private mutating func identifierSet<Tag>(
    _ field: StaticString
  ) throws(MessageError) -> Set<Identifier<Tag>> {
    let list: [Identifier<Tag>] = try identifiers(field, countMax: SyncLimits.policyNamesMax)
    for (left, right) in zip(list, list.dropFirst()) where left >= right {
      throw failure(field, .notAscending)
    }
    return Set(list)
  }

  private mutating func optionalIdentifier<Tag>(
    _ field: StaticString
  ) throws(MessageError) -> Identifier<Tag>? {
    if try passedNull(field) { return nil }
    return try identifier(field)
  }

  /// A set of small numbers, each of which must be assigned.
  private mutating func bits<Member: Hashable>(
    _ field: StaticString, _ member: (UInt8) -> Member?
  ) throws(MessageError) -> Set<Member> {
    let bits = try unsigned(field)
    var members = Set<Member>()
    for number in UInt8(0)..<64 where bits >> UInt64(number) & 1 == 1 {
      guard let found = member(number) else { throw failure(field, .unassignedNumber) }
      members.insert(found)
    }
    return members
  }
}
