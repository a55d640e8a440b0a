import CaseRecords
import Causality
import Disclosure
import ReplicaStore
import SyncProtocol

/// The enquiry desk: is there a CAF, and whom do I contact?
///
/// An enquiry is a record in a thread between one agency and the hub, its answer another. It tells
/// of existence and a contact, never of content and never which agencies are involved. A child that
/// nobody knows, one known only to a sensitive service and one whose family has denied the enquirer
/// are answered alike, byte for byte: "no entry that can be shared".
extension HubExchange {
  /// An answer about a child is held for 30 days at most.
  static let answerMilliseconds: UInt64 = 30 * 86_400_000
  /// The name of the fact that enquiries wait for the end of a recovery.
  private static let enquiriesWaiting = "enquiries waiting"

  mutating func answerEnquiries(in stored: StoredCompartment) throws {
    // A restored hub knows neither every entry nor every withdrawal: it would say "none" where
    // there is one, or tell what it may tell no more. The enquiry waits.
    if try store.awaitsWithdrawals() {
      try store.setInteger(Self.enquiriesWaiting, 1)
      return
    }
    guard let entry = try workspace.entry(stored.id),
      let enquirer = try engine.agency(stored.compartment.custodian)
    else { return }
    for (id, enquiry) in entry.content.records(of: "enquiry") {
      let answer: RecordID = engine.derivedName("enquiryAnswer", stored.id.bytes + id.bytes)
      let outcome = entry.content.records[answer]?.values("answer").first?.text("outcome")
      let hasBasis = Self.hasBasis(enquiry)
      // A basis given later reopens the question. Anything else is a new enquiry, with its own
      // reason.
      guard outcome == nil || (outcome == "basisMissing" && hasBasis) else { continue }
      try self.answer(enquiry, id, as: answer, from: enquirer, in: stored, hasBasis: hasBasis)
    }
  }

  /// Answers what was asked while a restored hub was waiting to hear its devices.
  mutating func answerEnquiriesThatWaited() throws {
    guard try store.integer(Self.enquiriesWaiting) != nil, try !store.awaitsWithdrawals() else {
      return
    }
    try store.remove(Self.enquiriesWaiting)
    for stored in try store.compartments(in: .desk) { try answerEnquiries(in: stored) }
  }

  private mutating func answer(
    _ enquiry: RecordContent, _ id: RecordID, as answer: RecordID, from enquirer: HubAgency,
    in stored: StoredCompartment, hasBasis: Bool
  ) throws {
    var value = try coverage(askedBy: enquirer).setting("enquiry", id)
    var expires = now + Self.answerMilliseconds
    var known: KnownChild?
    if !hasBasis {
      value = value.setting("outcome", "basisMissing")
    } else {
      switch try search(enquiry, for: enquirer) {
      case .nobody: value = value.setting("outcome", "noEntry")
      case .several: value = value.setting("outcome", "severalPossible")
      case .one(let found):
        known = found
        let hasCAF = found.flag != nil
        value = value.setting("outcome", hasCAF ? "knownCAF" : "knownNoCAF")
          .setting("cafStatus", found.flag?.status.rawValue)
          .setting("leadName", found.contact?.name ?? found.flag?.leadName)
          .setting("leadContact", found.contact?.contact ?? found.flag?.leadContact)
        expires = min(expires, found.expires ?? .max)
      }
    }
    value = value.setting("asOf", instant: now).setting("expires", instant: expires)
    try hubWrite(
      [Write(record: answer, kind: "enquiryAnswer", group: "answer", value: value.encoded())],
      in: stored.id)
    let reason = enquiry.values("reason").first?.text("reason") ?? ""
    let isListed = CodeLists.enquiryReason.contains(reason)
    try store.audit(
      who: enquirer.id.text, action: "enquiry",
      subject: "thread \(stored.id.text) enquiry \(id.text) reason \(isListed ? reason : "other") "
        + "outcome \(value.text("outcome") ?? "")"
        + (known.map { " child \($0.child.text)" } ?? ""),
      atMilliseconds: now)
    guard let known else { return }
    // Under each identifier that the answer rests on: they may be parted again.
    for child in Set([known.child] + known.entries.map(\.child)).sorted() {
      try hold(stored, about: child, until: expires)
    }
    try tellAuthors(of: known, enquiry: id, enquirer: enquirer)
  }

  /// With consent, or with an override that says why and who decided; never with neither.
  private static func hasBasis(_ enquiry: RecordContent) -> Bool {
    func isGiven(_ text: String?) -> Bool { text?.contains { !$0.isWhitespace } ?? false }
    return enquiry.values("basis").contains { basis in
      isGiven(basis.text("consentReference"))
        || (isGiven(basis.text("overrideReason")) && isGiven(basis.text("decidedBy")))
    }
  }

  // MARK: Search

  private enum Finding {
    case nobody, several
    case one(KnownChild)
  }

  private mutating func search(
    _ enquiry: RecordContent, for enquirer: HubAgency
  ) throws -> Finding {
    guard let today, let subject = enquiry.values("subject").first else { return .nobody }
    let asked = ChildIdentity(
      given: subject.text("given"), family: subject.text("family"),
      otherNames: subject.texts("otherNames") ?? [], dateOfBirth: subject.date("dateOfBirth"),
      estimatedAge: subject.count("estimatedAge"),
      estimatedOn: enquiry.values("asked").first?.instant("on")
        .flatMap { CalendarDate(millisecondsSince1970: $0) })
    let matches = try engine.searchIndex.find(asked, today: today, limit: 100) { entry in
      try isShown(
        Compartment(
          id: entry.compartment, child: entry.child, category: .index,
          custodian: entry.custodian), to: enquirer.id)
    }
    let bestBand = matches.first?.band ?? .none
    if bestBand == .none { return .nobody }
    let best = Set(
      matches.filter { $0.band == bestBand }.map { engine.aliases.canonical($0.child) })
    guard bestBand >= .likely, best.count == 1, let child = matches.first?.child else {
      return .several
    }
    return .one(try knownChild(child, for: enquirer.id))
  }

  // MARK: The authors

  /// Whose entry was told of hears who asked; a sensitive service is only "a service".
  private mutating func tellAuthors(
    of known: KnownChild, enquiry: RecordID, enquirer: HubAgency
  ) throws {
    let name = enquirer.isSensitive ? "a service" : enquirer.name
    for entry in known.entries where entry.custodian != enquirer.id {
      let value = GroupValue.one("text", "enquiryMade")
        .setting("parameters", parameters: ["agency": name])
        .setting("child", entry.child).setting("on", instant: now)
      _ = try openThread(
        to: entry.custodian, named: enquiry.bytes + enquirer.id.bytes, kind: "notice", value)
    }
  }

  // MARK: Coverage

  /// "13 of 17 agencies reporting; oldest sync: X, 9 days." Declared public among agencies; a
  /// sensitive service does not count, and the enquirer is in contact at this moment.
  private func coverage(askedBy enquirer: HubAgency) throws -> GroupValue {
    let contacts = try store.lastContacts()
    let agencies = try engine.agencies().filter { $0.id != .hub && !$0.isSensitive }
    let days = agencies.map { agency -> (name: String, days: Int?) in
      let contact = agency.number == enquirer.number ? now : contacts[agency.number]
      return (agency.name, contact.map { Int((now - min($0, now)) / 86_400_000) })
    }
    let oldest = days.compactMap { agency in agency.days.map { (agency.name, $0) } }
      .max { ($0.1, $1.0) < ($1.1, $0.0) }
    return GroupValue()
      .setting("agenciesReporting", count: days.filter { $0.days.map { $0 < 7 } ?? false }.count)
      .setting("agenciesTotal", count: days.count)
      .setting("oldestSyncAgencyName", oldest?.0)
      .setting("oldestSyncDays", count: oldest.map { min($0.1, RecordLimits.days) })
  }
}
