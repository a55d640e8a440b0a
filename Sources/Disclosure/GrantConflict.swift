package import CaseRecords

/// The compare-and-set on consent: which withdrawals, refusals and exclusions stand in the way of
/// this grant without being named in its `supersedes`? If any, the hub refuses the grant and gives
/// it back to a person: it was made without knowledge of them. Sorted; empty for every other kind.
///
/// A grant to *named* agencies meets every denial that reaches one of them. A grant to *everyone*
/// meets only the denials that its author's agency could know of: those that reach everyone, the
/// hub's own store, or that agency itself, and those it wrote. A narrower denial of somebody else
/// goes on denying that agency, silently: to refuse the grant would tell its author that the other
/// agency exists.
package func grantConflict(_ grant: PolicyEntry, against policy: PolicySet) -> [PolicyID] {
  guard case .grant(let terms) = grant.kind else { return [] }
  let purposes = CodeSet(terms.scope.purposes)
  let categories = CodeSet(terms.scope.categories)
  var standing: Set<PolicyID> = []
  for denial in policy.denials
  where denial.id != grant.id && !terms.supersedes.contains(denial.id)
    && denial.categories.meets(categories) && denial.purposes.meets(purposes)
  {
    let isMet =
      switch (terms.scope.recipients, denial.recipients) {
      case (.agencies(let named), .everyone): !named.isSubset(of: terms.excluded)
      case (.agencies(let named), .agencies(let denied)):
        !named.subtracting(terms.excluded).isDisjoint(with: denied)
      case (.everyone, .everyone): true
      case (.everyone, .agencies(let denied)):
        denied.contains(grant.authorAgency) || denial.authorAgency == grant.authorAgency
          || (denied.contains(.hub)
            && denial.purposes.intersection(purposes).meets(.keepingIndex))
      }
    if isMet { standing.insert(denial.id) }
  }
  return standing.sorted()
}
