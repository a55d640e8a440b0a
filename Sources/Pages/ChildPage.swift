package import Operations

/// A child as the index shows them: who they are, whether there is a CAF, who leads, who is
/// involved. Answers that differ stand side by side.
package enum ChildPage {
  /// - Parameter answer: What `child-show` answers.
  package static func page(_ frame: Page.Frame, _ answer: JSON) -> Page {
    let name = answer["name"]?.stringValue ?? ""
    return Page("A child", frame) {
      element(.h1) { name }
      summaryList([
        ("Born", text(answer["birth"])),
        ("CAF", text(answer["caf"]?["sentence"])),
        ("Lead professional", leads(answer)),
      ])
      element(.section, .labelledBy("involved")) {
        element(.h2, .id("involved")) { "Who is involved" }
        involvements(answer["involvements"]?.arrayValue ?? [])
      }
      element(.section, .labelledBy("parts")) {
        element(.h2, .id("parts")) { "What is held here" }
        parts(answer["compartments"]?.arrayValue ?? [])
      }
    }
  }

  private static func text(_ value: JSON?) -> HTML { .text(said(value)) }

  private static func said(_ value: JSON?) -> String { value?.stringValue ?? "" }

  private static func leads(_ answer: JSON) -> HTML {
    let leads = answer["caf"]?["leadProfessional"]?.arrayValue?.compactMap(\.stringValue) ?? []
    return .text(
      leads.isEmpty ? "Nobody is named in what is held here" : leads.joined(separator: "; "))
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
    func field(_ name: String) -> String { said(involvement[name]) }
    let who = ["practitioner", "role", "contact"].map(field).filter { !$0.isEmpty }
    return element(.tr) {
      element(.th, .scope("row")) {
        field("agency")
        if field("official") == "unofficial" { " (unofficial)" }
      }
      element(.td) { who.joined(separator: ", ") }
      element(.td) {
        field("start")
        if !field("end").isEmpty { " to " + field("end") }
        if field("status") == "past" { ", past" }
      }
      element(.td) {
        if field("lastContact").isEmpty {
          "Not recorded"
        } else {
          field("lastContact")
        }
        if !field("contacts12Months").isEmpty {
          ", \(field("contacts12Months")) in 12 months"
        }
        if !field("asOf").isEmpty { " (as of \(field("asOf")))" }
      }
    }
  }

  // MARK: What is held

  private static func parts(_ all: [JSON]) -> HTML {
    element(.ul, .class("list")) {
      for part in all {
        element(.li) {
          element(.strong) { PlainName.of(said(part["category"])) }
          ", kept by " + said(part["custodian"])
          if part["records"]?.arrayValue?.contains(where: { $0["inConflict"] == true }) == true {
            " "
            element(.span, .class("tag tag-waiting")) { "Answers differ" }
          }
          element(.p, .class("hint")) { PlainName.of(said(part["state"])) }
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
