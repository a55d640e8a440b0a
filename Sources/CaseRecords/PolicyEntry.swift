/// One entry of the policy journal: what a family, or the law, decided about who may hold what.
/// Entries are immutable; a change of mind is a new entry. The order of arrival never matters:
/// `Disclosure` reads them as a set.
package struct PolicyEntry: Hashable, Sendable {
  package let id: PolicyID
  /// Nil only for the entries about a whole agency (agreement locked or signed).
  package let child: ChildID?
  package let kind: PolicyKind
  /// Milliseconds since 1970, as the author's clock had it; for display, never for precedence.
  package let madeAtMilliseconds: UInt64
  package let authorAgency: AgencyID
  package let author: PractitionerID?

  package init(
    id: PolicyID, child: ChildID?, kind: PolicyKind, madeAtMilliseconds: UInt64,
    authorAgency: AgencyID, author: PractitionerID?
  ) {
    self.id = id
    self.child = child
    self.kind = kind
    self.madeAtMilliseconds = madeAtMilliseconds
    self.authorAgency = authorAgency
    self.author = author
  }

  /// The children that it names.
  package var children: [ChildID] {
    guard let child else { return [] }
    if case .alias(let other) = kind { return [child, other] }
    return [child]
  }
}

/// Whom an entry reaches.
package enum Recipients: Hashable, Sendable {
  /// Every agency, and the hub's own store.
  case everyone
  case agencies(Set<AgencyID>)

  package func includes(_ agency: AgencyID) -> Bool {
    switch self {
    case .everyone: true
    case .agencies(let named): named.contains(agency)
    }
  }
}

/// What consent is for. `store` is a grant to the hub (`AgencyID.hub`), the others to agencies.
package enum Purpose: UInt8, CaseIterable, Hashable, Sendable, Comparable {
  case store = 1
  case index = 2
  case discussAtECM = 3
  case share = 4
  case transfer = 5

  package static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
}

/// What has many parts stands apart, so that entries are handed round without copying them.
package enum PolicyKind: Hashable, Sendable {
  /// Consent. `supersedes` names the withdrawals and refusals that the giver knew of and lifts: a
  /// compare-and-set at the hub.
  indirect case grant(ConsentTerms)
  /// Asked and declined: stands against grants like a withdrawal, and is kept as a record.
  case refusal(ConsentScope)
  case withdrawal(ConsentScope)
  /// Lawful disclosure without consent (suspected significant harm).
  indirect case override(OverrideTerms)
  /// Whereabouts hidden from everyone but the named; reviewed on the date given.
  case shield(allowed: Set<AgencyID>, reviewOnMilliseconds: UInt64)
  case unshield(PolicyID)
  /// The child's record is erased everywhere, for ever.
  case erase(reason: String)
  /// `other` is the same child as this entry's. Reversible by `unalias`.
  case alias(other: ChildID)
  case unalias(PolicyID)
  /// The agreement with this agency is locked (ended): it may hold nothing of others.
  case agreementLock(AgencyID)
  /// The agency has signed (again), and lifts the locks named.
  case agreementSigned(AgencyID, lifts: Set<PolicyID>, version: String)
}

package struct ConsentScope: Hashable, Sendable {
  package let purposes: Set<Purpose>
  package let categories: Set<Category>
  package let recipients: Recipients

  package init(purposes: Set<Purpose>, categories: Set<Category>, recipients: Recipients) {
    self.purposes = purposes
    self.categories = categories
    self.recipients = recipients
  }

  /// What an entry is reduced to that counts no more.
  package static let nothing = ConsentScope(
    purposes: [], categories: [], recipients: .agencies([]))
  package var isOfNothing: Bool { self == .nothing }
}

/// Consent as it was given (domain: the consent record).
package struct ConsentTerms: Hashable, Sendable {
  package let scope: ConsentScope
  /// Agencies the family names as never to receive it, whatever the recipients say.
  package let excluded: Set<AgencyID>
  package let supersedes: Set<PolicyID>
  /// Milliseconds since 1970; nil: until withdrawn.
  package let expiresAtMilliseconds: UInt64?
  /// Nil in the projection that other agencies receive.
  package let evidence: ConsentEvidence?

  package init(
    scope: ConsentScope, excluded: Set<AgencyID>, supersedes: Set<PolicyID>,
    expiresAtMilliseconds: UInt64?, evidence: ConsentEvidence?
  ) {
    self.scope = scope
    self.excluded = excluded
    self.supersedes = supersedes
    self.expiresAtMilliseconds = expiresAtMilliseconds
    self.evidence = evidence
  }
}

/// Who decided and on what footing. Stays with the hub and the agency that took the consent.
package struct ConsentEvidence: Hashable, Sendable {
  package let givenBy: String
  package let relationship: String
  /// Code list `capacityBasis`: `sixteenOrOver`, `competentUnderSixteen`, `parentalResponsibility`,
  /// `other`.
  package let capacityBasis: String
  package let capacityAssessedBy: String?
  package let agreementVersion: String
  package let note: String

  package init(
    givenBy: String, relationship: String, capacityBasis: String, capacityAssessedBy: String?,
    agreementVersion: String, note: String
  ) {
    self.givenBy = givenBy
    self.relationship = relationship
    self.capacityBasis = capacityBasis
    self.capacityAssessedBy = capacityAssessedBy
    self.agreementVersion = agreementVersion
    self.note = note
  }
}

package struct OverrideTerms: Hashable, Sendable {
  package let categories: Set<Category>
  package let recipients: Set<AgencyID>
  package let reason: String
  package let decidedBy: String
  /// Milliseconds since 1970: a disclosure without consent always has an end.
  package let untilMilliseconds: UInt64
  /// The grounds are suspected significant harm: required for `sensitive`.
  package let significantHarm: Bool
  /// Decided by a role entitled to disclose whereabouts: required for `whereabouts`.
  package let authorisedRole: Bool

  package init(
    categories: Set<Category>, recipients: Set<AgencyID>, reason: String, decidedBy: String,
    untilMilliseconds: UInt64, significantHarm: Bool, authorisedRole: Bool
  ) {
    self.categories = categories
    self.recipients = recipients
    self.reason = reason
    self.decidedBy = decidedBy
    self.untilMilliseconds = untilMilliseconds
    self.significantHarm = significantHarm
    self.authorisedRole = authorisedRole
  }
}
