import Causality
package import CaseRecords

/// One reason for an answer. The sentences name nobody and show no identifier: they may be shown to
/// whoever may ask the question.
package enum Reason: Hashable, Sendable {
  // Why not: in the order in which a person should read them.
  case erased(PolicyID)
  case agreementLocked(PolicyID)
  case privateNeverLeaves
  case deskOfAnother
  case shielded
  case deniedByWithdrawal(PolicyID)
  case refusal(PolicyID)
  case excluded(PolicyID)
  case expired(PolicyID)
  case noConsentToStore
  case noConsent
  case healthNeedsExplicit
  case sensitiveNeedsExplicit
  case planNeedsTeam
  case overrideNeedsAuthorisedRole(PolicyID)
  case overrideNeedsSignificantHarm(PolicyID)
  // Why.
  case custodian
  case openToAgencies
  case ownDesk
  case indexByDefault
  case involved
  case leadProfessional
  case actionOwner
  case teamMember
  case grant(PolicyID)
  case override(PolicyID)
  case consentToStore(PolicyID)

  /// In plain words, for the practitioner who asks "why?".
  package var sentence: String {
    switch self {
    case .erased: "The child's record has been erased."
    case .agreementLocked: "The information sharing agreement with this agency is locked."
    case .privateNeverLeaves: "An agency's own notes never leave that agency."
    case .deskOfAnother: "This is between the hub and another agency."
    case .shielded: "The child's whereabouts are shielded, and this agency is not on the list."
    case .deniedByWithdrawal: "Consent has been withdrawn."
    case .refusal: "The family was asked and declined."
    case .excluded: "The family has named this agency as never to receive it."
    case .expired: "The consent or the override for this has run out."
    case .noConsentToStore:
      "There is no consent to keep this at the hub, so it stays with the agency that wrote it."
    case .noConsent: "There is no consent that covers this agency."
    case .healthNeedsExplicit: "Health information needs consent that names this agency."
    case .sensitiveNeedsExplicit:
      "Sensitive information needs consent that names it and this agency."
    case .planNeedsTeam:
      "Consent for all agencies opens the plan only to the team around the child."
    case .overrideNeedsAuthorisedRole:
      "An override for whereabouts must be decided by an authorised role."
    case .overrideNeedsSignificantHarm:
      "An override for sensitive information needs suspected significant harm as its ground."
    case .custodian: "It is this agency's own record."
    case .openToAgencies: "It is not about a child; every agency may read it."
    case .ownDesk: "It is between the hub and this agency."
    case .indexByDefault: "The index is kept at the hub unless the family objects."
    case .involved: "The agency is involved with the child."
    case .leadProfessional: "The lead professional or the deputy works there."
    case .actionOwner: "The agency owns an action of the plan."
    case .teamMember: "The agency is in the team around the child."
    case .grant: "There is consent for it."
    case .override: "It is lawfully disclosed without consent, on a recorded ground."
    case .consentToStore: "There is consent to keep it at the hub."
    }
  }

  static func tidied(_ reasons: [Reason]) -> [Reason] {
    guard reasons.count > 1 else { return reasons }
    return Set(reasons).sorted { $0.order < $1.order }
  }

  private var order: (Int, PolicyID) {
    let none = PolicyID(high: 0, low: 0)
    return switch self {
    case .erased(let id): (0, id)
    case .agreementLocked(let id): (1, id)
    case .privateNeverLeaves: (2, none)
    case .deskOfAnother: (3, none)
    case .shielded: (4, none)
    case .deniedByWithdrawal(let id): (5, id)
    case .refusal(let id): (6, id)
    case .excluded(let id): (7, id)
    case .expired(let id): (8, id)
    case .noConsentToStore: (9, none)
    case .noConsent: (10, none)
    case .healthNeedsExplicit: (11, none)
    case .sensitiveNeedsExplicit: (12, none)
    case .planNeedsTeam: (13, none)
    case .overrideNeedsAuthorisedRole(let id): (14, id)
    case .overrideNeedsSignificantHarm(let id): (15, id)
    case .custodian: (16, none)
    case .openToAgencies: (17, none)
    case .ownDesk: (18, none)
    case .indexByDefault: (19, none)
    case .involved: (20, none)
    case .leadProfessional: (21, none)
    case .actionOwner: (22, none)
    case .teamMember: (23, none)
    case .grant(let id): (24, id)
    case .override(let id): (25, id)
    case .consentToStore(let id): (26, id)
    }
  }
}
