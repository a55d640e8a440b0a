import Operations
import Testing

@testable import Pages

@Suite("What people typed, on practitioners' pages")
struct PractitionerPagesTests {
  @Test("no page of the daily work shows a tag that somebody typed", arguments: HTMLTests.hostile)
  func pages(text: String) {
    let frame = Page.Frame(
      practitioner: text, agency: text, standing: text, isAllSynced: false, formToken: text)
    let filled = Filled(
      [("needs.needs", text), ("reason", text)], [Filled.Problem(field: text, sentence: text)])
    let pages =
      conflicts(text, frame, filled) + sync(text, frame, filled) + work(text, frame, filled)
      + families(text, frame, filled)
    for page in pages {
      HTMLTests.expectOwnTags(page)
    }
  }

  private func conflicts(_ text: String, _ frame: Page.Frame, _ filled: Filled) -> [Page] {
    let said: JSON = .string(text)
    let rows: JSON = [["label": said, "text": said], ["label": said, "text": ""]]
    let field: JSON = ["name": "needs.needs", "label": said, "type": "longText", "value": said]
    let conflict: JSON = [
      "conflict": said, "record": said, "group": said, "part": said, "child": said, "name": said,
      "title": said, "label": said, "seen": said, "both": said, "about": rows,
      "values": [["by": said, "at": said]], "fields": [field, field],
      "answers": [
        ["answer": said, "by": said, "at": said, "rows": rows],
        [
          "answer": said, "by": said, "at": said, "rows": [["label": said, "text": "other words"]],
        ],
      ],
    ]
    return [
      ConflictPages.list(frame, ["conflicts": [conflict]]),
      ConflictPages.page(frame, conflict, filled),
      ConflictPages.page(frame, conflict, .blank(.init(field: nil, sentence: text))),
      ConflictPages.gone(frame, text, [text]),
    ]
  }

  private func sync(_ text: String, _ frame: Page.Frame, _ filled: Filled) -> [Page] {
    let said: JSON = .string(text)
    let status: JSON = ["lastExchange": said, "lastFailure": said, "lease": said, "hub": said]
    let work: JSON = [
      "number": said, "name": said, "reason": said, "state": said, "by": said, "at": said,
      "mayBeTakenUp": true, "rows": [["label": said, "text": said]],
    ]
    let decision: JSON = [
      "sentence": said, "why": said, "by": said, "at": said, "child": said, "name": said,
    ]
    let parts: JSON = [
      "sentence": said, "page": 2, "pages": 3,
      "children": [
        [
          "child": said, "name": said,
          "parts": [["label": said, "custodian": said, "state": said]],
        ]
      ],
    ]
    return [
      SyncPage.page(
        frame, status: status, returned: ["decisions": [decision]], apart: ["work": [work]],
        outcome: text),
      SyncPage.parts(frame, parts, isUnsentOnly: true),
      ApartPage.page(frame, work, isDiscarding: false, filled),
      ApartPage.page(frame, work, isDiscarding: true, filled),
      ApartPage.gone(frame),
    ]
  }

  private func work(_ text: String, _ frame: Page.Frame, _ filled: Filled) -> [Page] {
    let said: JSON = .string(text)
    let option: JSON = ["value": said, "label": said]
    func lead(_ state: String) -> JSON {
      [
        "record": said, "state": .string(state), "name": said, "agency": said, "contact": said,
        "since": said, "until": said, "basis": said, "answeredOn": said, "deputy": said,
        "absence": said, "handsOverTo": said, "isOwn": true, "isUndecided": true, "by": said,
        "at": said,
        "custodian": said,
      ]
    }
    let leads: JSON = [
      "child": said, "name": said, "sentence": said, "ownAgency": said, "bases": [option],
      "agencies": [option],
      "leads": .array(["leads", "asked", "declined", "past"].map(lead)),
    ]
    let roles: JSON = [
      "people": [["name": said, "agency": said, "children": said, "asked": said]]
    ]
    let enquiry: JSON = [
      "subject": said, "state": said, "reason": said, "basis": said, "askedBy": said,
      "askedAt": said, "answers": [],
    ]
    let answered: JSON = ["subject": said, "answers": [["sentence": said]]]
    let task: JSON = [
      "task": said, "sentence": said, "name": said, "details": said, "on": said, "state": said,
      "child": said,
    ]
    return [
      LeadPage.page(frame, leads, roles: roles, revision: ["revision": said], filled),
      LeadPage.page(frame, leads, roles: [:], revision: [:], .blank),
      EnquiryPages.form(frame, ["reasons": [option]], filled),
      EnquiryPages.list(frame, ["sentence": said, "enquiries": [enquiry, answered]]),
      TaskPage.page(frame, task, filled), TaskPage.page(frame, nil, .blank),
    ]
  }

  private func families(_ text: String, _ frame: Page.Frame, _ filled: Filled) -> [Page] {
    let said: JSON = .string(text)
    let entry: JSON = [
      "child": said, "name": said, "birth": said, "rows": [["label": said, "text": said]],
      "parts": [said], "agencies": [said], "likeness": said, "because": said, "caf": said,
      "school": said, "services": [said], "lead": said,
    ]
    let family: JSON = [
      "child": said, "name": said, "sentence": said, "siblings": [entry],
      "writtenWith": [["child": "other", "name": said]],
      "members": [["writtenWith": "other", "record": said, "name": said, "custodian": said]],
    ]
    let pairs: JSON = [
      "sentence": said,
      "pairs": [
        ["children": [entry, entry], "likeness": said, "because": said, "agencies": [said]]
      ],
    ]
    let decided = ["open", "joined", "differ"].map { state in
      PairPages.page(frame, ["state": .string(state), "children": [entry, entry]], filled)
    }
    return decided + [
      PairPages.list(frame, pairs),
      FamilyPage.page(
        frame, family, records: ["child": said], found: ["children": [entry, ["child": "new"]]],
        revision: [:], filled),
    ]
  }
}
