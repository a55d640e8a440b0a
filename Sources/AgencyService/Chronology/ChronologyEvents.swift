import CaseRecords
import Causality
import SyncEngine
import SyncProtocol

/// One thing that happened to a child, or is to happen, on one day.
struct ChronologyEvent: Hashable {
  enum Kind: String, CaseIterable {
    case involvement, contact, caf, element, conclusion, review, meeting, action, lead, consent
    case assessment, comment, roll, note, preCAF
  }

  let on: CalendarDate
  let kind: Kind
  let sentence: String
  /// Who wrote it down; empty when the hub concluded it.
  let by: String
  /// Whose record says so.
  let agency: String
  let category: CaseRecords.Category
  var isPrivate: Bool { category == .private }
}

/// Reads the events of one compartment: that something happened and a short title, not its content.
struct ChronologyReader {
  let today: CalendarDate
  let category: CaseRecords.Category
  let custodian: String
  let nameOfAgency: (AgencyID) throws -> String
  let nameOfAuthor: (PractitionerID?) throws -> String
  private(set) var events: [ChronologyEvent] = []

  init(
    today: CalendarDate, category: CaseRecords.Category, custodian: String,
    nameOfAgency: @escaping (AgencyID) throws -> String,
    nameOfAuthor: @escaping (PractitionerID?) throws -> String
  ) {
    self.today = today
    self.category = category
    self.custodian = custodian
    self.nameOfAgency = nameOfAgency
    self.nameOfAuthor = nameOfAuthor
  }

  mutating func read(_ record: RecordContent) throws {
    switch record.kind {
    case "involvement": try involvement(record)
    case "assessment": try assessment(record)
    case "element": try element(record)
    case "conclusion": try conclusion(record)
    case "tacMeeting": try meeting(record)
    case "action": try action(record)
    case "leadProfessional": try lead(record)
    case "cafFlag": try flag(record)
    case "child": try roll(record)
    case "specialistAssessment": try specialist(record)
    case "comment": try comment(record)
    case "note": try note(record)
    case "preCAF": try preCAF(record)
    default: break
    }
  }

  /// The values of a group with who wrote each; what a newer version wrote in another form is left
  /// out, as everywhere.
  private func each(_ group: String, _ record: RecordContent) -> [(value: GroupValue, Written)] {
    (record.groups[group]?.siblings ?? []).compactMap { sibling in
      // Nothing can be concluded from what is no map of fields.
      (try? GroupValue(encoded: sibling.value.value)).map { ($0, sibling.value) }
    }
  }

  private mutating func add(
    _ on: CalendarDate?, _ kind: ChronologyEvent.Kind, _ sentence: String, _ written: Written
  ) throws {
    guard let on else { return }
    events.append(
      ChronologyEvent(
        on: on, kind: kind, sentence: sentence,
        by: written.author == nil ? "" : try nameOfAuthor(written.author), agency: custodian,
        category: category))
  }

  private func day(_ written: Written) -> CalendarDate? {
    CalendarDate(millisecondsSince1970: written.claimedMilliseconds)
  }

  /// A long text is named by its beginning, and it is seen that it goes on.
  private func title(_ text: String) -> String {
    text.count > Self.titleMax ? text.prefix(Self.titleMax) + "…" : text
  }

  private static let titleMax = 60

  // MARK: The index

  private mutating func involvement(_ record: RecordContent) throws {
    let who =
      try record.values("agency").first?.identifier("agency").map { try nameOfAgency($0) }
      ?? custodian
    for (period, written) in each("period", record) {
      let unofficial =
        record.values("official").contains { $0.text("official") == "unofficial" }
        ? ", unofficially" : ""
      if period.date("start") == nil, period.date("end") == nil {
        try add(
          day(written), .involvement, "\(who) is recorded as working with the child" + unofficial,
          written)
      }
      try add(
        period.date("start"), .involvement, "\(who) began to work with the child" + unofficial,
        written)
      try add(period.date("end"), .involvement, "\(who) ended its work with the child", written)
    }
    for (contacts, written) in each("contacts", record) {
      try add(contacts.date("lastContact"), .contact, "Last contact with \(who)", written)
    }
  }

  private mutating func lead(_ record: RecordContent) throws {
    let names = distinct(record.values("lead").compactMap { $0.text("name") })
    let who = names.joined(separator: " / ")
    for (lead, written) in each("lead", record) {
      let home = try lead.identifier("agency").map { ", \(try nameOfAgency($0))" } ?? ""
      try add(
        lead.date("since"), .lead,
        "\(lead.text("name") ?? "")\(home) was named as lead professional", written)
      if let until = lead.date("until") {
        try add(until, .lead, "Last day of \(who) as lead professional", written)
      }
    }
    for (answer, written) in each("acceptance", record) {
      guard let code = answer.text("accepted"), code != "asked" else { continue }
      try add(
        answer.date("on") ?? day(written), .lead,
        "\(who) \(code == "accepted" ? "accepted to lead" : "declined to lead")", written)
    }
    for (deputy, written) in each("deputy", record) {
      guard let name = deputy.text("name") else { continue }
      try add(day(written), .lead, "\(name) stands in for \(who)", written)
    }
    for (absence, written) in each("absence", record) {
      try add(absence.date("from"), .lead, "\(who) is away from this day", written)
      try add(absence.date("to"), .lead, "Last day of the absence of \(who)", written)
    }
  }

  private mutating func flag(_ record: RecordContent) throws {
    for (flag, written) in each("derived", record) + each("declared", record) {
      let who = try flag.identifier("agency").map { try nameOfAgency($0) } ?? custodian
      try add(flag.date("startedOn"), .caf, "A CAF was started, \(who)", written)
    }
  }

  private mutating func roll(_ record: RecordContent) throws {
    for (school, written) in each("school", record) {
      let name = school.text("name") ?? "a school"
      let reason = school.text("rollEndReason").flatMap { CodeLists.rollEnd.label(for: $0) }
      try add(school.date("rollStart"), .roll, "On the roll of \(name)", written)
      try add(
        school.date("rollEnd"), .roll,
        "Off the roll of \(name)" + (reason.map { ": \($0.lowercased())" } ?? "")
          + (school.text("nextSchool").map { "; next school \($0)" } ?? ""), written)
    }
  }

  // MARK: The assessment

  private mutating func assessment(_ record: RecordContent) throws {
    for (started, written) in each("started", record) {
      let who = try started.identifier("agency").map { try nameOfAgency($0) } ?? custodian
      try add(started.date("on"), .caf, "A CAF was started, \(who)", written)
    }
    for (state, written) in each("state", record) {
      guard let code = state.text("state"), code != "draft" else { continue }
      let label = CodeLists.assessmentState.label(for: code) ?? code
      let reason = state.text("closureReason").flatMap { CodeLists.closureReason.label(for: $0) }
      try add(
        state.date("on") ?? day(written), .caf,
        "The CAF: \(label.lowercased())" + (reason.map { " (\($0.lowercased()))" } ?? ""), written)
    }
    for (review, written) in each("reviewDue", record) {
      try add(review.date("reviewDue"), .review, "The CAF is due for review", written)
    }
  }

  /// Once for each day and author, with the boxes that they wrote in.
  private mutating func element(_ record: RecordContent) throws {
    let code = record.values("about").first?.text("element") ?? ""
    let label = CodeLists.elements.label(for: code) ?? code
    try written(record, .element, label, except: ["about", "state", "life", "needCodes"])
  }

  private mutating func conclusion(_ record: RecordContent) throws {
    try written(record, .conclusion, "Conclusions", except: ["assessment", "life", "reviewOn"])
    for (review, written) in each("reviewOn", record) {
      try add(review.date("reviewOn"), .review, "The plan is due for review", written)
    }
  }

  private mutating func written(
    _ record: RecordContent, _ kind: ChronologyEvent.Kind, _ label: String,
    except left: Set<String>
  ) throws {
    struct Hand: Hashable {
      let day: CalendarDate
      let author: PractitionerID?
    }
    var boxes: [Hand: (names: [String], last: Written)] = [:]
    for group in record.groups.keys.sorted() where !left.contains(group) {
      for (_, write) in each(group, record) {
        guard let day = day(write) else { continue }
        boxes[Hand(day: day, author: write.author), default: ([], write)].names
          .append(PlainWords.fromName(group))
      }
    }
    for (hand, box) in boxes {
      try add(
        hand.day, kind, "\(label): written in \(box.names.joined(separator: ", "))", box.last)
    }
  }

  private mutating func specialist(_ record: RecordContent) throws {
    for (assessment, written) in each("assessment", record) {
      let holder =
        try assessment.identifier("holder").map { try nameOfAgency($0) }
        ?? assessment.text("holderName")
      try add(
        assessment.date("on"), .assessment,
        "Assessment: " + title(assessment.text("title") ?? "")
          + (holder.map { ", held by \($0)" } ?? ""), written)
    }
  }

  // MARK: The plan

  private mutating func meeting(_ record: RecordContent) throws {
    let isFamilyThere = record.values("family").compactMap { $0.yesNo("present") }
    for (when, written) in each("when", record) {
      let on = when.date("on")
      let isAhead = on.map { $0 > today } ?? false
      let family =
        isFamilyThere.contains(true)
        ? ", the family was there" : isFamilyThere.contains(false) ? ", without the family" : ""
      try add(
        on, .meeting,
        isAhead
          ? "The team around the child is to meet" : "The team around the child met" + family,
        written)
    }
    for (next, written) in each("nextReview", record) {
      try add(next.date("nextReview"), .review, "The plan is due for review", written)
    }
  }

  private mutating func action(_ record: RecordContent) throws {
    let texts = record.values("action").compactMap { $0.text("action") }
    let what = title(distinct(texts).joined(separator: " / "))
    let owner = distinct(record.values("owner").compactMap { $0.text("name") })
      .joined(separator: " / ")
    let suffix = (what.isEmpty ? "" : ": \(what)") + (owner.isEmpty ? "" : " (\(owner))")
    // The owner is named when the action is agreed.
    if let (_, written) = each("owner", record).first {
      try add(day(written), .action, "Action agreed" + suffix, written)
    }
    for (due, written) in each("due", record) {
      try add(due.date("due"), .action, "Action due" + suffix, written)
    }
    for (status, written) in each("status", record) {
      guard let code = status.text("status"), code != "open" else { continue }
      let label = CodeLists.actionStatus.label(for: code) ?? code
      try add(
        status.date("on") ?? day(written), .action, "Action \(label.lowercased())" + suffix,
        written)
    }
  }

  private mutating func comment(_ record: RecordContent) throws {
    for (comment, written) in each("comment", record) {
      let who = comment.text("by").flatMap { CodeLists.commentBy.label(for: $0) } ?? "Somebody"
      try add(comment.date("on") ?? day(written), .comment, "\(who) commented", written)
    }
  }

  // MARK: Private

  private mutating func note(_ record: RecordContent) throws {
    for (note, written) in each("note", record) {
      try add(
        note.date("on"), .note, "Note" + (note.text("title").map { ": \(title($0))" } ?? ""),
        written)
    }
  }

  private mutating func preCAF(_ record: RecordContent) throws {
    for (made, written) in each("made", record) {
      try add(made.date("on"), .preCAF, "Pre-CAF checklist", written)
    }
  }
}
