package import Operations

/// How far the work has come, each figure as the hub or the store vouches for it.
package enum SyncPage {
  /// - Parameters:
  ///   - status: What `status` answers.
  ///   - outcome: What came of an exchange that has just been asked for.
  package static func page(_ frame: Page.Frame, status: JSON, outcome: String? = nil) -> Page {
    Page("Sync", frame) {
      element(.h1) { "Sync" }
      if let outcome { insetText(outcome) }
      summaryList([
        ("Last contact with the hub", said(status["lastExchange"], else: "None since the start")),
        ("Last failure", said(status["lastFailure"])),
        ("Lease", said(status["lease"])),
        ("Hub", said(status["hub"])),
      ])
      element(.h2) { "What is where" }
      figures(status)
      postForm(LocalPath("sync"), token: frame.formToken) { button("Sync now") }
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
}
