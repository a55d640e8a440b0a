/// What stands around every page: its title, where one may go, how far the work has come.
package struct Page {
  /// Who is signed in, and how it stands with the hub. Nil before anybody is.
  package struct Frame: Sendable {
    /// At whose desk the page is.
    package enum Desk: Sendable { case practitioner, hub, coordinator }

    let desk: Desk
    package let practitioner: String
    package let agency: String
    /// The truth about sync, in a sentence.
    package let standing: String
    /// Nothing waits to be sent, and the line is up; at the hub: nothing has to be seen to.
    package let isAllSynced: Bool
    /// What each form of this session has to bring back.
    package let formToken: String
    /// What the last page did, said once on the next.
    package let notice: String?
    /// What the hub's pages show, as far as it may change by itself; at a practitioner's desk, what
    /// others have withdrawn so far.
    let revision: String

    package init(
      practitioner: String, agency: String, standing: String, isAllSynced: Bool, formToken: String,
      notice: String? = nil, withdrawn: String = ""
    ) {
      desk = .practitioner
      revision = withdrawn
      self.notice = notice
      self.practitioner = practitioner
      self.agency = agency
      self.standing = standing
      self.isAllSynced = isAllSynced
      self.formToken = formToken
    }

    /// The same for an operator of the hub.
    package init(
      operator name: String, standing: String, isInStep: Bool, formToken: String, notice: String?,
      revision: String
    ) {
      desk = .hub
      practitioner = name
      agency = "the hub"
      self.standing = standing
      isAllSynced = isInStep
      self.formToken = formToken
      self.notice = notice
      self.revision = revision
    }

    /// The same for a coordinator, who is told of no agency how it stands, and of no news.
    package init(coordinator name: String, formToken: String, notice: String?) {
      desk = .coordinator
      practitioner = name
      agency = "the hub"
      standing = ""
      isAllSynced = true
      self.formToken = formToken
      self.notice = notice
      revision = ""
    }
  }

  /// Names nobody: a browser writes it down in its history, where no purge reaches.
  let title: String
  let frame: Frame?
  let content: HTML
  /// Something has to be put right: said first in the title too, for whoever hears the page.
  let hasErrors: Bool
  /// The child whose record the page shows, and how far it was; blank on a page that somebody types
  /// into, which is not taken from under their hands.
  let child: (id: String, revision: String)?
  /// The part of it that the page shows; blank where it is the whole.
  let part: String

  init(
    _ title: String, _ frame: Frame?, hasErrors: Bool = false,
    child: (id: String, revision: String)? = nil, seen: String = "",
    @HTMLBuilder content: () -> HTML
  ) {
    self.child = child
    // A token of what was seen begins with the part that it is of.
    part = String(seen.prefix { $0 != "." })
    self.title = title
    self.frame = frame
    self.hasErrors = hasErrors
    self.content = content()
  }

  /// The whole document, in UTF-8.
  package var bytes: [UInt8] { Array(("<!DOCTYPE html>" + document.markup).utf8) }

  private var document: HTML {
    element(.html, .lang("en")) {
      element(.head) {
        element(.meta, .charset("utf-8"))
        element(.meta, .name("viewport"), .content("width=device-width, initial-scale=1"))
        element(.meta, .name("color-scheme"), .content("light dark"))
        element(.title) { (hasErrors ? "Error: " : "") + title + " – CAFSync" }
        element(.link, .rel("stylesheet"), .href(LocalPath("pages.css")))
        element(.script, .src(LocalPath("pages.js")), .defer)
      }
      element(.body) {
        element(.a, .class("skip"), .href(fragment: "main")) { "Skip to the main content" }
        banner
        HTML.element(.main, [.id("main"), .tabindex(-1)] + live, .joined([notice, content]))
      }
    }
  }

  private var live: [Attribute] {
    guard let child else {
      let revision = frame?.revision ?? ""
      if revision.isEmpty { return [] }
      return [.data(frame?.desk == .hub ? .board : .withdrawn, revision)]
    }
    return [.data(.live, child.id)]
      + (child.revision.isEmpty ? [] : [.data(.revision, child.revision)])
      + (part.isEmpty ? [] : [.data(.part, part)])
  }

  @HTMLBuilder private var notice: HTML {
    if let notice = frame?.notice {
      element(.p, .class("notice"), .role("status")) { notice }
    }
  }

  @HTMLBuilder private var banner: HTML {
    element(.header, .class("banner")) {
      element(.div, .class("width")) {
        element(.span, .class("mark")) { "CAFSync" }
        if let frame {
          element(.span, .class("who")) { "\(frame.practitioner), \(frame.agency)" }
          postForm(LocalPath("sign-out"), token: frame.formToken) { button("Sign out") }
        }
      }
    }
    if let frame {
      element(.nav, .class("width"), .label("Pages")) {
        element(.ul) { for (text, path) in Self.places(frame.desk) { place(text, path) } }
      }
      if frame.desk != .coordinator { Self.standing(frame) }
    }
  }

  private static func standing(_ frame: Frame) -> HTML {
    HTML.element(
      .div,
      [.class("width standing"), .role("status")]
        // The hub's pages are told of news another way.
        + (frame.desk == .hub ? [] : [.data(.standing)]),
      .joined([tag(frame), .text(" " + frame.standing)]))
  }

  private static func places(_ desk: Frame.Desk) -> [(String, LocalPath)] {
    switch desk {
    case .practitioner:
      [
        ("Home", LocalPath()), ("Find a child", LocalPath("find")),
        ("Enquiries", LocalPath("enquiries")), ("Conflicts", LocalPath("conflicts")),
        ("Sync", LocalPath("sync")), ("Your passphrase", LocalPath("passphrase")),
      ]
    case .hub: ConsolePage.places
    case .coordinator: [("Reports", LocalPath("reports"))]
    }
  }

  private static func tag(_ frame: Frame) -> HTML {
    let words = frame.desk == .hub ? ("In step", "To see to") : ("Synced", "Not all synced")
    return element(.span, .class(frame.isAllSynced ? "tag tag-done" : "tag tag-waiting")) {
      frame.isAllSynced ? words.0 : words.1
    }
  }

  private func place(_ text: String, _ path: LocalPath) -> HTML {
    element(.li) { element(.a, .href(path)) { text } }
  }
}
