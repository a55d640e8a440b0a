package import Operations

/// What a decision would reach, before it is taken.
package enum BlastRadiusPage {
  /// - Parameters:
  ///   - agency: As `agencies` lists it.
  ///   - radius: What `blast-radius` answers.
  ///   - isRemoval: The agency's devices are emptied too.
  package static func agency(
    _ frame: Page.Frame, _ agency: JSON, _ radius: JSON, isRemoval: Bool
  ) -> Page {
    let id = agency.text("id")
    let name = agency.text("name")
    return Page(isRemoval ? "Remove an agency" : "End an agreement", frame) {
      backLink("The agency", to: LocalPath("agencies", id))
      element(.h1) { isRemoval ? "Remove \(name)?" : "End the agreement with \(name)?" }
      element(.p) {
        isRemoval
          ? "It may hold nothing of others any more, and its devices hand over what they have not "
            + "sent and destroy everything, its own records among it. The hub keeps those."
          : "It may hold nothing of others any more. Its own records stay with it."
      }
      content(radius)
      postForm(LocalPath("agencies", id, isRemoval ? "remove" : "end"), token: frame.formToken) {
        warningButton(isRemoval ? "Remove it" : "End it")
      }
    }
  }

  private static func content(_ radius: JSON) -> HTML {
    let devices = radius.items("devices")
    return section("reach", "What it would reach") {
      summaryList([
        ("Devices", .text(ConsolePage.number(radius["deviceCount"]))),
        ("Compartments", .text(ConsolePage.number(radius["compartments"]))),
        ("Of what", .text(radius.texts("categories").joined(separator: ", "))),
        ("Bytes", .text(ConsolePage.bytes(radius["bytes"]))),
        ("Copies of the hub’s own", .text(ConsolePage.number(radius["hubCopies"]))),
        ("Unsent work", .text(radius.text("unsentMeans"))),
        ("How long", .text((radius["time"] ?? .null).text("sentence"))),
      ])
      if !devices.isEmpty {
        ConsolePage.table(
          "Devices, those longest away first",
          ["Device", "Agency", "Compartments", "Bytes", "Unsent", "When"],
          devices.map { device in
            [
              .text(device.text("device")), .text(device.text("agency")),
              .text(ConsolePage.number(device["compartments"])),
              .text(ConsolePage.bytes(device["bytes"])),
              .text(ConsolePage.number(device["unsent"])), .text(device.text("when")),
            ]
          })
      }
      if let more = radius["devicesLeftOut"]?.unsignedValue, more > 0 {
        element(.p, .class("hint")) { "\(more) more devices are not listed." }
      }
    }
  }
}
