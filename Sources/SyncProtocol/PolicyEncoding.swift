import CBOR
import CaseRecords
import Causality

// `[id, kind, made at, author's agency, author or null, child or null, …]`, then what the kind
// says. Sets are in one canonical form (a number with a bit per member; identifiers ascending), so
// equal entries have equal bytes: the journal's hash chain stands on that.

/// The numbers of `PolicyKind` on the wire and on disk: never reused.
enum PolicyKindNumber: UInt64 {
  case grant = 1
  case refusal = 2
  case withdrawal = 3
  case override = 4
  case shield = 5
  case unshield = 6
  case erase = 7
  case alias = 8
  case unalias = 9
  case agreementLock = 10
  case agreementSigned = 11

  /// The items that follow the six common ones.
  var itemCount: Int {
    switch self {
    case .grant: 7
    case .refusal, .withdrawal: 3
    case .override: 7
    case .shield: 2
    case .unshield, .erase, .alias, .unalias, .agreementLock: 1
    case .agreementSigned: 3
    }
  }

  static let commonItemCount = 6
}

extension PolicyKind {
  var number: PolicyKindNumber {
    switch self {
    case .grant: .grant
    case .refusal: .refusal
    case .withdrawal: .withdrawal
    case .override: .override
    case .shield: .shield
    case .unshield: .unshield
    case .erase: .erase
    case .alias: .alias
    case .unalias: .unalias
    case .agreementLock: .agreementLock
    case .agreementSigned: .agreementSigned
    }
  }
}

extension PolicyEntry {
  package func encoded() -> [UInt8] {
    var encoder = CBOREncoder(reservingBytes: 160)
    encoder.policyEntry(self)
    return encoder.bytes
  }
}

extension CBOREncoder {
  mutating func policyEntry(_ entry: PolicyEntry) {
    let number = entry.kind.number
    arrayHeader(count: PolicyKindNumber.commonItemCount + number.itemCount)
    identifier(entry.id)
    unsigned(number.rawValue)
    unsigned(entry.madeAtMilliseconds)
    identifier(entry.authorAgency)
    optional(entry.author)
    optional(entry.child)
    policyKind(entry.kind)
  }

  private mutating func policyKind(_ kind: PolicyKind) {
    switch kind {
    case .grant(let terms): consent(terms)
    case .refusal(let scope), .withdrawal(let scope): consentScope(scope)
    case .override(let terms): override(terms)
    case .shield(let allowed, let reviewOnMilliseconds):
      identifierSet(allowed)
      unsigned(reviewOnMilliseconds)
    case .unshield(let id), .unalias(let id): identifier(id)
    case .erase(let reason): text(reason)
    case .alias(let other): identifier(other)
    case .agreementLock(let agency): identifier(agency)
    case .agreementSigned(let agency, let lifts, let version):
      identifier(agency)
      identifierSet(lifts)
      text(version)
    }
  }

  private mutating func consentScope(_ scope: ConsentScope) {
    bits(scope.purposes.map(\.rawValue))
    bits(scope.categories.map(\.rawValue))
    switch scope.recipients {
    case .everyone: null()
    case .agencies(let agencies): identifierSet(agencies)
    }
  }

  private mutating func consent(_ terms: ConsentTerms) {
    consentScope(terms.scope)
    identifierSet(terms.excluded)
    identifierSet(terms.supersedes)
    if let expiry = terms.expiresAtMilliseconds { unsigned(expiry) } else { null() }
    guard let evidence = terms.evidence else { return null() }
    arrayHeader(count: 6)
    text(evidence.givenBy)
    text(evidence.relationship)
    text(evidence.capacityBasis)
    if let assessor = evidence.capacityAssessedBy { text(assessor) } else { null() }
    text(evidence.agreementVersion)
    text(evidence.note)
  }

  private mutating func override(_ terms: OverrideTerms) {
    bits(terms.categories.map(\.rawValue))
    identifierSet(terms.recipients)
    text(terms.reason)
    text(terms.decidedBy)
    unsigned(terms.untilMilliseconds)
    bool(terms.significantHarm)
    bool(terms.authorisedRole)
  }

  private mutating func identifierSet<Tag>(_ set: Set<Identifier<Tag>>) {
    identifiers(set.sorted())
  }

  /// A set of small numbers: bit n stands for n.
  private mutating func bits(_ numbers: [UInt8]) {
    unsigned(numbers.reduce(0) { $0 | 1 << UInt64($1) })
  }
}
