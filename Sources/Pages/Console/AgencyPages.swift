package import Operations

/// The agencies that have signed the agreement, and their devices.
package enum AgencyPages {
  /// - Parameters:
  ///   - agencies: What `agencies` answers.
  ///   - sectors, localities: The codes that there are, with their labels.
  package static func list(
    _ frame: Page.Frame, _ agencies: JSON, sectors: [(value: String, label: String)],
    localities: [(value: String, label: String)], _ filled: Filled
  ) -> Page {
    Page("Agencies", frame, hasErrors: !filled.problems.isEmpty) {
      errorSummary(filled.problems)
      element(.h1) { "Agencies" }
      ConsolePage.table(
        "Who has signed the agreement", ["Agency", "Sector", "Locality", "Devices", "Agreement"],
        (agencies.arrayValue ?? []).map { agency in
          [
            link(agency.text("name"), to: LocalPath("agencies", agency.text("id"))),
            .text(agency.text("sectorLabel")), .text(agency.text("localityLabel")),
            .text(ConsolePage.number(agency["devices"])), agreement(agency),
          ]
        })
      section("add", "Add an agency") {
        postForm(LocalPath("agencies"), token: frame.formToken) {
          textField(FieldText("name", "Name", hint: "As other agencies are to read it."), filled)
          select(
            FieldText("sector", "Sector"), filled, sectors.map { Option(value: $0, label: $1) })
          select(
            FieldText("locality", "Locality"), filled,
            localities.map { Option(value: $0, label: $1) })
          checkboxes(
            FieldText("sensitive", "Sensitive"), filled,
            [
              Option(
                value: "yes", label: "Its very involvement with a child is not shown to others")
            ])
          button("Add it")
        }
      }
    }
  }

  private static func agreement(_ agency: JSON) -> HTML {
    agency.isTrue("agreementLocked") ? tag("Ended", .wrong) : tag("Signed", .done)
  }

  /// - Parameter devices: Those of this agency, as `devices` lists them.
  package static func agency(
    _ frame: Page.Frame, _ agency: JSON, devices: [JSON], now: JSON?
  ) -> Page {
    let id = agency.text("id")
    return Page("Agency", frame) {
      backLink("Agencies", to: LocalPath("agencies"))
      element(.h1) { agency.text("name") }
      summaryList([
        ("Sector", .text(agency.text("sectorLabel"))),
        ("Locality", .text(agency.text("localityLabel"))),
        ("Agreement", agreement(agency)),
        ("Sensitive", .text(agency.isTrue("sensitive") ? "yes" : "no")),
      ])
      section("devices", "Devices") { self.devices(devices, now: now) }
      section("enrol", "Let a device join") {
        element(.p) {
          "A code is good once, and for a short time. Read it out to whoever sits at the device."
        }
        postForm(LocalPath("agencies", id, "code"), token: frame.formToken) {
          button("Make a code")
        }
      }
      section("agreement", "The agreement") {
        if agency.isTrue("agreementLocked") {
          element(.p) { "It has ended: the agency may hold nothing of others." }
          postForm(LocalPath("agencies", id, "sign"), token: frame.formToken) {
            textField(FieldText("version", "Version of the agreement that was signed"), .blank)
            button("Record that it has been signed")
          }
        } else {
          element(.p) { linkButton("End it", to: LocalPath("agencies", id, "end")) }
        }
        element(.p) {
          linkButton("Remove the agency", to: LocalPath("agencies", id, "remove"))
        }
      }
    }
  }

  /// What was made once, and is shown once.
  package static func code(_ frame: Page.Frame, _ made: JSON, agency id: String) -> Page {
    Page("Enrolment code", frame) {
      backLink("The agency", to: LocalPath("agencies", id))
      element(.h1) { "Enrolment code" }
      element(.p) { element(.strong) { made.text("code") } }
      element(.p) {
        "For \(made.text("agency")), until \(ConsolePage.time(made["expiresMilliseconds"])) UTC. "
          + "It can be used once, and closes after \(ConsolePage.number(made["triesMax"])) wrong "
          + "tries. It is not shown again."
      }
    }
  }

  // MARK: Devices

  static func devices(_ devices: [JSON], now: JSON?) -> HTML {
    if devices.isEmpty { return element(.p) { "No device has joined yet." } }
    return ConsolePage.table(
      "Devices",
      ["Device", "Agency", "Stands", "Last contact", "Unsent then", "Behind", "To purge"],
      devices.map { device in
        [
          link(device.text("name"), to: LocalPath("devices", device.text("id"))),
          .text(device.text("agency")), DevicePages.state(device), contact(device, now: now),
          .text(ConsolePage.number(device["unsent"])),
          .text(ConsolePage.number(device["compartmentsBehind"])), toPurge(device, now: now),
        ]
      })
  }

  private static func contact(_ device: JSON, now: JSON?) -> HTML {
    device["lastContactMilliseconds"]?.unsignedValue == nil
      ? .text("never")
      : .text(ConsolePage.age(device["lastContactMilliseconds"], now: now) + " ago")
  }

  private static func toPurge(_ device: JSON, now: JSON?) -> HTML {
    let pending = device["pendingPurges"]?.unsignedValue ?? 0
    guard pending > 0 else { return .text("0") }
    let since = ConsolePage.age(device["pendingPurgesSinceMilliseconds"], now: now)
    return .joined([tag("\(pending)", .wrong), .text(" for \(since)")])
  }
}
