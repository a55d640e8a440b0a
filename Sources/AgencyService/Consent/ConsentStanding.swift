import CaseRecords
import Causality

/// Which consents still stand, by the entries known here, and what it comes to when one of them is
/// taken back.
struct ConsentStanding {
  private struct Denial {
    let id: PolicyID
    let purposes: Set<Purpose>
    let categories: Set<CaseRecords.Category>
    let recipients: Recipients

    init(_ id: PolicyID, _ scope: ConsentScope) {
      self.id = id
      purposes = scope.purposes
      categories = scope.categories
      recipients = scope.recipients
    }
  }

  private let grants: [(id: PolicyID, terms: ConsentTerms)]
  private let denials: [Denial]
  private let now: UInt64

  init(_ entries: [PolicyEntry], now: UInt64) {
    self.now = now
    grants = entries.compactMap { entry in
      if case .grant(let terms) = entry.kind { return (entry.id, terms) }
      return nil
    }
    denials = entries.compactMap { entry in
      switch entry.kind {
      case .withdrawal(let scope), .refusal(let scope): Denial(entry.id, scope)
      default: nil
      }
    }
  }

  /// What has to be recorded so that nothing of this consent stands; empty when nothing does. That
  /// the hub keeps a part is left alone where another consent still rests upon it: taking back what
  /// one agency was given takes nothing from another.
  func withdrawal(of id: PolicyID) -> [ConsentScope] {
    guard let terms = grants.first(where: { $0.id == id })?.terms, !isOver(terms) else { return [] }
    let scope = terms.scope
    let sharing = ConsentScope(
      purposes: scope.purposes.subtracting([.store]), categories: scope.categories,
      recipients: scope.recipients)
    let isShared = isAnyOpen(terms, sharing.purposes, scope.categories, [])
    let after = isShared ? [Denial(id, sharing)] : []
    let kept = scope.purposes.contains(.store) ? scope.categories : []
    let free = kept.filter { category in
      isOpen(terms, .store, category, after)
        && !grants.contains { $0.id != id && rests($0.terms, on: category, after) }
    }
    if isShared, free == scope.categories { return [scope] }
    let ofHub = ConsentScope(
      purposes: [.store], categories: free, recipients: .agencies([.hub]))
    return (isShared ? [sharing] : []) + (free.isEmpty ? [] : [ofHub])
  }

  func isOver(_ terms: ConsentTerms) -> Bool {
    terms.expiresAtMilliseconds.map { $0 <= now } ?? false
  }

  /// Whether the family has lifted this withdrawal or refusal since, for what that consent covers.
  func isLifted(_ id: PolicyID) -> Bool { grants.contains { $0.terms.supersedes.contains(id) } }

  /// A consent to keep it and no more rests upon itself.
  private func rests(
    _ terms: ConsentTerms, on category: CaseRecords.Category, _ more: [Denial]
  ) -> Bool {
    guard !isOver(terms), terms.scope.categories.contains(category) else { return false }
    let sharing = terms.scope.purposes.subtracting([.store])
    return isAnyOpen(terms, sharing.isEmpty ? [.store] : sharing, [category], more)
  }

  private func isAnyOpen(
    _ terms: ConsentTerms, _ purposes: Set<Purpose>, _ categories: Set<CaseRecords.Category>,
    _ more: [Denial]
  ) -> Bool {
    purposes.contains { purpose in
      categories.contains { isOpen(terms, purpose, $0, more) }
    }
  }

  /// For somebody at least nothing stands against this consent at this point that it does not lift.
  private func isOpen(
    _ terms: ConsentTerms, _ purpose: Purpose, _ category: CaseRecords.Category, _ more: [Denial]
  ) -> Bool {
    let standing = (denials + more).filter {
      $0.purposes.contains(purpose) && $0.categories.contains(category)
        && !terms.supersedes.contains($0.id)
    }
    let isEveryoneDenied = standing.contains { $0.recipients == .everyone }
    switch (purpose, terms.scope.recipients) {
    case (.store, _): return !standing.contains { $0.recipients.includes(.hub) }
    case (_, .everyone): return !isEveryoneDenied
    case (_, .agencies(let named)):
      let reached = purpose == .index ? named : named.subtracting([.hub])
      return reached.subtracting(terms.excluded).contains { who in
        !standing.contains { $0.recipients.includes(who) }
      }
    }
  }
}
