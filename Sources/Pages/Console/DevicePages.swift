package import Operations

/// One device: how its line is, how far it is, and what to do when it is lost.
package enum DevicePages {
  /// - Parameter device: As `devices` lists it.
  package static func device(_ frame: Page.Frame, _ device: JSON, now: JSON?) -> Page {
    Page("Device", frame) {
      backLink("Agencies", to: LocalPath("agencies"))
      element(.h1) { device.text("name") }
      summaryList([
        ("Stands", state(device)),
        ("Agency", .text(device.text("agency"))), ("Identifier", .text(device.text("id"))),
        ("Enrolled", .text(ConsolePage.time(device["enrolledMilliseconds"]))),
        ("Last contact", .text(ConsolePage.time(device["lastContactMilliseconds"]))),
        ("Unsent at last contact", .text(ConsolePage.number(device["unsent"]))),
        ("Compartments behind", .text(ConsolePage.number(device["compartmentsBehind"]))),
        ("Decisions behind", .text(ConsolePage.number(device["policyBehind"]))),
        ("Its clock", .text(clock(device["clockAheadMilliseconds"]))),
        ("Waiting since", .text(ConsolePage.time(device["behindSinceMilliseconds"], else: ""))),
        ("Lease left", .text(lease(device))), ("Program", .text(device.text("program"))),
        ("Runs of its replica", .text(ConsolePage.number(device["incarnations"]))),
        ("To purge", .text(ConsolePage.number(device["pendingPurges"]))),
      ])
      section("line", "Its line in the last seven days") {
        line(device["link"] ?? .null)
        WeekPicture.picture(device["week"] ?? .null)
      }
      if device["revokedMilliseconds"]?.unsignedValue != nil {
        insetText(
          "Revoked \(ConsolePage.time(device["revokedMilliseconds"])). Its next contact locks it "
            + "and makes it purge; without contact its lease does.")
      } else {
        section("lost", "When it is lost") {
          element(.p) {
            linkButton("Revoke it", to: LocalPath("devices", device.text("id"), "revoke"))
          }
        }
      }
    }
  }

  /// How it stands, in a word.
  static func state(_ device: JSON) -> HTML {
    switch device.text("state") {
    case "inStep": tag("In step", .done)
    case "behind": tag("Behind", .waiting)
    case "silent": tag("Silent", .wrong)
    case "never": tag("Never heard", .waiting)
    case "revoked": tag("Revoked", .wrong)
    default: .empty
    }
  }

  private static func lease(_ device: JSON) -> String {
    guard let days = device["leaseDaysLeft"]?.unsignedValue else { return "" }
    return days == 0 ? "over: it has locked itself" : Words.count(days, "day")
  }

  private static func line(_ link: JSON) -> HTML {
    summaryList([
      ("Exchanges", .text(ConsolePage.number(link["exchanges"]))),
      ("Of which moved something", .text(ConsolePage.number(link["moved"]))),
      ("Cut off", .text(ConsolePage.number(link["cut"]))),
      ("Received", .text(ConsolePage.bytes(link["receivedBytes"]))),
      ("Sent", .text(ConsolePage.bytes(link["sentBytes"]))),
      ("Size of a page now", .text(ConsolePage.bytes(link["pageBytes"]))),
      ("A round trip that brings something", .text(roundTrip(link))),
    ])
  }

  private static func roundTrip(_ link: JSON) -> String {
    guard let milliseconds = link["roundTripMilliseconds"]?.unsignedValue else {
      return "not measured"
    }
    return "\(milliseconds) ms, on an average of \(ConsolePage.number(link["roundTrips"]))"
  }

  private static func clock(_ ahead: JSON?) -> String {
    let milliseconds = ahead?.integerValue ?? 0
    let size = Words.span(UInt64(abs(milliseconds)))
    if abs(milliseconds) < 60_000 { return "right" }
    return size + (milliseconds > 0 ? " ahead" : " behind")
  }

  package static func revoke(_ frame: Page.Frame, _ device: JSON) -> Page {
    let id = device.text("id")
    return Page("Revoke a device", frame) {
      backLink("The device", to: LocalPath("devices", id))
      element(.h1) { "Revoke \(device.text("name")), \(device.text("agency"))?" }
      element(.p) {
        "At its next contact it locks itself, sends what it has not sent yet, and purges what it "
          + "holds. Without contact its lease locks it, and in the end purges. This cannot be "
          + "taken back: the device would have to join anew."
      }
      postForm(LocalPath("devices", id, "revoke"), token: frame.formToken) {
        warningButton("Revoke it")
      }
    }
  }
}
