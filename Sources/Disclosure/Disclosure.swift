package import CaseRecords
import Causality

// Who may hold what, and why.
//
// `mayHold` is a pure function: from the entries of a child's policy (a set; the order in which
// they arrived means nothing), from the facts of the case and from the time, to an answer that
// carries its reasons. The hub, the agencies and the preview before saving all ask this one
// function.
//
// The idea is the *point*: one agency, one category, one purpose. Every entry is reduced to the
// points that it covers, and at each point the order of precedence is
//
//     erasure > agreement lock > lawful override > withdrawal, refusal, exclusion > consent >
//     default
//
// with time running through all of it: at the very moment of its expiry a consent or an override is
// gone. Denials never expire. A consent counts at a point only if it names every denial that stands
// there (`supersedes`): whoever gave it knew of them. So of two parents the narrower wins, a new
// denial never lets anybody hold more, and the passing of time never does either.
//
// What is not decided here: whether two devices agree about the entries (`SyncEngine`), and whom a
// person may see inside one agency.

/// What the hub knows about a child's situation from the records, not from policy.
package struct CaseFacts: Hashable, Sendable {
  /// Agencies that some custodian's index compartment names as involved, now or in the past. Never
  /// those whose involvement is itself sensitive.
  package var involved: Set<AgencyID>
  /// The agency of the accepted lead professional, and of the deputy.
  package var leads: Set<AgencyID>
  /// Milliseconds since 1970: when the role ends that makes an agency a lead; absent: it was given
  /// no end.
  package var leadEnds: [AgencyID: UInt64] = [:]
  /// Agencies in the team around the child.
  package var planMembers: Set<AgencyID>
  /// Agencies that own an action of the plan.
  package var actionOwners: Set<AgencyID>
  /// The compartment's custodian is a sensitive service: whatever it keeps is as the category
  /// `sensitive`, since any part of it tells that the child is known there.
  package var isCustodianSensitive: Bool

  package init(
    involved: Set<AgencyID> = [], leads: Set<AgencyID> = [], planMembers: Set<AgencyID> = [],
    actionOwners: Set<AgencyID> = [], isCustodianSensitive: Bool = false
  ) {
    self.involved = involved
    self.leads = leads
    self.planMembers = planMembers
    self.actionOwners = actionOwners
    self.isCustodianSensitive = isCustodianSensitive
  }
}

/// What a disclosure rests on: the ledger records it beside each holding.
package enum Basis: Hashable, Sendable {
  case custodian
  /// Not about a child, or a thread of the agency's own desk with the hub.
  case openToAgencies
  /// The index is kept at the hub unless the family objects.
  case indexByDefault
  case involved
  case leadProfessional
  case actionOwner
  case grant(PolicyID)
  case override(PolicyID)

  /// As the ledger of disclosures says it: in plain words, and naming the entry where there is one.
  package var ledgerText: String {
    switch self {
    case .custodian: "own record"
    case .openToAgencies: "open to agencies"
    case .indexByDefault: "index by default"
    case .involved: "involved"
    case .leadProfessional: "lead professional"
    case .actionOwner: "owner of an action"
    case .grant(let id): "consent \(id.text)"
    case .override(let id): "override \(id.text)"
    }
  }
}

/// An answer with its reasons.
package struct Decision: Hashable, Sendable {
  package let isAllowed: Bool
  /// Sorted, without repetition, never empty; the first is the one to show if only one is shown.
  package let reasons: [Reason]
  /// Milliseconds since 1970: when the answer turns from yes to no by time alone. Nil: not by time.
  /// (Time alone never turns a no into a yes.)
  package let expiresAtMilliseconds: UInt64?
  /// Nil exactly when not allowed. Consent is named before an override that would do as well.
  package let basis: Basis?

  static func allowed(_ reasons: [Reason], on basis: Basis, until end: UInt64 = .max) -> Decision {
    Decision(
      isAllowed: true, reasons: Reason.tidied(reasons),
      expiresAtMilliseconds: end == .max ? nil : end, basis: basis)
  }

  static func denied(_ reasons: [Reason]) -> Decision {
    Decision(
      isAllowed: false, reasons: Reason.tidied(reasons.isEmpty ? [.noConsent] : reasons),
      expiresAtMilliseconds: nil, basis: nil)
  }
}
