package import Operations

/// Which withdrawals have been carried out, where, and where not yet.
package enum WithdrawalsPage {
  /// - Parameters:
  ///   - answer: What `withdrawals` answers.
  ///   - isAll: Also those that everybody has carried out.
  package static func page(_ frame: Page.Frame, _ answer: JSON, isAll: Bool) -> Page {
    let withdrawals = answer.items("withdrawals")
    return Page("Withdrawals", frame) {
      element(.h1) { "Withdrawals" }
      element(.p) {
        "Whatever takes a right to hold records away: a withdrawal of consent, an expiry, an "
          + "agreement that ended, an erasure. Each stays open until every device has proven that "
          + "it holds nothing of it any more."
      }
      element(.p) {
        isAll
          ? link("Only those that are open", to: LocalPath("withdrawals"))
          : link(
            "Also those that are carried out", to: LocalPath("withdrawals", query: [("all", "yes")])
          )
      }
      if withdrawals.isEmpty {
        element(.p) { tag(isAll ? "There has been none" : "None is open", .done) }
      }
      for withdrawal in withdrawals { one(withdrawal) }
      ConsolePage.earlier(
        answer, LocalPath("withdrawals", query: isAll ? [("all", "yes")] : []))
      ladder(answer.items("ladder"))
    }
  }

  private static func one(_ withdrawal: JSON) -> HTML {
    let number = ConsolePage.number(withdrawal["number"])
    let devices = withdrawal.items("devices")
    return element(.div, .class("card")) {
      element(.h2) { "Number \(number): \(withdrawal.text("kind"))" }
      element(.p) {
        withdrawal.isTrue("isOpen")
          ? tag(withdrawal.text("levelName"), level(withdrawal)) : tag("Carried out", .done)
      }
      summaryList([
        ("When", .text(ConsolePage.time(withdrawal["atMilliseconds"]))),
        ("Compartments", .text(ConsolePage.number(withdrawal["compartments"]))),
        ("Of what", .text(withdrawal.texts("categories").joined(separator: ", "))),
        ("Child’s identifier", .text(withdrawal.text("child"))),
        ("Decision", .text(withdrawal.text("policy"))),
      ])
      ConsolePage.table(
        "Devices that held something of number \(number)",
        ["Device", "Agency", "Confirmed", "Waiting for", "What ends it"],
        devices.map { device in
          [
            .text(device.text("device")), .text(device.text("agency")),
            confirmed(device), waiting(device), .text(device.text("ends")),
          ]
        })
      if let more = withdrawal["devicesLeftOut"]?.unsignedValue, more > 0 {
        element(.p, .class("hint")) { "\(more) more devices are not listed." }
      }
    }
  }

  private static func confirmed(_ device: JSON) -> HTML {
    let (confirmed, ordered) = (device["confirmed"], device["ordered"])
    return .text("\(ConsolePage.number(confirmed)) of \(ConsolePage.number(ordered))")
  }

  private static func waiting(_ device: JSON) -> HTML {
    guard let waiting = device["waitingMilliseconds"]?.unsignedValue else {
      return tag("Done", .done)
    }
    return .joined([
      tag(device.text("levelName"), level(device)),
      .text(" " + Words.span(waiting)),
    ])
  }

  private static func level(_ of: JSON) -> TagKind {
    (of["level"]?.integerValue ?? 0) >= 2 ? .wrong : .waiting
  }

  @HTMLBuilder private static func ladder(_ steps: [JSON]) -> HTML {
    if !steps.isEmpty {
      section("ladder", "What the levels mean") {
        summaryList(steps.map { ($0.text("name"), .text($0.text("meaning"))) })
      }
    }
  }
}
