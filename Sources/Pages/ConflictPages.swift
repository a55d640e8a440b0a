package import Operations

/// Two people answered one question without seeing each other: which there are, and both answers
/// side by side, until a person chooses.
package enum ConflictPages {
  /// - Parameter answer: What `conflict-list` answers.
  package static func list(_ frame: Page.Frame, _ answer: JSON) -> Page {
    Page("Conflicts", frame) {
      element(.h1) { "Two answers to one question" }
      insetText(
        "Somebody else wrote in the same box without seeing what was written here. Both texts are "
          + "kept until a person chooses.")
      children(answer.items("conflicts"))
    }
  }

  static func path(_ conflict: JSON) -> LocalPath {
    LocalPath(
      "conflicts", conflict.text("record"), conflict.text("group"),
      query: [("part", conflict.text("part"))])
  }

  @HTMLBuilder private static func children(_ conflicts: [JSON]) -> HTML {
    let children = conflicts.reduce(into: [String]()) { known, conflict in
      if !known.contains(conflict.text("child")) { known.append(conflict.text("child")) }
    }
    if children.isEmpty { element(.p) { "None in what is held here." } }
    for (number, child) in children.enumerated() {
      let own = conflicts.filter { $0.text("child") == child }
      section("child-\(number)", own[0].text("name").isEmpty ? "No child" : own[0].text("name")) {
        Pages.list {
          for conflict in own {
            element(.li) {
              link("\(conflict.text("title")): \(conflict.text("label"))", to: path(conflict))
              element(.p, .class("hint")) {
                conflict.items("values").map { "\($0.text("by")), \($0.text("at"))" }
                  .joined(separator: "; ")
              }
            }
          }
        }
      }
    }
  }

  /// - Parameter conflict: What `conflict-show` answers.
  package static func page(_ frame: Page.Frame, _ conflict: JSON, _ filled: Filled) -> Page {
    let label = "\(conflict.text("title")): \(conflict.text("label"))"
    let child = conflict.text("child")
    return Page(
      "Two answers to one question", frame, hasErrors: !filled.problems.isEmpty,
      child: child.isEmpty ? nil : (child, ""), seen: conflict.text("seen")
    ) {
      backLink("All conflicts", to: LocalPath("conflicts"))
      errorSummary(filled.problems)
      element(.h1) { conflict.isTrue("isRemoval") ? "Removed by one, kept by another" : label }
      element(.p) {
        "About "
        link(conflict.text("name"), to: LocalPath("children", conflict.text("child")))
        ". "
        conflict.isTrue("isRemoval")
          ? "Somebody removed this entry while somebody else was working with it: "
            + conflict.text("title") + "."
          : "Each of them wrote without seeing the others. Words that the others do not have are "
            + "marked."
      }
      answers(frame, conflict)
      both(frame, conflict)
      third(frame, conflict, filled)
      about(conflict)
    }
  }

  /// Somebody else has decided meanwhile: what was typed is not lost with the page.
  package static func gone(_ frame: Page.Frame, _ sentence: String, _ typed: [String]) -> Page {
    Page("Decided meanwhile", frame) {
      backLink("All conflicts", to: LocalPath("conflicts"))
      element(.h1) { "This has been decided meanwhile" }
      insetText(sentence)
      if !typed.isEmpty {
        section("typed", "What you had written, and what was not saved") {
          for text in typed { element(.p, .class("card words")) { text } }
        }
      }
    }
  }

  // MARK: The answers

  private static func answers(_ frame: Page.Frame, _ conflict: JSON) -> HTML {
    let answers = conflict.items("answers")
    let authors = answers.map { $0.text("by") }
    return element(.div, .class("sides")) {
      for (number, answer) in answers.enumerated() {
        let by = answer.text("by")
        // Two of one author are told apart by their numbers, to the ear as well.
        let whose = authors.count { $0 == by } > 1 ? ", answer \(number + 1)" : ""
        element(.section, .class("card"), .labelledBy("answer-\(number)")) {
          element(.h2, .id("answer-\(number)")) { by + whose }
          element(.p, .class("hint")) { answer.text("at") }
          for (row, value) in answer.items("rows").enumerated() {
            element(.h3) { value.text("label") }
            element(.p, .class("words")) {
              words(of: value, besides: others(than: number, row, in: answers))
            }
          }
          form(frame, conflict) {
            hiddenField("answer", answer.text("answer"))
            button("Keep what \(by) wrote\(whose)")
          }
        }
      }
    }
  }

  private static func others(than number: Int, _ row: Int, in answers: [JSON]) -> [String] {
    answers.enumerated().filter { $0.offset != number }.map { _, answer in
      let rows = answer.items("rows")
      return row < rows.count ? rows[row].text("text") : ""
    }
  }

  private static func words(of value: JSON, besides others: [String]) -> HTML {
    let text = value.text("text")
    if text.isEmpty { return .text("Left blank") }
    return .joined(
      WordDifference.pieces(of: text, besides: others).map { piece in
        piece.isAlone ? element(.ins) { piece.text } : .text(piece.text)
      })
  }

  // MARK: What may be done

  /// Each way to decide says what was shown: what arrived later is not overwritten.
  private static func form(
    _ frame: Page.Frame, _ conflict: JSON, @HTMLBuilder content: () -> HTML
  ) -> HTML {
    postForm(
      LocalPath("conflicts", conflict.text("record"), conflict.text("group")),
      token: frame.formToken
    ) {
      hiddenField("seen", conflict.text("seen"))
      hiddenField("part", conflict.text("part"))
      content()
    }
  }

  private static func both(_ frame: Page.Frame, _ conflict: JSON) -> HTML {
    let both = conflict.text("both")
    if both.isEmpty { return .empty }
    return section("both", "Keep all of it") {
      element(.p) { "The texts then stand in one, each with who wrote it:" }
      element(.p, .class("card words")) { both }
      form(frame, conflict) { button("Keep them all", "both", "yes") }
    }
  }

  private static func third(_ frame: Page.Frame, _ conflict: JSON, _ filled: Filled) -> HTML {
    let fields = conflict.items("fields")
    if fields.isEmpty { return .empty }
    return section("third", "Write another answer") {
      element(.p) { "It takes the place of all the answers above." }
      form(frame, conflict) {
        if fields.count == 1 {
          RecordPage.field(fields[0], filled)
        } else {
          fieldset(conflict.text("label")) {
            for field in fields { RecordPage.field(field, filled) }
          }
        }
        button("Save this instead", "third", "yes")
      }
    }
  }

  private static func about(_ conflict: JSON) -> HTML {
    let rows = conflict.items("about")
    if rows.isEmpty { return .empty }
    return section("about", "What else stands in this entry") {
      element(.div, .class("card")) {
        summaryList(rows.map { ($0.text("label"), $0.html("text")) })
      }
    }
  }
}
