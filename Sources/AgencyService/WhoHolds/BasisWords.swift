import CaseRecords
import Disclosure

/// On what somebody holds a part, in words that a parent understands.
struct BasisWords {
  let sentence: String
  /// False for what may harm somebody when it lies on the kitchen table: a disclosure without
  /// consent, and what a young person decided alone.
  let isForFamily: Bool

  /// - Parameter entries: The decisions known here, by identifier.
  init(_ decision: Decision, _ entries: [PolicyID: PolicyEntry]) {
    switch decision.basis {
    case .grant(let id): self.init(grant: entries[id])
    case .override(let id): self.init(override: entries[id])
    case let other: self.init(sentence: Self.words(other), isForFamily: true)
    }
  }

  private init(sentence: String, isForFamily: Bool) {
    self.sentence = sentence
    self.isForFamily = isForFamily
  }

  private static func words(_ basis: Basis?) -> String {
    switch basis {
    case .custodian: "It wrote this itself."
    case .indexByDefault: "The index is kept unless the family says no."
    case .involved: "It works with the child."
    case .leadProfessional: "The lead professional, or the one who stands in, works there."
    case .actionOwner: "It does something that is in the plan."
    case .openToAgencies, .grant, .override, nil: "It was passed on by the hub."
    }
  }

  private init(grant entry: PolicyEntry?) {
    guard let entry, case .grant(let terms) = entry.kind else {
      self.init(sentence: "There is consent for it.", isForFamily: true)
      return
    }
    let day = CalendarDate(millisecondsSince1970: entry.madeAtMilliseconds)?.text ?? "?"
    guard let evidence = terms.evidence else {
      // Who gave it is known to the agency that took it; it may have been the young person.
      self.init(
        sentence: "With consent, which another agency recorded on \(day).", isForFamily: false)
      return
    }
    let agreement = evidence.agreementVersion
    self.init(
      sentence: "With the consent of \(day) by \(evidence.givenBy) (\(evidence.relationship))"
        + (agreement.isEmpty ? "." : ", after agreement \(agreement) was explained."),
      isForFamily: !["competentUnderSixteen", "sixteenOrOver"].contains(evidence.capacityBasis))
  }

  private init(override entry: PolicyEntry?) {
    guard let entry, case .override(let terms) = entry.kind else {
      self.init(sentence: "Without consent, as the law allows.", isForFamily: false)
      return
    }
    self.init(
      sentence: "Without consent, as the law allows, until \(terms.untilMilliseconds.momentText). "
        + "Reason: \(terms.reason). Decided by: \(terms.decidedBy).",
      isForFamily: false)
  }
}
