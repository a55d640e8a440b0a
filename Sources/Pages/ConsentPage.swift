package import Operations

/// What the family has decided about sharing, and what follows from it now.
package enum ConsentPage {
  /// - Parameters:
  ///   - answer: What `consent-show` answers.
  ///   - holds: What `who-holds` answers.
  ///   - revision: What `child-revision` answers.
  package static func page(
    _ frame: Page.Frame, _ answer: JSON, holds: JSON, revision: JSON
  ) -> Page {
    let child = answer.text("child")
    // The newest first: that is what stands.
    let entries = Array(answer.items("entries").reversed())
    let standing = entries.filter { $0.isTrue("isStanding") }
    let past = entries.filter { !$0.isTrue("isStanding") }
    return Page("Consent", frame, child: (child, revision.text("revision"))) {
      backLink(answer.text("name"), to: LocalPath("children", child))
      element(.h1) { "Consent" }
      ways(child)
      section("now", "Who may have what now") { now(holds, child) }
      section("standing", "What stands") {
        if standing.isEmpty { insetText("Nothing the family has decided is known here.") }
        for entry in standing { self.entry(entry, child) }
      }
      if !past.isEmpty {
        section("past", "What has been") { for entry in past { self.entry(entry, child) } }
      }
    }
  }

  private static func ways(_ child: String) -> HTML {
    element(.div, .class("actions")) {
      linkButton("Record a consent", to: LocalPath("children", child, "consent", "give"))
      linkButton("Record a refusal", to: LocalPath("children", child, "consent", "refuse"))
      element(.details) {
        element(.summary) { "Without the family’s consent" }
        list {
          element(.li) {
            link(
              "Disclose without consent, as the law allows",
              to: LocalPath("children", child, "consent", "override"))
          }
          element(.li) {
            link("Shield the whereabouts", to: LocalPath("children", child, "consent", "shield"))
          }
        }
      }
    }
  }

  private static func now(_ holds: JSON, _ child: String) -> HTML {
    let agencies = holds.items("agencies")
    return .joined([
      agencies.isEmpty
        ? insetText("No other agency may have anything that is written here.")
        : list {
          for agency in agencies {
            element(.li) {
              element(.strong) { agency.text("agency") }
              element(.p) {
                agency.items("parts").map { $0.text("label") }.joined(separator: "; ")
              }
            }
          }
        },
      element(.p) {
        link("Why, and what the hub keeps", to: LocalPath("children", child, "who-holds"))
      },
    ])
  }

  // MARK: One decision

  static func kindWords(_ entry: JSON) -> String {
    switch entry.text("kind") {
    case "consent": "Consent"
    case "refusal": "Refusal"
    case "withdrawal": "Withdrawal"
    case "override": "Disclosure without consent"
    case "shield": "Whereabouts shielded"
    default: PlainName.of(entry.text("sentence"))
    }
  }

  private static func entry(_ entry: JSON, _ child: String) -> HTML {
    element(.div, .class("card")) {
      element(.h3) {
        kindWords(entry)
        " "
        standing(entry)
      }
      summary(entry)
      element(.p, .class("hint")) {
        "Recorded by \(entry.text("recordedBy")), \(entry.text("recordedAt"))"
        entry.text("state").isEmpty ? "." : ": " + entry.text("state") + "."
      }
      if entry.isTrue("isStanding") { action(entry, child) }
    }
  }

  static func summary(_ entry: JSON) -> HTML {
    let isShield = entry.text("kind") == "shield"
    let words = { (name: String) in HTML.text(entry.texts(name).joined(separator: "; ")) }
    let basis = [entry.text("capacityWords"), entry.text("assessedBy")].filter { !$0.isEmpty }
    return summaryList([
      ("Given by", entry.html("givenBy")),
      ("On the basis", .text(basis.joined(separator: ", assessed by "))),
      ("Decided by", entry.html("decidedBy")), ("Reason", entry.html("reason")),
      ("What for", words("purposes")), ("What", words("parts")),
      (isShield ? "May have them all the same" : "Who", words("recipients")),
      ("Never to", words("excluded")), ("Until", entry.html("until")),
      ("To be reviewed on", entry.html("reviewOn")),
      ("Agreement explained", entry.html("agreement")), ("Where it is written", entry.html("note")),
    ])
  }

  private static func standing(_ entry: JSON) -> HTML {
    if entry.text("state").hasPrefix("returned") { return tag("Returned by the hub", .wrong) }
    if entry.isTrue("isReviewDue"), entry.isTrue("isStanding") { return tag("Review due", .wrong) }
    switch (entry.text("kind"), entry.isTrue("isStanding")) {
    case ("consent", true), ("override", true), ("shield", true): return tag("Stands", .done)
    case ("refusal", true), ("withdrawal", true): return tag("Stands", .waiting)
    case ("consent", false): return tag("Taken back, or over")
    case ("override", false): return tag("Over")
    case ("shield", false): return tag("Lifted")
    case ("refusal", false), ("withdrawal", false):
      return entry.texts("parts").isEmpty ? .empty : tag("Lifted by a later consent")
    default: return .empty
    }
  }

  private static func action(_ entry: JSON, _ child: String) -> HTML {
    let address = { (name: String) in
      LocalPath("children", child, "consent", name, query: [("entry", entry.text("entry"))])
    }
    switch entry.text("kind") {
    case "consent": return element(.p) { linkButton("Withdraw", to: address("withdraw")) }
    case "shield": return element(.p) { linkButton("Lift the shield", to: address("unshield")) }
    default: return .empty
    }
  }

  // MARK: Taking back

  /// What a withdrawal will do, before the second click.
  /// - Parameters:
  ///   - preview: What `consent-withdraw` answers to a preview.
  ///   - entry: The identifier of the consent.
  package static func withdrawal(
    _ frame: Page.Frame, _ answer: JSON, preview: JSON, entry: String
  ) -> Page {
    let child = answer.text("child")
    let consent = answer.items("entries").first { $0.text("entry") == entry } ?? .null
    return Page("Withdraw a consent", frame) {
      backLink("Consent", to: LocalPath("children", child, "consent"))
      element(.h1) { "Withdraw this consent" }
      summary(consent)
      section("then", "What will happen") {
        DecisionPages.losses(preview.items("loses"))
        list {
          element(.li) {
            "It holds on this device at once, and goes first in the next exchange with the hub."
          }
          element(.li) {
            "Each agency’s computers and laptops are told to destroy their copy, and confirm it. "
            "A laptop that is off the line does so when it is next on it."
          }
        }
      }
      section("stays", "What stays") {
        list {
          for row in preview.items("receives") {
            element(.li) {
              "\(row.text("agency")): \(row.text("part")). \(row.text("because"))"
            }
          }
          element(.li) { "What an agency has written itself stays with that agency." }
          element(.li) { "That there was consent, and that it was withdrawn, stays on record." }
          element(.li) { "What was printed or told cannot be fetched back." }
        }
      }
      postForm(LocalPath("children", child, "consent", "withdraw"), token: frame.formToken) {
        hiddenField("entry", entry)
        warningButton("Withdraw the consent")
      }
    }
  }

  /// What lifting a shield will do, before it is lifted.
  package static func unshield(_ frame: Page.Frame, _ answer: JSON, entry: String) -> Page {
    let child = answer.text("child")
    let shield = answer.items("entries").first { $0.text("entry") == entry } ?? .null
    return Page("Lift a shield", frame) {
      backLink("Consent", to: LocalPath("children", child, "consent"))
      element(.h1) { "Lift the shield on the whereabouts" }
      if shield.isTrue("isStanding") {
        lifting(frame, child, shield)
      } else {
        insetText("This shield does not stand here any more.")
      }
    }
  }

  private static func lifting(_ frame: Page.Frame, _ child: String, _ shield: JSON) -> HTML {
    .joined([
      summary(shield),
      insetText(
        "When no other shield stands, consent alone decides again who is given the addresses and "
          + "phone numbers. They are sent with the next exchanges."),
      postForm(LocalPath("children", child, "consent", "unshield"), token: frame.formToken) {
        hiddenField("entry", shield.text("entry"))
        warningButton("Lift the shield")
      },
    ])
  }
}
