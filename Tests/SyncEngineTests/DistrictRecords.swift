import CaseRecords
import Causality
import SyncEngine
import SyncProtocol

/// The records that the tests of the desk write, in few words.
extension Replica {
  @discardableResult
  func registers(
    _ given: String, _ family: String, born birth: String?, as child: ChildID
  ) throws -> Compartment {
    let index = compartment(.index, of: child)
    var groups = ["name": GroupValue.one("given", given).setting("family", family)]
    if let birth { groups["birth"] = .one("dateOfBirth", birth) }
    try write("child", groups, in: index)
    return index
  }

  @discardableResult
  func names(_ agency: Replica, involvedIn index: Compartment) throws -> RecordID {
    try write(
      "involvement",
      [
        "agency": GroupValue().setting("agency", agency.id),
        "official": .one("official", "official"), "period": .one("status", "active"),
      ], in: index)
  }

  @discardableResult
  func names(
    lead: Replica, in index: Compartment, accepted: String = "accepted", until: String? = nil
  ) throws -> RecordID {
    try write(
      "leadProfessional",
      [
        "lead": GroupValue.one("name", "A. Lead").setting("agency", lead.id)
          .setting("contact", "0113 496 0101").setting("until", until),
        "basis": .one("basis", "familyChoice"), "acceptance": .one("accepted", accepted),
      ], in: index)
  }

  @discardableResult
  func startsCAF(in development: Compartment, state: String = "draft") throws -> RecordID {
    try write(
      "assessment",
      [
        "started": GroupValue.one("on", "2025-11-20").setting("agency", id)
          .setting("assessor", "B. Assessor").setting("contact", "01632 960123"),
        "state": .one("state", state),
      ], in: development)
  }

  /// A thread with one enquiry.
  @discardableResult
  func asks(
    _ given: String?, _ family: String?, born birth: String? = nil,
    basis: GroupValue? = .one("consentReference", "form 12")
  ) throws -> (thread: Compartment, enquiry: RecordID) {
    let thread = compartment(.desk, of: nil)
    var groups = [
      "subject": GroupValue().setting("given", given).setting("family", family)
        .setting("dateOfBirth", birth),
      "reason": GroupValue.one("reason", "beforeCAF"),
      "asked": GroupValue().setting("on", instant: district.now),
    ]
    groups["basis"] = basis
    return (thread, try write("enquiry", groups, in: thread))
  }

  /// Asks, exchanges until the answer is there, and reads it.
  func answer(
    _ given: String?, _ family: String?, born birth: String? = nil,
    basis: GroupValue? = .one("consentReference", "form 12")
  ) throws -> GroupValue? {
    let thread = try asks(given, family, born: birth, basis: basis).thread
    try exchange()
    return answers(in: thread).first
  }

  func answers(in thread: Compartment) -> [GroupValue] {
    held[thread.id]?.content.records(of: "enquiryAnswer")
      .flatMap { $0.record.values("answer") } ?? []
  }

  /// The family's consent, or its opposite, recorded by this agency.
  @discardableResult
  func records(_ kind: PolicyKind, about child: ChildID) -> PolicyID {
    let entry = PolicyEntry(
      id: district.identifier(), child: child, kind: kind,
      madeAtMilliseconds: district.now, authorAgency: id, author: nil)
    policy.append(entry)
    return entry.id
  }

  func recordsConsentToStore(_ categories: Set<CaseRecords.Category>, about child: ChildID) {
    records(
      .grant(
        ConsentTerms(
          scope: ConsentScope(
            purposes: [.store], categories: categories, recipients: .everyone),
          excluded: [], supersedes: [], expiresAtMilliseconds: nil, evidence: nil)),
      about: child)
  }

  @discardableResult
  func recordsWithdrawal(ofIndexFrom agencies: Set<AgencyID>, about child: ChildID) -> PolicyID {
    records(
      .withdrawal(
        ConsentScope(
          purposes: [.index, .share], categories: [.index], recipients: .agencies(agencies))),
      about: child)
  }
}
