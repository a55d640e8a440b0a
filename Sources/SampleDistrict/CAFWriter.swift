import CBOR
import CaseRecords
import Causality

/// Writes one Common Assessment: its frame, its elements, the plan, the flag and the lead on the
/// index, and the consents it rests on.
enum CAFWriter {
  static func write(
    of child: inout SampleChild, draft: ChildDraft, household: Household, author: SampleAgency,
    others: [SampleAgency], coAuthor: SampleAgency? = nil, roster: AgencyRoster, status: String,
    mayRefuse: Bool = true, using generator: inout SeededGenerator
  ) {
    let person = roster.practitioner(of: author.id, using: &generator)
    let startedDays = generator.between(5...200)
    let started = ChildDraft.day(-startedDays)
    let assessment: RecordID = generator.identifier()

    var frame = SampleRecord("assessment", assessment)
    frame.set(
      "started",
      GroupValue().setting("on", started).setting("agency", author.id)
        .setting("practitioner", person.id).setting("assessor", person.name)
        .setting("contact", person.contact))
    frame.set("ledTo", generator.pick(SampleSentences.ledTo))
    let state = status == "inProgress" ? "draft" : status
    frame.set(
      "state",
      GroupValue().setting("state", state).setting("on", ChildDraft.day(-startedDays / 2))
        .setting("closureReason", status == "closed" ? "needsMet" : nil))
    frame.set("version", GroupValue().setting("version", count: 1))
    child.add(frame, to: .development, of: author.id, using: &generator)

    for agency in [author] + (coAuthor.map { [$0] } ?? []) {
      let writer = roster.practitioner(of: agency.id, using: &generator)
      var record = SampleRecord("assessmentPerson", generator.identifier(), author: agency.id)
      record.set("assessment", GroupValue().setting("assessment", assessment))
      record.set(
        "person",
        GroupValue().setting("name", writer.name)
          .setting("role", agency.id == author.id ? "assessor" : "coAuthor")
          .setting("agency", agency.id).setting("contact", writer.contact))
      child.add(record, to: .development, of: author.id, using: &generator)
    }

    // A partial CAF is the rule: between a third of the elements and all of them.
    let share = coAuthor != nil ? 90 : status == "inProgress" ? 35 : 65
    for element in CAFElement.allCases where generator.chance(percent: share) {
      write(
        element, of: assessment, to: &child, author: author,
        coAuthor: generator.chance(percent: 50) ? coAuthor : nil, using: &generator)
    }

    if status != "inProgress" {
      writePlan(
        of: &child, assessment: assessment, author: author, team: [author] + others,
        roster: roster, using: &generator)
    }
    writeFlagAndLead(
      of: &child, author: author, lead: person, status: status, started: started,
      basis: generator.pick(["completedCAF", "mostContact", "familyChoice"]),
      using: &generator)
    let recipients = others + (coAuthor.map { [$0] } ?? [])
    ConsentWriter.write(
      of: &child, draft: draft, household: household, author: author, person: person,
      recipients: recipients, startedOn: started, mayRefuse: mayRefuse, using: &generator)
  }

  private static func write(
    _ element: CAFElement, of assessment: RecordID, to child: inout SampleChild,
    author: SampleAgency, coAuthor: SampleAgency?, using generator: inout SeededGenerator
  ) {
    let texts = SampleSentences.texts(for: element)
    let writer = coAuthor ?? author
    var record = SampleRecord(
      "element", .element(element, of: assessment),
      author: writer.id == author.id ? nil : writer.id)
    record.set(
      "about",
      GroupValue().setting("assessment", assessment).setting("element", element.rawValue))
    record.set("state", generator.chance(percent: 75) ? "done" : "started")
    if generator.chance(percent: 70) {
      record.set("strengths", generator.pick(texts.strengths))
    }
    if generator.chance(percent: 70) {
      record.set("needs", generator.pick(texts.needs))
      record.set("needCodes", GroupValue().setting("needCodes", [texts.code]))
    }
    if generator.chance(percent: 40) {
      let isSeen = generator.chance(percent: 50)
      record.set(
        "evidence",
        GroupValue().setting("source", isSeen ? "observed" : "saidByFamily")
          .setting("evidence", isSeen ? "Seen on two visits." : "The family says so."))
    }
    if generator.chance(percent: 5) {
      record.set(
        "differingView",
        GroupValue().setting("view", "It was like that once, not any more.")
          .setting("whose", "Parent"))
    }
    child.add(record, to: element.category, of: author.id, using: &generator)
  }

  private static func writePlan(
    of child: inout SampleChild, assessment: RecordID, author: SampleAgency,
    team: [SampleAgency], roster: AgencyRoster, using generator: inout SeededGenerator
  ) {
    var conclusion = SampleRecord("conclusion", generator.identifier())
    conclusion.set("assessment", GroupValue().setting("assessment", assessment))
    conclusion.set("conclusions", generator.pick(SampleSentences.conclusions))
    conclusion.set("childComment", generator.pick(SampleSentences.childComments))
    conclusion.set("parentComment", generator.pick(SampleSentences.parentComments))
    conclusion.set(
      "familyAgrees", GroupValue().setting("agrees", generator.chance(percent: 93)))
    conclusion.set(
      "reviewOn",
      GroupValue().setting("reviewOn", ChildDraft.day(generator.between(-20...90))))
    child.add(conclusion, to: .plan, of: author.id, using: &generator)

    for _ in 0..<generator.between(1...3) {
      let owner = generator.pick(team)
      let person = roster.practitioner(of: owner.id, using: &generator)
      var action = SampleRecord("action", generator.identifier())
      action.set("outcomeWanted", generator.pick(SampleSentences.outcomesWanted))
      action.set("ecmOutcome", generator.pick(CodeLists.ecmOutcome.codes).value)
      action.set("action", generator.pick(SampleSentences.actions))
      action.set(
        "owner",
        GroupValue().setting("agency", owner.id).setting("practitioner", person.id)
          .setting("name", person.name).setting("contact", person.contact))
      action.set("due", GroupValue().setting("due", ChildDraft.day(generator.between(-40...60))))
      action.set(
        "status",
        GroupValue().setting("status", generator.pick(["open", "open", "started", "done"])))
      child.add(action, to: .plan, of: author.id, using: &generator)
    }
  }

  private static func writeFlagAndLead(
    of child: inout SampleChild, author: SampleAgency, lead: SamplePractitioner, status: String,
    started: CalendarDate, basis: String, using generator: inout SeededGenerator
  ) {
    var flag = SampleRecord("cafFlag", generator.identifier())
    flag.set(
      "declared",
      GroupValue().setting("status", status).setting("startedOn", started)
        .setting("agency", author.id).setting("leadName", lead.name)
        .setting("leadContact", lead.contact))
    child.add(flag, to: .index, of: author.id, using: &generator)

    var record = SampleRecord("leadProfessional", generator.identifier())
    record.set(
      "lead",
      GroupValue().setting("agency", author.id).setting("practitioner", lead.id)
        .setting("name", lead.name).setting("contact", lead.contact).setting("since", started))
    record.set("basis", basis)
    record.set(
      "acceptance", GroupValue().setting("accepted", "accepted").setting("on", started))
    child.add(record, to: .index, of: author.id, using: &generator)
  }
}
