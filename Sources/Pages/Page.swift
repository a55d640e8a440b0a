/// What stands around every page: its title, where one may go, how far the work has come.
package struct Page {
  /// Who is signed in, and how it stands with the hub. Nil before anybody is.
  package struct Frame: Sendable {
    package let practitioner: String
    package let agency: String
    /// The truth about sync, in a sentence.
    package let standing: String
    /// Nothing waits to be sent, and the line is up.
    package let isAllSynced: Bool
    /// What each form of this session has to bring back.
    package let formToken: String

    package init(
      practitioner: String, agency: String, standing: String, isAllSynced: Bool, formToken: String
    ) {
      self.practitioner = practitioner
      self.agency = agency
      self.standing = standing
      self.isAllSynced = isAllSynced
      self.formToken = formToken
    }
  }

  /// Names nobody: a browser writes it down in its history, where no purge reaches.
  let title: String
  let frame: Frame?
  let content: HTML
  /// Something has to be put right: said first in the title too, for whoever hears the page.
  let hasErrors: Bool

  init(
    _ title: String, _ frame: Frame?, hasErrors: Bool = false, @HTMLBuilder content: () -> HTML
  ) {
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
      }
      element(.body) {
        element(.a, .class("skip"), .href(fragment: "main")) { "Skip to the main content" }
        banner
        element(.main, .id("main"), .tabindex(-1)) { content }
      }
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
        element(.ul) {
          link("Home", LocalPath())
          link("Find a child", LocalPath("find"))
          link("Sync", LocalPath("sync"))
        }
      }
      element(.div, .class("width standing"), .role("status")) {
        element(.span, .class(frame.isAllSynced ? "tag tag-done" : "tag tag-waiting")) {
          frame.isAllSynced ? "Synced" : "Not all synced"
        }
        " " + frame.standing
      }
    }
  }

  private func link(_ text: String, _ path: LocalPath) -> HTML {
    element(.li) { element(.a, .href(path)) { text } }
  }
}
