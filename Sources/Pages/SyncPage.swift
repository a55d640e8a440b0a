package import Operations

/// How far the work has come, each figure as the hub or the store vouches for it.
package enum SyncPage {
  /// - Parameters:
  ///   - status: What `status` answers.
  ///   - returned: What `returned-list` answers.
  ///   - apart: What `quarantine-list` answers.
  ///   - outcome: What came of an exchange that has just been asked for.
  package static func page(
    _ frame: Page.Frame, status: JSON, returned: JSON, apart: JSON, outcome: String? = nil
  ) -> Page {
    Page("Sync", frame) {
      element(.h1) { "Sync" }
      if let outcome { insetText(outcome) }
      summaryList([
        ("Last contact with the hub", said(status["lastExchange"], else: "None since the start")),
        ("Last failure", said(status["lastFailure"])),
        ("Lease", said(status["lease"])),
        ("Hub", said(status["hub"])),
      ])
      postForm(LocalPath("sync"), token: frame.formToken) { button("Sync now") }
      element(.h2) { "What is where" }
      figures(status)
      element(.p) {
        link(
          "See what waits to be sent, child by child",
          to: LocalPath("sync", "parts", query: [("unsent", "yes")]))
      }
      element(.p) { link("See where everything is", to: LocalPath("sync", "parts")) }
      section("apart", "Work set apart") { works(apart.items("work")) }
      section("returned", "Decisions of families that came back") {
        decisions(returned.items("decisions"))
      }
    }
  }

  private static let standings: [(code: String, words: String)] = [
    ("queued", "Queued: not yet at the hub"),
    ("heldHere", "On this device only, and staying here"),
    ("heldByHub", "Held by the hub"),
    ("receivedByOthers", "Held by the hub, and received by others"),
    ("quarantined", "Some of it is set apart"),
    ("locked", "Withdrawn: being removed from this device"),
  ]

  /// Parts of records by where they are; of decisions, those that wait or came back.
  static func figures(_ status: JSON) -> HTML {
    let parts = status["compartments"]
    var rows: [(name: String, value: HTML)] = standings.map { standing in
      (standing.words, said(parts?[standing.code], else: "0"))
    }
    rows.append(("Decisions of families not yet at the hub", said(status["unsentDecisions"])))
    rows.append(("Decisions that came back", said(status["returnedDecisions"])))
    rows.append(("Work set apart", said(status["quarantined"])))
    return summaryList(rows)
  }

  private static func said(_ value: JSON?, else standard: String = "") -> HTML {
    let text = value?.stringValue ?? value?.integerValue.map { String($0) } ?? standard
    return text.isEmpty ? .empty : .text(text)
  }

  // MARK: Child by child

  /// - Parameters:
  ///   - answer: What `part-list` answers.
  ///   - isUnsentOnly: As it was asked.
  package static func parts(_ frame: Page.Frame, _ answer: JSON, isUnsentOnly: Bool) -> Page {
    let title = isUnsentOnly ? "What waits to be sent" : "Where everything is"
    return Page(title, frame) {
      backLink("Sync", to: LocalPath("sync"))
      element(.h1) { title }
      insetText(answer.text("sentence"))
      for (number, child) in answer.items("children").enumerated() {
        section("child-\(number)", child.text("name")) {
          summaryList(
            child.items("parts").map { part in
              (
                "\(part.text("label")), kept by \(part.text("custodian"))",
                .text(PlainName.of(part.text("state")))
              )
            })
          element(.p) {
            link("See the child", to: LocalPath("children", child.text("child")))
          }
        }
      }
      steps(answer, isUnsentOnly: isUnsentOnly)
    }
  }

  private static func steps(_ answer: JSON, isUnsentOnly: Bool) -> HTML {
    let page = answer["page"]?.integerValue ?? 1
    let pages = answer["pages"]?.integerValue ?? 1
    if pages <= 1 { return .empty }
    func step(_ words: String, _ number: Int64) -> HTML {
      let query =
        (isUnsentOnly ? [("unsent", "yes")] : []) + [(name: "page", value: String(number))]
      return element(.li) { link(words, to: LocalPath("sync", "parts", query: query)) }
    }
    return element(.nav, .label("More children")) {
      element(.p) { "Page \(page) of \(pages)" }
      element(.ul) {
        if page > 1 { step("Before", page - 1) }
        if page < pages { step("After", page + 1) }
      }
    }
  }

  // MARK: What came back

  private static func works(_ works: [JSON]) -> HTML {
    if works.isEmpty { return element(.p) { "Nothing is set apart." } }
    return .joined(works.map { work in element(.div, .class("card")) { self.work(work) } })
  }

  private static func work(_ work: JSON) -> HTML {
    .joined([
      ApartPage.words(work),
      element(.p) {
        link(
          "Take it up, or discard it", to: LocalPath("sync", "apart", work.text("number")))
      },
    ])
  }

  private static func decisions(_ decisions: [JSON]) -> HTML {
    if decisions.isEmpty { return element(.p) { "None." } }
    return list {
      for decision in decisions {
        element(.li) {
          element(.strong) { PlainName.of(decision.text("sentence")) }
          element(.p) { "It is not in force. " + decision.text("why") }
          element(.p, .class("hint")) {
            "\(decision.text("by")), \(decision.text("at")) "
            if !decision.text("child").isEmpty {
              link(
                decision.text("name"),
                to: LocalPath("children", decision.text("child"), "consent"))
            }
          }
        }
      }
    }
  }
}
