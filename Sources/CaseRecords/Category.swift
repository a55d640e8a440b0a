/// What a compartment holds. The raw value is its number on the wire and on disk: never reused.
package enum Category: UInt8, CaseIterable, Hashable, Sendable, Comparable {
  case index = 1
  case whereabouts = 2
  case household = 3
  case development = 4
  case health = 5
  case parenting = 6
  case plan = 7
  case sensitive = 8
  /// The agency's own notes and pre-CAFs: never leaves the replica.
  case `private` = 9
  /// Between the hub and one agency: one thread (an enquiry and its answer, a prompt, a notice).
  case desk = 10
  // Not about one child: readable by every agency.
  case agreement = 16
  case directory = 17
  case glossary = 18
  /// Per locality.
  case issues = 19
  case practitioners = 20

  /// About one child, and so under that family's consent.
  package var isPerChild: Bool { rawValue < 10 }

  /// The assessment itself: leaves its author's agency only with consent to store, or an override.
  package var isCAFContent: Bool {
    switch self {
    case .whereabouts, .household, .development, .health, .parenting, .plan, .sensitive: true
    case .index, .private, .desk, .agreement, .directory, .glossary, .issues, .practitioners: false
    }
  }

  /// Consent must name the agency: a grant to "all agencies" does not cover it.
  package var needsExplicitAgency: Bool { self == .health || self == .sensitive }

  package static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
}

/// One compartment: the unit of consent, of causality, of storage, of transfer and of purge.
package struct Compartment: Hashable, Sendable {
  package let id: CompartmentID
  /// Nil for what is not about one child (`Category.isPerChild` is false).
  package let child: ChildID?
  package let category: Category
  package let custodian: AgencyID

  package init(id: CompartmentID, child: ChildID?, category: Category, custodian: AgencyID) {
    self.id = id
    self.child = child
    self.category = category
    self.custodian = custodian
  }
}
