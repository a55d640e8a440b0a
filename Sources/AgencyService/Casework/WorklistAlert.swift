import CaseRecords
import Causality

/// Something about a child that somebody should see to.
struct WorklistAlert {
  enum Kind: String {
    case noLead, leadAsked, leadAbsent, leadLeft, actionOverdue, staleInvolvement
    case reviewOverdue, assessmentOutOfDate, universalGap, offRoll, duplicateSupport
    case preCAFEnds
  }

  let kind: Kind
  let child: ChildID
  let sentence: String
  /// Since when it is so; or the day on which it was due.
  var since: CalendarDate?
  var due: CalendarDate?
  /// Who should see to it: a person, or an agency as a whole.
  let owner: CaseworkFacts.Person
}

/// What is asked of a child's matter on one day, and whose words for people and agencies are used.
struct WorklistRules: Equatable {
  let today: CalendarDate
  /// The agency that asks.
  let agency: AgencyID
  let people: [PractitionerID: Replica.Person]
  let agencyNames: [AgencyID: String]
  let preCAFKeptDays: Int

  func name(of agency: AgencyID?) -> String {
    agency.flatMap { agencyNames[$0] } ?? "an agency not in the directory"
  }

  /// A person, or an agency where nobody is named; those of other agencies with their agency.
  func name(of person: CaseworkFacts.Person) -> String {
    let known = person.practitioner.flatMap { people[$0] }
    guard let name = person.name ?? known?.name else { return name(of: person.agency) }
    let home = person.agency ?? known?.agency
    return home == nil || home == agency ? name : "\(name), \(self.name(of: home))"
  }

  /// A person whose identifier is known is one person, however an entry spells the name.
  func known(_ person: CaseworkFacts.Person) -> CaseworkFacts.Person {
    guard let practitioner = person.practitioner, let known = people[practitioner]
    else { return person }
    return CaseworkFacts.Person(
      agency: person.agency, practitioner: practitioner, name: known.name)
  }

  /// Everything that is due in one matter. `family` are the matters of its brothers and sisters.
  func alerts(in matter: ChildCase, family: [ChildCase]) -> [WorklistAlert] {
    leadAlerts(matter) + actionAlerts(matter) + staleAlerts(matter) + reviewAlerts(matter)
      + universalAlerts(matter) + offRollAlerts(matter)
      + duplicateSupportAlerts(matter, family: family) + preCAFAlerts(matter)
  }

  /// Who sees to what has no owner of its own: whoever leads; else whoever of this agency works
  /// with the child; else who wrote the CAF; else who of another agency works with the child; else
  /// this agency.
  func responsible(for matter: ChildCase) -> CaseworkFacts.Person {
    if let lead = matter.leads(on: today).first(where: { $0.isAccepted && !hasLeft($0.person) }) {
      return lead.person
    }
    let active = matter.involvements.filter { $0.isActive && !hasLeft($0.person) }
    func latest(_ some: [CaseworkFacts.Involvement]) -> CaseworkFacts.Person? {
      some.max { ($0.lastKnown?.daysSince1970 ?? 0) < ($1.lastKnown?.daysSince1970 ?? 0) }?.person
    }
    return latest(active.filter { $0.person.agency == agency })
      ?? matter.facts.flatMap(\.assessments).first { $0.isOpen }?.assessor
      ?? latest(active) ?? CaseworkFacts.Person(agency: agency)
  }

  func hasLeft(_ person: CaseworkFacts.Person) -> Bool { leftOn(person) != nil }

  func leftOn(_ person: CaseworkFacts.Person) -> CalendarDate? {
    guard let end = person.practitioner.flatMap({ people[$0]?.endedOn }), end < today
    else { return nil }
    return end
  }

  func days(since day: CalendarDate) -> Int { today.daysSince1970 - day.daysSince1970 }
}

// MARK: Lead professional, actions, involvements

extension WorklistRules {
  private func leadAlerts(_ matter: ChildCase) -> [WorklistAlert] {
    let leads = matter.leads(on: today)
    guard !leads.isEmpty else {
      guard let caf = matter.openCAF else { return [] }
      let status = CodeLists.cafStatus.label(for: caf.status) ?? caf.status
      return [
        WorklistAlert(
          kind: .noLead, child: matter.child,
          sentence: "There is a CAF (\(status.lowercased()), \(name(of: caf.agency))) and nobody "
            + "leads: agree on a lead professional.",
          since: caf.since, owner: responsible(for: matter))
      ]
    }
    return leads.compactMap { lead in
      let who = name(of: lead.person)
      if let left = leftOn(lead.person) {
        return WorklistAlert(
          kind: .leadLeft, child: matter.child,
          sentence: "\(who) leads and no longer works there: agree on another lead professional.",
          since: left, owner: CaseworkFacts.Person(agency: lead.person.agency))
      }
      if !lead.isAccepted {
        return WorklistAlert(
          kind: .leadAsked, child: matter.child,
          sentence: "\(who) is asked to lead and has not answered.", since: lead.answeredOn,
          owner: lead.person)
      }
      let absence = lead.absences.first { $0.from <= today && $0.to.map { $0 >= today } ?? true }
      guard let absence, lead.deputy == nil else { return nil }
      return WorklistAlert(
        kind: .leadAbsent, child: matter.child,
        sentence: "\(who) leads and is away"
          + (absence.to.map { " until \($0.text)" } ?? "") + ", and nobody stands in.",
        since: absence.from, owner: lead.person)
    }
  }

  private func actionAlerts(_ matter: ChildCase) -> [WorklistAlert] {
    matter.facts.flatMap(\.actions).filter { $0.due < today }.map { action in
      WorklistAlert(
        kind: .actionOverdue, child: matter.child,
        sentence: "An action of the plan is overdue: it is with \(name(of: action.owner)).",
        due: action.due, owner: action.owner)
    }
  }

  private func staleAlerts(_ matter: ChildCase) -> [WorklistAlert] {
    matter.facts.filter { $0.custodian == agency }.flatMap(\.involvements).compactMap { entry in
      guard entry.isActive, entry.person.agency == agency, let last = entry.lastKnown,
        days(since: last) > WorklistLimits.involvementDays
      else { return nil }
      return WorklistAlert(
        kind: .staleInvolvement, child: matter.child,
        sentence: "This agency's entry says active, and nothing was recorded for "
          + "\(days(since: last)) days: bring it up to date.",
        since: last, owner: entry.person)
    }
  }

  /// Two practitioners of one service with one family, brothers and sisters included.
  private func duplicateSupportAlerts(
    _ matter: ChildCase, family: [ChildCase]
  ) -> [WorklistAlert] {
    let here = matter.involvements.filter(\.isActive)
    let around = family.flatMap(\.involvements).filter(\.isActive)
    return Set(here.compactMap(\.person.agency)).sorted().compactMap { service in
      let people = (here + around).map(\.person).filter { $0.agency == service }
      // One practitioner may be named by identifier in one entry and by name alone in another.
      let known = distinct(people.compactMap(\.practitioner)).map { id in
        CaseworkFacts.Person(
          agency: service, practitioner: id,
          name: self.people[id]?.name ?? people.first { $0.practitioner == id }?.name)
      }
      let byName = people.filter { $0.practitioner == nil }.reduce(into: [CaseworkFacts.Person]()) {
        named, person in
        guard let name = person.name, !(known + named).contains(where: { isCalled($0, name) })
        else { return }
        named.append(person)
      }
      guard known.count + byName.count > 1 else { return nil }
      let names = (known + byName).map { $0.name ?? "a practitioner not known here" }.sorted()
      return WorklistAlert(
        kind: .duplicateSupport, child: matter.child,
        sentence: "\(names.joined(separator: " and ")) of \(name(of: service)) work with one "
          + "family: agree who goes on.", owner: (known + byName)[0])
    }
  }

  private func isCalled(_ person: CaseworkFacts.Person, _ name: String) -> Bool {
    person.name.map { NameFolding.folded($0) == NameFolding.folded(name) } ?? false
  }
}
