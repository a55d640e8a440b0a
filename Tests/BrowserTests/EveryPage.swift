import Foundation
import Operations
import TestDaemons
import Testing

/// Every page that the daemon serves, in one list: what holds of all of them is tried on each.
struct EveryPage: Sendable {
  /// Also the name of its pictures.
  let name: String
  /// With `{child}` and the like for what stands there in this district.
  let path: String
  /// What a person does there before the page is the one that is meant.
  private let arrive: @Sendable (Browser, FurnishedDistrict) throws -> Void

  private init(
    _ name: String, _ path: String,
    arrive: @escaping @Sendable (Browser, FurnishedDistrict) throws -> Void = { _, _ in }
  ) {
    self.name = name
    self.path = path
    self.arrive = arrive
  }

  static let all = [
    EveryPage("home", "/"),
    EveryPage("find", "/find"),
    EveryPage("find-found", "/find") { browser, _ in
      try browser.type("Amira", into: "Given name")
      try browser.press("Find")
    },
    EveryPage("find-typed", "/find") { browser, _ in
      try browser.type("Birk", into: "Family name")
      try browser.findTyped(until: "2 held here.")
    },
    EveryPage("find-not-held", "/find") { browser, _ in
      try browser.type("Nobody", into: "Given name")
      try browser.press("Find")
    },
    EveryPage("find-problem", "/find") { browser, _ in
      try browser.type("soon", into: "Date of birth")
      try browser.press("Find")
    },
    EveryPage("child", "/children/{child}"),
    EveryPage("child-add", "/children/add"),
    EveryPage("child-add-alike", "/children/add") { browser, _ in
      try browser.type("Amira", into: "Given name")
      try browser.type("Birkhollow", into: "Family name")
      try browser.type("4", into: "Age in years, if the date is not known")
      try browser.press("Put on the index")
    },
    EveryPage("cafs", "/children/{child}/caf"),
    EveryPage("caf", "/children/{child}/caf/{caf}"),
    EveryPage("caf-section", "/children/{child}/caf/{caf}/physicalDevelopment"),
    EveryPage("caf-section-undecided", "/children/{child}/caf/{caf}/behaviouralDevelopment"),
    EveryPage("caf-print", "/children/{child}/caf/{caf}/print"),
    EveryPage("caf-child", "/children/{child}/caf/{caf}/child"),
    EveryPage("caf-people", "/children/{child}/caf/{caf}/entries/assessmentPerson"),
    EveryPage("caf-services", "/children/{child}/caf/{caf}/entries/workingService"),
    EveryPage("caf-began", "/children/{child}/records/assessment/{caf}"),
    EveryPage("family", "/children/{child}/family"),
    EveryPage("plan", "/children/{child}/plan"),
    EveryPage("details", "/children/{child}/details"),
    EveryPage("details-child", "/children/{child}/records/child/{child}"),
    EveryPage("pre-caf", "/children/{child}/pre-caf"),
    EveryPage("notes", "/children/{child}/notes"),
    EveryPage("add-involvement", "/children/{child}/add/involvement"),
    EveryPage("add-family-member", "/children/{child}/add/familyMember"),
    EveryPage("add-home", "/children/{child}/add/home"),
    EveryPage("add-action", "/children/{child}/add/action"),
    EveryPage("add-meeting", "/children/{child}/add/tacMeeting"),
    EveryPage("add-comment", "/children/{child}/add/comment"),
    EveryPage("add-conclusion", "/children/{child}/add/conclusion?caf={caf}"),
    EveryPage("add-address", "/children/{child}/add/address"),
    EveryPage("add-phone", "/children/{child}/add/phone"),
    EveryPage("add-pre-caf", "/children/{child}/add/preCAF"),
    EveryPage("add-note", "/children/{child}/add/note"),
    EveryPage("lead", "/children/{child}/lead"),
    EveryPage("lead-problem", "/children/{child}/lead") { browser, _ in
      try browser.press("Name them")
    },
    EveryPage("duplicates", "/duplicates"),
    EveryPage("one-or-two", "/children/{child}/same/{twin}"),
    EveryPage("conflicts", "/conflicts"),
    EveryPage("conflict", "/conflicts/{conflict}/needs"),
    EveryPage("enquiries", "/enquiries"),
    EveryPage("enquire", "/enquire"),
    EveryPage("enquire-problem", "/enquire") { browser, _ in try browser.press("Ask") },
    EveryPage("task-gone", "/tasks/none"),
    EveryPage("consent", "/children/{child}/consent"),
    EveryPage("consent-give", "/children/{child}/consent/give"),
    EveryPage("consent-give-problem", "/children/{child}/consent/give") { browser, _ in
      try browser.press("Who will get what?")
    },
    EveryPage("consent-preview", "/children/{child}/consent/give") { browser, _ in
      try browser.fillInConsent(to: "Finch")
      try browser.press("Who will get what?")
    },
    EveryPage("consent-withdraw", "/children/{child}/consent/withdraw?entry={consent}"),
    EveryPage("consent-refuse", "/children/{child}/consent/refuse"),
    EveryPage("consent-override", "/children/{child}/consent/override"),
    EveryPage("shield", "/children/{child}/consent/shield"),
    EveryPage("unshield", "/children/{child}/consent/unshield?entry={shield}"),
    EveryPage("may-share", "/children/{child}/may-share"),
    EveryPage("who-holds", "/children/{child}/who-holds"),
    EveryPage("who-holds-sheet", "/children/{child}/who-holds/sheet"),
    EveryPage("chronology", "/children/{child}/chronology"),
    EveryPage("sync", "/sync"),
    EveryPage("sync-parts", "/sync/parts"),
    EveryPage("sync-apart-gone", "/sync/apart/1"),
    EveryPage("sync-done", "/sync") { browser, _ in try browser.press("Sync now") },
    EveryPage("passphrase", "/passphrase"),
    EveryPage("passphrase-problem", "/passphrase") { browser, _ in try browser.press("Set it") },
    EveryPage("no-such-page", "/nothing"),
    EveryPage("locked", "/") { browser, furnished in
      try furnished.wren.ask("lock")
      try browser.reload()
    },
    EveryPage("signed-out", "/") { browser, furnished in
      try furnished.unlock()
      try browser.reload()
      try browser.press("Sign out")
    },
    EveryPage("sign-in-problem", "/sign-in") { browser, _ in
      try browser.type("Nobody", into: "Your name")
      try browser.type("no such herons", into: "Your own passphrase")
      try browser.press("Sign in")
    },
  ]

  /// Where they are, however one comes to them.
  static func paths(in furnished: FurnishedDistrict) -> [String] {
    all.map { $0.address(in: furnished) }
  }

  private func address(in furnished: FurnishedDistrict) -> String {
    furnished.names.reduce(path) { path, name in
      path.replacingOccurrences(of: "{\(name.key)}", with: name.value)
    }
  }

  /// Signs in, and comes to each page in turn.
  static func visit(
    _ furnished: FurnishedDistrict, with browser: Browser,
    _ body: (EveryPage) throws -> Void
  ) throws {
    try browser.open(furnished.wren)
    for page in all {
      try browser.visit(page.address(in: furnished))
      try page.arrive(browser, furnished)
      // What is not there looks well too.
      if page.name != "no-such-page" {
        try #require(try browser.title.hasPrefix("There is no such page") == false, "\(page.name)")
        try #require(try browser.title.hasPrefix("That did not work") == false, "\(page.name)")
      }
      try body(page)
    }
  }
}
