import CaseRecords
import Causality
import Disclosure
import ReplicaStore
import SyncProtocol

/// What an enquirer is told of a child: existence, how far a CAF is, and whom to contact.
struct KnownChild {
  let child: ChildID
  let flag: CAFFlag?
  let contact: LeadContact?
  /// When the answer ends by the family's policy; nil: not by that.
  let expires: UInt64?
  /// Custodians of the entries that the answer rests on, each with the identifier it uses.
  let entries: [(custodian: AgencyID, child: ChildID)]
}

struct LeadContact: Hashable {
  let name: String
  let contact: String?

  /// The accepted lead professional of an index entry; while absent, the deputy.
  init?(index content: CompartmentContent, today: CalendarDate, sensitive: Set<AgencyID>) {
    let leads = content.records(of: "leadProfessional").flatMap { _, record in
      let answers = record.values("acceptance").map { $0.text("accepted") }
      guard !answers.isEmpty, answers.allSatisfy({ $0 == "accepted" }) else {
        return [(since: String, name: String, contact: String?)]()
      }
      let isAbsent = record.values("absence").contains { absence in
        guard let from = absence.date("from"), from <= today else { return false }
        return absence.date("to").map { today <= $0 } ?? true
      }
      let deputy = isAbsent ? record.values("deputy").first : nil
      return record.values("lead").compactMap { lead in
        if let until = lead.date("until"), until < today { return nil }
        // A lead of a sensitive service is not named: it would tell of the service.
        if let agency: AgencyID = lead.identifier("agency"), sensitive.contains(agency) {
          return nil
        }
        let shown = deputy?.text("name") == nil ? lead : deputy
        guard let name = shown?.text("name") else { return nil }
        return (lead.date("since")?.text ?? "", name, shown?.text("contact"))
      }
    }
    guard let latest = leads.max(by: { ($0.since, $0.name) < ($1.since, $1.name) }) else {
      return nil
    }
    name = latest.name
    contact = latest.contact
  }
}

extension HubExchange {
  /// From the entries that may be shown to the agency, and no others.
  func knownChild(_ child: ChildID, for agency: AgencyID) throws -> KnownChild {
    let sensitive = Set(try engine.agencies().filter(\.isSensitive).map(\.id))
    let shown = try indexEntries(of: child).filter {
      try isShown($0.stored.compartment, to: agency)
    }
    let flags = shown.compactMap { CAFFlag(index: $0.content) }
    let contacts = shown.compactMap { entry in
      today.flatMap {
        LeadContact(index: entry.content, today: $0, sensitive: sensitive)
      }
    }
    return KnownChild(
      child: child, flag: flags.max { $0.status < $1.status }, contact: contacts.first,
      expires: try engine.enquiryDecision(of: agency, about: child, now: now)
        .expiresAtMilliseconds,
      entries: shown.compactMap { entry in
        entry.stored.compartment.child.map { (entry.stored.compartment.custodian, $0) }
      })
  }
}
