package import CaseRecords

// What each agency is told of a child's policy: enough to obey it and to answer "may I?" offline,
// and nothing from which it could learn of other agencies. An agency that decides by its projected
// entries about itself, or about the hub keeping its own records, decides as the hub does.

/// For whom entries are projected.
package struct Audience: Hashable, Sendable {
  package let agency: AgencyID
  /// Categories of this child of which the agency is custodian: it must know whether the hub may
  /// keep them.
  package let custodyOf: Set<Category>
  /// The agency is a sensitive service: nothing opens what it keeps but what is meant for that.
  package let isSensitiveService: Bool
  /// The agency is custodian of something sensitive, or is named for it: only then do entries
  /// mention that category to it at all.
  package let isToldOfSensitive: Bool
  /// The identifiers under which the agency knows the child; nil: every one that there is. Entries
  /// under another are told as if they were under one of these: that somebody else has registered
  /// the child is not for everyone to know.
  package let identifiers: Set<ChildID>?

  /// `entries` are all entries about the child.
  package init(
    agency: AgencyID, custodyOf: Set<Category> = [], isSensitiveService: Bool = false,
    identifiers: Set<ChildID>? = nil, entries: some Sequence<PolicyEntry>
  ) {
    self.agency = agency
    self.identifiers = identifiers
    self.custodyOf = custodyOf
    self.isSensitiveService = isSensitiveService
    isToldOfSensitive =
      custodyOf.contains(.sensitive) || entries.contains { $0.namesForSensitive(agency) }
  }
}

/// What one agency is told of a child's entries, sorted by identifier. This is the form to send: it
/// also keeps from `supersedes` the identifiers of entries that the agency is not told of. The
/// answer for an old entry can change when a new one names the agency, so send by comparison, not
/// once.
package func projections(
  of entries: some Collection<PolicyEntry>, for audience: Audience
) -> [PolicyEntry] {
  let projected = entries.compactMap { projection(of: $0, for: audience) }
  let told = Set(projected.map(\.id))
  return projected.map { entry in
    guard entry.authorAgency != audience.agency, case .grant(let terms) = entry.kind
    else { return entry }
    return entry.told(
      .grant(terms.superseding(terms.supersedes.intersection(told))))
  }.sorted { $0.id < $1.id }
}

/// What an agency is told of one entry, as far as that entry alone shows; nil: nothing.
package func projection(of entry: PolicyEntry, for agency: AgencyID) -> PolicyEntry? {
  projection(of: entry, for: Audience(agency: agency, entries: [entry]))
}

/// What this audience is told of one entry; nil: it does not concern it. The agency that wrote the
/// entry, and the hub, get it whole. In every other copy the author is the hub, free text and
/// evidence are gone, and recipients are reduced to the agency itself and the hub.
package func projection(of entry: PolicyEntry, for audience: Audience) -> PolicyEntry? {
  if audience.agency == .hub || entry.authorAgency == audience.agency { return entry }
  guard let told = reduced(entry, for: audience).map(audience.underItsName) else { return nil }
  if case .alias(let other) = told.kind, other == told.child { return nil }
  return told
}

private func reduced(_ entry: PolicyEntry, for audience: Audience) -> PolicyEntry? {
  let agency = audience.agency
  switch entry.kind {
  case .grant(let terms):
    let excluded = terms.excluded.intersection([agency, .hub])
    let scope = terms.scope.narrowed(to: audience)
    guard
      let scope = scope
        ?? (excluded.isEmpty ? nil : terms.scope.reachingNobody(for: audience))
    else { return nil }
    return entry.told(
      .grant(
        ConsentTerms(
          scope: scope, excluded: excluded, supersedes: terms.supersedes,
          expiresAtMilliseconds: terms.expiresAtMilliseconds, evidence: nil)))
  case .refusal(let scope):
    return scope.narrowed(to: audience).map { entry.told(.refusal($0)) }
  case .withdrawal(let scope):
    return scope.narrowed(to: audience).map { entry.told(.withdrawal($0)) }
  case .override(let terms):
    return terms.narrowed(to: audience).map { entry.told(.override($0)) }
  case .shield(let allowed, let review):
    return entry.told(
      .shield(allowed: allowed.intersection([agency]), reviewOnMilliseconds: review))
  case .erase:
    // It does not reach what such a service keeps, unless the operator decided it.
    if audience.isSensitiveService, entry.authorAgency != .hub { return nil }
    return entry.told(.erase(reason: notTold))
  case .alias(let other):
    // Who knows the first and the last of three in a row is to know that they are one child.
    return audience.name(of: other).map { entry.told(.alias(other: $0)) }
  case .unshield, .unalias: return entry.told(entry.kind)
  case .agreementLock(let locked), .agreementSigned(let locked, _, _):
    return locked == agency ? entry.told(entry.kind) : nil
  }
}

/// In place of free text, which may name anybody.
private let notTold = "On record at the hub and with the agency that decided."

extension Audience {
  fileprivate func knows(_ child: ChildID?) -> Bool {
    guard let child, let identifiers else { return true }
    return identifiers.contains(child)
  }

  /// As the audience calls the child; nil when it knows it by no name.
  fileprivate func name(of child: ChildID) -> ChildID? {
    knows(child) ? child : identifiers?.min()
  }

  fileprivate func underItsName(_ entry: PolicyEntry) -> PolicyEntry {
    guard !knows(entry.child), let name = identifiers?.min() else { return entry }
    return PolicyEntry(
      id: entry.id, child: name, kind: entry.kind, madeAtMilliseconds: entry.madeAtMilliseconds,
      authorAgency: entry.authorAgency, author: entry.author)
  }
}

extension PolicyEntry {
  /// What stands in an agency's copy in place of an entry that counts for no child that it knows
  /// any more: under the same identifier, a withdrawal of nothing from nobody.
  package var retracted: PolicyEntry { told(.withdrawal(.nothing)) }

  fileprivate func told(_ kind: PolicyKind) -> PolicyEntry {
    PolicyEntry(
      id: id, child: child, kind: kind, madeAtMilliseconds: madeAtMilliseconds,
      authorAgency: .hub, author: nil)
  }

  fileprivate func namesForSensitive(_ agency: AgencyID) -> Bool {
    switch kind {
    case .grant(let terms): terms.scope.namesForSensitive(agency)
    case .refusal(let scope), .withdrawal(let scope): scope.namesForSensitive(agency)
    case .override(let terms):
      terms.categories.contains(.sensitive) && terms.recipients.contains(agency)
    default: false
    }
  }
}

extension ConsentScope {
  fileprivate func namesForSensitive(_ agency: AgencyID) -> Bool {
    guard categories.contains(.sensitive), case .agencies(let named) = recipients
    else { return false }
    return named.contains(agency)
  }

  private func categoriesTold(to audience: Audience) -> Set<Category> {
    audience.isToldOfSensitive ? categories : categories.subtracting([.sensitive])
  }

  /// Nil when it does not concern the audience. What reaches only the hub concerns everyone as far
  /// as it is about keeping.
  fileprivate func narrowed(to audience: Audience) -> ConsentScope? {
    let categories = categoriesTold(to: audience)
    guard !categories.isEmpty else { return nil }
    guard case .agencies(let named) = recipients else {
      return ConsentScope(purposes: purposes, categories: categories, recipients: .everyone)
    }
    let told = named.intersection([audience.agency, .hub])
    if told.contains(audience.agency) {
      return ConsentScope(purposes: purposes, categories: categories, recipients: .agencies(told))
    }
    let keeping = purposes.intersection([.store, .index])
    guard !told.isEmpty, !keeping.isEmpty else { return nil }
    return ConsentScope(purposes: keeping, categories: categories, recipients: .agencies(told))
  }

  /// The shell of a grant of which only the exclusion concerns the audience.
  fileprivate func reachingNobody(for audience: Audience) -> ConsentScope? {
    let categories = categoriesTold(to: audience)
    guard !categories.isEmpty else { return nil }
    return ConsentScope(purposes: purposes, categories: categories, recipients: .agencies([]))
  }
}

extension ConsentTerms {
  fileprivate func superseding(_ supersedes: Set<PolicyID>) -> ConsentTerms {
    ConsentTerms(
      scope: scope, excluded: excluded, supersedes: supersedes,
      expiresAtMilliseconds: expiresAtMilliseconds, evidence: evidence)
  }
}

extension OverrideTerms {
  /// For a recipient: itself. For the custodian of what is to be disclosed: that the hub may have
  /// it.
  fileprivate func narrowed(to audience: Audience) -> OverrideTerms? {
    if recipients.contains(audience.agency) {
      return with(recipients: [audience.agency], categories: categories)
    }
    let asked = categories.intersection(audience.custodyOf)
    guard !recipients.isEmpty, !asked.isEmpty, significantHarm || !audience.isSensitiveService
    else { return nil }
    return with(recipients: [.hub], categories: asked)
  }

  private func with(recipients: Set<AgencyID>, categories: Set<Category>) -> OverrideTerms {
    OverrideTerms(
      categories: categories, recipients: recipients, reason: notTold, decidedBy: notTold,
      untilMilliseconds: untilMilliseconds, significantHarm: significantHarm,
      authorisedRole: authorisedRole)
  }
}
