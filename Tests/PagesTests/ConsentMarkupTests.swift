import Operations
import Testing

@testable import Pages

@Suite("Markup of the consent pages")
struct ConsentMarkupTests {
  /// Of every name that these pages read, with the text as its value.
  private static func object(_ text: String, flags: [String], _ members: JSON = [:]) -> JSON {
    var object = JSON.Object()
    for name in [
      "child", "name", "entry", "sentence", "recordedBy", "recordedAt", "state", "givenBy",
      "capacityWords", "assessedBy", "decidedBy", "reason", "until", "reviewOn", "agreement",
      "note",
      "agency", "part", "label", "because", "writtenBy", "value", "hint", "age", "version", "title",
      "text", "validFrom", "previewed", "by", "on", "answer",
    ] { object[name] = .string(text) }
    for name in ["purposes", "parts", "recipients", "excluded", "reasons"] {
      object[name] = [.string(text)]
    }
    for name in flags { object[name] = true }
    for (name, value) in members.objectValue?.members ?? [] { object[name] = value }
    return .object(object)
  }

  private static let everyFlag = [
    "isStanding", "isReviewDue", "mayDecideAlone", "isHeld", "isUsual", "isNew", "isStoredAtHub",
    "isWritten", "isLifted", "isAllLifted", "isForFamily", "isAhead", "isPrivate", "mayShare",
  ]

  @Test(
    "no consent page shows a tag that somebody typed", arguments: HTMLTests.hostile,
    [[], everyFlag])
  func pages(text: String, flags: [String]) {
    let frame = Page.Frame(
      practitioner: text, agency: text, standing: text, isAllSynced: false, formToken: text,
      notice: text)
    func object(_ members: JSON = [:]) -> JSON { Self.object(text, flags: flags, members) }
    let rows: JSON = [object()]
    let entries = ["consent", "refusal", "withdrawal", "override", "shield", text].map {
      object(["kind": .string($0)])
    }
    let shown = object(["entries": .array(entries)])
    let holder = object(["parts": rows])
    let holds = object([
      "agencies": [holder], "hub": rows, "heldHere": rows, "onlyHere": rows, "notShared": [holder],
    ])
    let form = object(["purposes": rows, "categories": rows, "capacities": rows])
    let agencies: JSON = ["agencies": rows]
    let preview = object([
      "receives": rows, "receivesOnceWritten": rows, "loses": rows, "nobody": rows,
      "standing": .array(entries),
    ])
    let names = ["by", "until", "reason", "agency", text]
    let filled = Filled(
      names.map { ($0, text) },
      [Filled.Problem(field: nil, sentence: text), Filled.Problem(field: text, sentence: text)])
    let choices = DecisionPages.Choices(form: form, agencies: agencies, agreement: object())
    let pages =
      [
        ConsentPage.page(frame, shown, holds: holds, revision: [:]),
        ConsentPage.withdrawal(frame, shown, preview: preview, entry: text),
        ConsentPage.unshield(frame, shown, entry: text),
        MaySharePage.page(frame, form: form, agencies: agencies, filled, answer: preview),
        WhoHoldsPage.page(frame, holds, isSheet: false, revision: [:]),
        WhoHoldsPage.page(frame, holds, isSheet: true, revision: [:]),
        ChronologyPage.page(frame, object(["events": rows]), revision: [:]),
      ]
      + DecisionPages.Kind.allCases.flatMap { kind in
        [
          DecisionPages.form(frame, kind, choices, filled),
          DecisionPages.form(frame, kind, choices, .blank),
          DecisionPages.preview(
            frame, kind, preview, fields: names.map { ($0, text) }, problems: filled.problems),
        ]
      }
    for page in pages {
      HTMLTests.expectOwnTags(page)
      // A browser writes the title down in its history.
      #expect(!page.title.contains(text))
    }
  }
}
