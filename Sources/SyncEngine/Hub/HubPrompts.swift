import CaseRecords
import Causality
import Disclosure
import ReplicaStore
import SyncProtocol

/// What the hub tells an agency of its own accord: whom to talk to when a CAF has begun.
///
/// Each thread has a name made from what it says to whom, so it is opened once, whatever comes
/// again and in whatever order.
extension HubExchange {
  /// One prompt to each author of a CAF in progress for each agency involved. Only agencies that
  /// the author may see on the index: a prompt reveals nobody.
  mutating func promptDiscussions(of child: ChildID) throws {
    for running in try runningCAFs(of: child) {
      let custodian = running.index.compartment.custodian
      guard let own = running.index.compartment.child else { continue }
      for other in try involvedAgencies(in: child, shownTo: custodian) {
        let value = GroupValue.one("text", "discussWithAgencies")
          .setting("parameters", parameters: ["agency": other.name])
          .setting("child", own).setting("on", instant: now)
        guard
          let thread = try openThread(
            to: custodian, named: own.bytes + other.id.bytes, kind: "prompt", value)
        else { continue }
        // It names whom the author sees on the index, and goes when he may not see that any more.
        try hold(thread, about: own, until: now + Self.noticeMilliseconds)
      }
    }
  }

  /// Two agencies that began a CAF apart both keep their work, and both are told.
  mutating func tellParallelCAFs(of child: ChildID) throws {
    let running = try runningCAFs(of: child)
    for told in running {
      let agency = told.index.compartment.custodian
      for other in running where other.index.compartment.custodian != agency {
        let author = other.index.compartment.custodian
        guard let own = told.index.compartment.child, let theirs = other.index.compartment.child,
          try isShown(other.index.compartment, to: agency),
          let name = try engine.agency(author)?.name
        else { continue }
        var parameters = ["agency": name]
        parameters["leadName"] = other.flag.leadName
        parameters["leadContact"] = other.flag.leadContact
        let value = GroupValue.one("text", "cafAlsoStarted")
          .setting("parameters", parameters: parameters)
          .setting("child", own).setting("on", instant: now)
        guard
          let thread = try openThread(
            to: agency, named: own.bytes + author.bytes, kind: "notice", value)
        else { continue }
        try hold(thread, about: theirs, until: now + Self.noticeMilliseconds)
      }
    }
  }

  /// Ties a thread to a child: it is held only as long as an enquiry about the child is answered.
  func hold(_ thread: StoredCompartment, about child: ChildID, until: UInt64) throws {
    try store.saveDeskSubject(thread.number, child: child, expiresMilliseconds: until)
    try engine.recomputeEntitlements(ofCompartment: thread.number, now: now)
  }

  /// May this agency be told that the entry exists? A sensitive service's only to itself, and
  /// nobody is told whom the family has denied it.
  func isShown(_ index: Compartment, to agency: AgencyID) throws -> Bool {
    guard let child = index.child,
      try engine.enquiryDecision(of: agency, about: child, now: now).isAllowed
    else { return false }
    if index.custodian == agency { return true }
    return try engine.agency(index.custodian).map { !$0.isSensitive } ?? false
  }

  /// From the index compartments that the agency may hold: their custodians and those they name.
  private func involvedAgencies(
    in child: ChildID, shownTo agency: AgencyID
  ) throws -> [HubAgency] {
    var involved: Set<AgencyID> = []
    for (stored, _) in try indexEntries(of: child) {
      let compartment = stored.compartment
      let facts = try engine.caseFacts(ofCompartment: compartment)
      guard
        try engine.decision(for: agency, on: compartment, facts: facts, now: now).isAllowed
      else { continue }
      involved.formUnion(facts.involved.union([compartment.custodian]))
    }
    involved.subtract([agency, .hub])
    return try involved.sorted().compactMap { try engine.agency($0) }.filter { !$0.isSensitive }
  }

  /// A year: after that a CAF in progress has long been seen.
  static let noticeMilliseconds: UInt64 = 365 * 86_400_000
}
