import CaseRecords
import Causality

// What the calendar brings: reviews, assessments that age, services that every child should have,
// and rolls that ended.
extension WorklistRules {
  func reviewAlerts(_ matter: ChildCase) -> [WorklistAlert] {
    let assessments = matter.facts.flatMap(\.assessments)
    var alerts = specialistAlerts(matter)
    // Nobody reviews the plan of a CAF that is closed.
    guard assessments.isEmpty || assessments.contains(where: \.isOpen) else { return alerts }
    let open = assessments.filter(\.isOpen)
    let meetings = matter.facts.flatMap(\.meetings).filter { $0 <= today }
    let due = (open.compactMap(\.reviewDue) + matter.facts.flatMap(\.reviews))
      .filter { due in due < today && !meetings.contains { $0 >= due } }.min()
    if let due {
      alerts.append(
        WorklistAlert(
          kind: .reviewOverdue, child: matter.child,
          sentence: "The review was due on \(due.text), and no meeting since is recorded here.",
          due: due, owner: responsible(for: matter)))
    }
    for caf in open {
      guard let last = caf.lastOn, days(since: last) > WorklistLimits.assessmentDays
      else { continue }
      alerts.append(
        WorklistAlert(
          kind: .assessmentOutOfDate, child: matter.child,
          sentence: "The CAF is out of date: its state was last set on \(last.text), by "
            + "\(name(of: caf.assessor.agency)).",
          since: last, owner: caf.assessor))
    }
    return alerts
  }

  private func specialistAlerts(_ matter: ChildCase) -> [WorklistAlert] {
    matter.facts.flatMap(\.specialists).compactMap { assessment in
      let isOver =
        assessment.outOfDateAfter.map { $0 < today }
        ?? assessment.on.map { days(since: $0) > WorklistLimits.assessmentDays } ?? false
      guard isOver else { return nil }
      let dated = assessment.on.map { " of \($0.text)" } ?? ""
      return WorklistAlert(
        kind: .assessmentOutOfDate, child: matter.child,
        sentence: "An assessment is out of date: “\(assessment.title)”\(dated), held by "
          + "\(name(of: assessment.holder)).",
        since: assessment.outOfDateAfter ?? assessment.on, owner: responsible(for: matter))
    }
  }

  // MARK: Services that every child should have

  func universalAlerts(_ matter: ChildCase) -> [WorklistAlert] {
    guard !matter.names.isEmpty else { return [] }
    let age = matter.age(on: today)
    guard age.map({ WorklistLimits.universalAges.contains($0) }) ?? true else { return [] }
    var missing = [gap("gp", "GP", matter), gap("dentist", "dentist", matter)].compactMap { $0 }
    let rolls = matter.facts.flatMap(\.rolls)
    if let age, WorklistLimits.nurseryAges.contains(age), rolls.isEmpty,
      let nursery = gap("nursery", "nursery", matter)
    {
      missing.append(nursery)
    }
    if let age, WorklistLimits.schoolAges.contains(age), rolls.isEmpty {
      missing.append("school not known")
    }
    guard !missing.isEmpty else { return [] }
    let words = missing.joined(separator: ", ")
    return [
      WorklistAlert(
        kind: .universalGap, child: matter.child,
        sentence: words.prefix(1).uppercased() + words.dropFirst()
          + (age.map { " (aged \($0))" } ?? "") + ".",
        owner: responsible(for: matter))
    ]
  }

  /// Nil when anybody knows that there is one.
  private func gap(_ service: String, _ label: String, _ matter: ChildCase) -> String? {
    let states = matter.facts.flatMap { $0.universal[service] ?? [] }
    if states.contains("known") { return nil }
    return states.contains("none") ? "no \(label)" : "\(label) not known"
  }

  // MARK: Off roll

  func offRollAlerts(_ matter: ChildCase) -> [WorklistAlert] {
    let rolls = matter.facts.flatMap(\.rolls)
    let ended = rolls.filter { roll in
      roll.end.map { $0 < today } ?? false && roll.nextSchool == nil
        && roll.endReason != "homeEducated"
    }
    guard let last = ended.max(by: { ($0.end ?? today) < ($1.end ?? today) }) else { return [] }
    let age = matter.age(on: today)
    // Before school age there is no roll to be off, and after it nobody has to be on one.
    guard age.map({ WorklistLimits.schoolAges.contains($0) }) ?? true else { return [] }
    // Another school may say so of itself, or the school before may have heard of one since.
    let isElsewhere = rolls.contains { roll in
      let named = roll.nextSchool ?? roll.school
      guard NameFolding.folded(named) != NameFolding.folded(last.school) else { return false }
      guard let end = roll.end, end < today else { return true }
      return roll.nextSchool != nil && last.end.map { end >= $0 } ?? true
    }
    if isElsewhere { return [] }
    let reason = last.endReason.flatMap { CodeLists.rollEnd.label(for: $0) }
    return [
      WorklistAlert(
        kind: .offRoll, child: matter.child,
        sentence: "Off the roll of \(last.school)"
          + (reason.map { " (\($0.lowercased()))" } ?? "")
          + ", and no next school is known: find out who chases this up.",
        since: last.end, owner: responsible(for: matter))
    ]
  }
}
