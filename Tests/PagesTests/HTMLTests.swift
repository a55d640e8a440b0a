import Operations
import Testing

@testable import Pages

@Suite("Markup by type")
struct HTMLTests {
  /// What somebody might type to have a browser do more than show it.
  static let hostile = [
    "<script>alert(1)</script>", "\"><img src=x onerror=alert(1)>", "' autofocus onfocus='alert(1)",
    "&lt;script&gt;", "</title><script>", "javascript:alert(1)", "\u{0}<b>", "a & b < c",
  ]

  @Test("what a person typed is text, in content and in attributes", arguments: hostile)
  func typed(text: String) {
    let markup = element(.p, .value(text)) { text }.markup
    let inner = markup.dropFirst("<p value=\"".count).dropLast("</p>".count)
    #expect(!inner.contains("<"))
    #expect(inner.count { $0 == "\"" } == 1)
    #expect(inner.count { $0 == ">" } == 1)
    #expect(!inner.contains("'") && !inner.contains("\u{0}"))
  }

  @Test("the five characters, and those a browser may not be sent")
  func escapes() {
    #expect(
      HTML.text("<a href='x'>\"&\"</a>").markup
        == "&lt;a href=&#39;x&#39;&gt;&quot;&amp;&quot;&lt;/a&gt;")
    #expect(HTML.text("one\r\ntwo\u{7}\u{85}").markup == "one\ntwo\u{fffd}\u{fffd}")
    #expect(HTML.text("Zoë, 李, ı").markup == "Zoë, 李, ı")
  }

  @Test("an element without content has no end, and an attribute may be all there is")
  func void() {
    #expect(element(.input, .name("n"), .value("")).markup == "<input name=\"n\" value=\"\">")
    #expect(element(.p) {}.markup == "<p></p>")
  }

  @Test("a link leads to this daemon alone", arguments: hostile)
  func links(text: String) {
    let path = LocalPath("children", text, query: [("name", text)]).text
    #expect(path.hasPrefix("/children/"))
    #expect(path.dropFirst().allSatisfy { $0.isASCII && !"<>\"' :".contains($0) })
    #expect(path.count { $0 == "/" } == 2 && path.count { $0 == "?" } == 1)
  }

  @Test("the first page is a slash")
  func firstPage() { #expect(LocalPath().text == "/") }

  @Test("no page shows a tag that somebody typed", arguments: hostile)
  func pages(text: String) {
    let frame = Page.Frame(
      practitioner: text, agency: text, standing: text, isAllSynced: false, formToken: text)
    let filled = Filled(
      ["given", "family", "dateOfBirth", "needs.needs"].map { ($0, text) },
      [Filled.Problem(field: nil, sentence: text), Filled.Problem(field: text, sentence: text)])
    let said: JSON = .string(text)
    let record: JSON = [
      "kind": said, "inConflict": true,
      "groups": ["name": [["value": ["given": said], "by": said, "at": said]]],
    ]
    let child: JSON = [
      "child": said, "name": said, "birth": said, "likeness": said, "because": said,
      "caf": ["sentence": said, "leadProfessional": [said]],
      "joined": [["child": said, "name": said, "agencies": [said]]],
      "involvements": [
        [
          "agency": said, "practitioner": said, "role": said, "contact": said, "official": said,
          "status": said, "start": said, "end": said, "lastContact": said,
          "contacts12Months": said, "asOf": said,
        ]
      ],
      "compartments": [["category": said, "custodian": said, "state": said, "records": [record]]],
    ]
    let tasks: JSON = ["tasks": [["sentence": said, "details": said, "on": said, "child": said]]]
    let conflicts: JSON = [
      "conflicts": [["field": said, "child": said, "name": said, "values": [said]]]
    ]
    let field = { (type: String) -> JSON in
      [
        "name": "needs.needs", "label": said, "hint": said, "type": .string(type), "value": said,
        "options": [["value": said, "label": said]],
      ]
    }
    let types = ["longText", "lines", "several", "one", "number", "date", "text"]
    let form: JSON = [
      "title": said, "child": said, "record": said, "seen": said, "state": said, "kind": said,
      "guidance": [said],
      "boxes": .array(
        types.map { type in
          [
            "group": said, "legend": said, "was": said, "by": said, "at": said,
            "fields": [field(type), field(type)],
          ]
        } + [["group": said, "legend": said, "isUndecided": true]]),
    ]
    let words: JSON = [
      "kind": said, "record": said, "by": said, "at": said, "state": said,
      "rows": [["label": said, "text": said]],
    ]
    let caf: JSON = [
      "child": said, "caf": said, "name": said, "stateWords": said, "custodian": said,
      "closureReasons": [["value": said, "label": said]],
      "parts": [
        [
          "part": said, "title": said,
          "elements": [["element": said, "label": said, "words": said]],
        ]
      ],
      "others": [["kind": said, "label": said, "count": said]],
    ]
    let status: JSON = ["lastExchange": said, "lastFailure": said, "lease": said, "hub": said]
    let pages = [
      SignInPages.signIn(text), SignInPages.signIn(filled),
      SignInPages.unlock(frame, whose: ["hasOwn": true], problem: text),
      SignInPages.problem(text, text, frame),
      PassphrasePage.page(
        frame, ["hasOwn": true, "hasPassphrase": true, "charactersMin": said], filled),
      ChildPage.page(frame, child, revision: ["revision": said]),
      HomePage.page(
        frame,
        work: [
          "alerts": [
            ["kind": said, "child": said, "name": said, "sentence": said, "owner": said],
            ["child": said, "name": said, "due": said, "since": said, "isOwn": true],
          ],
          "children": [child], "alertsNotListed": 2,
        ], status: status, tasks: tasks, conflicts: conflicts),
      FindPage.page(frame, filled, answer: ["sentence": said, "children": [child]]),
      ChildAddPage.page(frame, filled, alike: [text]),
      RecordPage.page(frame, form, filled, to: LocalPath(text), back: (text, LocalPath(text))),
      RecordPage.page(frame, form, .blank, to: LocalPath(text), back: (text, LocalPath(text))),
      RecordListPage.page(
        frame, text, [.init(kind: text, heading: text, adding: text)],
        ["child": said, "name": said, "records": [words]], revision: [:], intro: text),
      RecordListPage.ofAssessment(
        frame, caf: text, kind: text, ["child": said, "name": said, "records": [words]],
        revision: [:]),
      PrintPage.page(frame, tasks: caf, records: ["records": [words]], revision: [:]),
      ChildVersionPage.page(
        frame,
        [
          "child": said, "caf": said,
          "questions": [["name": said, "question": said, "hint": said, "value": said]],
        ], .blank),
      AssessmentPages.overview(frame, child: text, ["sentence": said, "cafs": [caf]]),
      AssessmentPages.taskList(frame, caf, revision: [:]),
      AssessmentPages.elementPage(frame, form, tasks: caf, filled),
    ]
    for page in pages { Self.expectOwnTags(page) }
  }

  /// Each tag is one of ours: a name of the list, and attributes in double quotes.
  static func expectOwnTags(_ page: Page) {
    let markup = String(decoding: page.bytes, as: UTF8.self)
    for tag in markup.split(separator: "<").dropFirst() {
      let name = tag.drop { $0 == "/" || $0 == "!" }.prefix { $0.isLetter || $0.isNumber }
      #expect(name == "DOCTYPE" || ElementName(rawValue: String(name)) != nil, "<\(tag)")
    }
    #expect(!markup.contains("onerror=alert(1)>") && markup.split(separator: "<script").count == 2)
  }

  @Test("names of the schema are said plainly")
  func plainNames() {
    #expect(PlainName.of("dateOfBirth") == "Date of birth")
    #expect(PlainName.of("held by the hub") == "Held by the hub")
    #expect(PlainName.of("") == "")
  }
}
