package import CaseRecords

/// The entries about one child (its aliases resolved by the caller through `AliasMap`) together
/// with those about whole agencies, sorted by what they do. Built from any order; repetitions
/// change nothing. Entries about aliases (`alias`, `unalias`) are not looked at here.
package struct PolicySet: Sendable {
  struct Grant: Sendable {
    let id: PolicyID
    let terms: ConsentTerms
    let purposes: CodeSet
    let categories: CodeSet

    func isEffective(at now: UInt64) -> Bool {
      guard let expiry = terms.expiresAtMilliseconds else { return true }
      return now < expiry
    }
  }

  /// A withdrawal, a refusal, or the agencies that a grant excludes (under that grant's id).
  struct Denial: Sendable {
    enum Kind: Sendable { case withdrawal, refusal, exclusion }

    let id: PolicyID
    let kind: Kind
    let authorAgency: AgencyID
    let purposes: CodeSet
    let categories: CodeSet
    let recipients: Recipients

    var reason: Reason {
      switch kind {
      case .withdrawal: .deniedByWithdrawal(id)
      case .refusal: .refusal(id)
      case .exclusion: .excluded(id)
      }
    }
  }

  struct Override: Sendable {
    let id: PolicyID
    let terms: OverrideTerms
    let categories: CodeSet
  }

  private(set) var grants: [Grant] = []
  private(set) var denials: [Denial] = []
  private(set) var overrides: [Override] = []
  /// Whom each shield that has not been lifted lets through.
  private(set) var shields: [Set<AgencyID>] = []
  /// The locks that no signature lifts, the smallest id of each agency.
  private(set) var locks: [AgencyID: PolicyID] = [:]
  /// By whom the child's record was erased, the smallest id of each.
  private(set) var erasures: [AgencyID: PolicyID] = [:]

  /// The child's record is erased, for ever.
  package var isErased: Bool { erasure != nil }

  package init(entries: some Sequence<PolicyEntry>) {
    var shielding: [PolicyID: Set<AgencyID>] = [:]
    var unshielded: Set<PolicyID> = []
    var locking: [(agency: AgencyID, id: PolicyID)] = []
    var lifted: [AgencyID: Set<PolicyID>] = [:]
    for entry in entries {
      switch entry.kind {
      case .grant(let terms): add(terms, of: entry)
      case .refusal(let scope): deny(scope, .refusal, of: entry)
      case .withdrawal(let scope): deny(scope, .withdrawal, of: entry)
      case .override(let terms):
        overrides.append(
          Override(id: entry.id, terms: terms, categories: CodeSet(terms.categories)))
      case .shield(let allowed, _):
        shielding[entry.id] = shielding[entry.id].map { $0.intersection(allowed) } ?? allowed
      case .unshield(let id): unshielded.insert(id)
      case .erase:
        erasures[entry.authorAgency] = min(erasures[entry.authorAgency] ?? entry.id, entry.id)
      // The hub has no agreement with itself: a lock that names it would empty the district.
      case .agreementLock(let agency): if agency != .hub { locking.append((agency, entry.id)) }
      case .agreementSigned(let agency, let lifts, _): lifted[agency, default: []].formUnion(lifts)
      case .alias, .unalias: break
      }
    }
    shields = shielding.filter { !unshielded.contains($0.key) }.map(\.value)
    for lock in locking where lifted[lock.agency]?.contains(lock.id) != true {
      locks[lock.agency] = min(locks[lock.agency] ?? lock.id, lock.id)
    }
  }

  var erasure: PolicyID? { erasures.values.min() }

  /// What a sensitive service keeps is erased by its own word or the operator's alone: an agency
  /// that erases what it knows of could neither ask nor be told of such a record.
  package func erasure(of compartment: Compartment, isCustodianSensitive: Bool) -> PolicyID? {
    guard isCustodianSensitive else { return erasure }
    return [compartment.custodian, .hub].compactMap { erasures[$0] }.min()
  }

  private mutating func add(_ terms: ConsentTerms, of entry: PolicyEntry) {
    let categories = CodeSet(terms.scope.categories)
    grants.append(
      Grant(
        id: entry.id, terms: terms, purposes: CodeSet(terms.scope.purposes),
        categories: categories))
    guard !terms.excluded.isEmpty else { return }
    // "Never to receive it" is said of the matter, not of one purpose, and outlives the grant.
    denials.append(
      Denial(
        id: entry.id, kind: .exclusion, authorAgency: entry.authorAgency, purposes: .all,
        categories: categories, recipients: .agencies(terms.excluded)))
  }

  private mutating func deny(_ scope: ConsentScope, _ kind: Denial.Kind, of entry: PolicyEntry) {
    denials.append(
      Denial(
        id: entry.id, kind: kind, authorAgency: entry.authorAgency,
        purposes: CodeSet(scope.purposes), categories: CodeSet(scope.categories),
        recipients: scope.recipients))
  }
}

/// A set of purposes or of categories as bits: `mayHold` runs several times for each change that
/// the hub commits.
struct CodeSet: Hashable, Sendable {
  private let bits: UInt32

  static let all = CodeSet(bits: .max)
  /// What being kept at the hub touches: for the index both purposes, for content only `store`.
  static let keepingIndex = CodeSet([Purpose.index, .store])
  static let keepingContent = CodeSet([Purpose.store])
  static let receivingIndex = CodeSet([Purpose.index, .share])
  static let receivingContent = CodeSet([Purpose.share])

  private init(bits: UInt32) { self.bits = bits }

  /// Raw values are below 32 by their declaration.
  init(_ codes: some Sequence<some RawRepresentable<UInt8>>) {
    bits = codes.reduce(0) { $0 | 1 << UInt32($1.rawValue) }
  }

  func contains(_ code: some RawRepresentable<UInt8>) -> Bool {
    bits & 1 << UInt32(code.rawValue) != 0
  }

  func meets(_ other: CodeSet) -> Bool { bits & other.bits != 0 }

  func intersection(_ other: CodeSet) -> CodeSet { CodeSet(bits: bits & other.bits) }
}
