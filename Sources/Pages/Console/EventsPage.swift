package import Operations

/// What has happened to identities: copies, old states of a disk, restores.
package enum EventsPage {
  /// - Parameter answer: What `events` answers.
  package static func page(_ frame: Page.Frame, _ answer: JSON) -> Page {
    let events = answer.items("events")
    return Page("Identity events", frame) {
      element(.h1) { "Identity events" }
      element(.p) {
        "When a device turned out to be a copy, or to have gone back in time; and when the hub did."
      }
      if events.isEmpty { element(.p) { tag("Nothing has happened", .done) } }
      if !events.isEmpty {
        ConsolePage.table(
          "Times are UTC", ["When", "Device", "What it was", "What the hub did"],
          events.map { event in
            [
              .text(when(event)), .text(device(event)), .text(event.text("what")),
              .text(event.text("did")),
            ]
          })
      }
      ConsolePage.earlier(answer, LocalPath("identity"))
    }
  }

  private static func when(_ event: JSON) -> String {
    let times = event["times"]?.unsignedValue ?? 1
    let first = ConsolePage.time(event["atMilliseconds"])
    return times > 1
      ? "\(first), \(times) times until \(ConsolePage.time(event["lastMilliseconds"]))" : first
  }

  private static func device(_ event: JSON) -> String {
    let names = [event.text("device"), event.text("agency")].filter { !$0.isEmpty }
    return names.isEmpty ? "the hub" : names.joined(separator: ", ")
  }
}
