package import Operations

/// A child as the index shows them: who they are, whether there is a CAF, who leads, who is
/// involved; and the ways on. Answers that differ stand side by side.
package enum ChildPage {
  /// - Parameters:
  ///   - answer: What `child-show` answers.
  ///   - revision: What `child-revision` answers.
  package static func page(_ frame: Page.Frame, _ answer: JSON, revision: JSON) -> Page {
    let child = answer.text("child")
    return Page("A child", frame, child: (child, revision.text("revision"))) {
      element(.h1) { answer.text("name") }
      summaryList([
        ("Born", answer.html("birth")),
        ("CAF", .text(answer["caf"]?.text("sentence") ?? "")),
        ("Lead professional", leads(answer)),
        ("Coverage", answer.html("coverage")),
      ])
      ways(child)
      section("involved", "Who is involved") {
        involvements(answer.items("involvements"))
        element(.p) {
          link(
            "Add our work with the child", to: LocalPath("children", child, "add", "involvement"))
        }
      }
      section("parts", "What is held here") { parts(answer.items("compartments")) }
      joined(answer.items("joined"), child)
    }
  }

  private static func ways(_ child: String) -> HTML {
    let ways: [(name: String, path: String)] = [
      ("The CAF", "caf"), ("Plan and actions", "plan"), ("Family", "family"),
      ("Consent", "consent"), ("Lead professional", "lead"), ("Details", "details"),
      ("Chronology", "chronology"), ("May I share this?", "may-share"),
      ("Who holds what", "who-holds"), ("Pre-CAF", "pre-caf"), ("Private notes", "notes"),
    ]
    return element(.nav, .class("ways"), .label("This child")) {
      element(.ul) {
        for way in ways {
          element(.li) { link(way.name, to: LocalPath("children", child, way.path)) }
        }
      }
    }
  }

  private static func leads(_ answer: JSON) -> HTML {
    let leads = answer["caf"]?.texts("leadProfessional") ?? []
    return .text(
      leads.isEmpty ? "Nobody is named in what is held here" : leads.joined(separator: "; "))
  }

  /// Two entries that were recorded as one child; there that is taken back.
  private static func joined(_ others: [JSON], _ child: String) -> HTML {
    if others.isEmpty { return .empty }
    return section("joined", "Recorded as this child too") {
      list {
        for (number, other) in others.enumerated() {
          element(.li) {
            link(
              "See entry \(number + 2) beside this one, or take the join back",
              to: LocalPath("children", child, "same", other.text("child")))
            element(.p, .class("hint")) {
              [other.text("name"), "kept by " + other.texts("agencies").joined(separator: ", ")]
                .filter { !$0.isEmpty }.joined(separator: ", ")
            }
          }
        }
      }
    }
  }

  // MARK: Who is involved

  private static func involvements(_ all: [JSON]) -> HTML {
    if all.isEmpty {
      return insetText(
        "No involvement is in what is held here. Other agencies may be involved all the same.")
    }
    return element(.table) {
      element(.thead) {
        element(.tr) {
          for head in ["Agency", "Who", "Since", "Last contact"] {
            element(.th, .scope("col")) { head }
          }
        }
      }
      element(.tbody) { for involvement in all { row(involvement) } }
    }
  }

  private static func row(_ involvement: JSON) -> HTML {
    let who = ["practitioner", "role", "contact"].map(involvement.text).filter { !$0.isEmpty }
    return element(.tr) {
      element(.th, .scope("row")) {
        involvement.text("agency")
        if involvement.text("official") == "unofficial" { " (unofficial)" }
      }
      element(.td) { who.joined(separator: ", ") }
      element(.td) {
        narrow("Since ")
        involvement.text("start")
        if !involvement.text("end").isEmpty { " to " + involvement.text("end") }
        if involvement.text("status") == "past" { ", past" }
      }
      element(.td) {
        narrow("Last contact: ")
        if involvement.text("lastContact").isEmpty {
          "Not recorded"
        } else {
          involvement.text("lastContact")
        }
        if !involvement.text("contacts12Months").isEmpty {
          ", \(involvement.text("contacts12Months")) in 12 months"
        }
        if !involvement.text("asOf").isEmpty { " (as of \(involvement.text("asOf")))" }
      }
    }
  }

  // MARK: What is held

  private static func parts(_ all: [JSON]) -> HTML {
    list {
      for part in all {
        element(.li) {
          element(.strong) { PlainName.of(part.text("category")) }
          ", kept by " + part.text("custodian")
          if part.items("records").contains(where: { $0.isTrue("inConflict") }) {
            " "
            link("Answers differ", to: LocalPath("conflicts"))
          }
          element(.p, .class("hint")) { PlainName.of(part.text("state")) }
        }
      }
    }
  }
}

/// Names of the schema as a person says them.
enum PlainName {
  /// `dateOfBirth` → `Date of birth`.
  static func of(_ name: String) -> String {
    let words = name.reduce(into: "") { words, character in
      if character.isUppercase, words.last?.isLowercase == true {
        words += " " + character.lowercased()
      } else {
        words.append(character)
      }
    }
    return words.prefix(1).uppercased() + words.dropFirst()
  }
}
