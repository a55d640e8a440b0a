import Operations

/// How a device's line was in the last seven days: a picture, with the same figures in a table
/// beside it for whoever cannot see it, or wants to know.
enum WeekPicture {
  private static let barWidth = 20
  private static let height = 120

  /// - Parameter week: As `devices` gives it: samples of some hours each, the last of them now.
  @HTMLBuilder static func picture(_ week: JSON) -> HTML {
    let exchanges = counts(week, "exchanges")
    let cut = counts(week, "cut")
    if exchanges.reduce(0, +) == 0 {
      element(.p) { "It has not been in contact in the last seven days." }
    } else {
      element(
        .svg, .class("picture"), .viewBox(width: exchanges.count * barWidth, height: height),
        .role("img"),
        .label(
          "Exchanges in the last seven days, the present on the right: "
            + "\(exchanges.reduce(0, +)), of which \(cut.reduce(0, +)) were cut off. The table "
            + "says the same.")
      ) { bars(exchanges, cut) }
      element(.details) {
        element(.summary) { "The same as a table" }
        table(week, exchanges, cut)
      }
    }
  }

  private static func counts(_ week: JSON, _ name: String) -> [UInt64] {
    week.items(name).map { $0.unsignedValue ?? 0 }
  }

  @HTMLBuilder private static func bars(_ exchanges: [UInt64], _ cut: [UInt64]) -> HTML {
    let highest = max(exchanges.max() ?? 1, 1)
    for (number, count) in exchanges.enumerated() {
      let whole = barHeight(count, of: highest)
      bar(number, from: 0, whole, "bar")
      if number < cut.count {
        bar(number, from: 0, min(barHeight(cut[number], of: highest), whole), "bar bar-cut")
      }
    }
  }

  /// What there is can be seen, however little it is.
  private static func barHeight(_ count: UInt64, of highest: UInt64) -> Int {
    count == 0 ? 0 : max(3, Int(Double(count) / Double(highest) * Double(height)))
  }

  @HTMLBuilder private static func bar(
    _ number: Int, from bottom: Int, _ tall: Int, _ name: String
  ) -> HTML {
    if tall > 0 {
      element(
        .rect, .class(name), .x(number * barWidth + 2), .y(height - bottom - tall),
        .width(barWidth - 4), .height(tall))
    }
  }

  private static func table(_ week: JSON, _ exchanges: [UInt64], _ cut: [UInt64]) -> HTML {
    let start = week["startMilliseconds"]?.unsignedValue ?? 0
    let hours = week["sampleHours"]?.unsignedValue ?? 1
    let (received, sent) = (counts(week, "receivedBytes"), counts(week, "sentBytes"))
    let unsent = counts(week, "unsent")
    return ConsolePage.table(
      "In \(hours) hours each; times are UTC",
      ["From", "Exchanges", "Cut off", "Received", "Sent", "Unsent then"],
      exchanges.indices.reversed().map { index in
        let from = start + UInt64(index) * hours * 3_600_000
        return [
          .text(Moment.minute(from)), .text("\(exchanges[index])"),
          .text("\(at(cut, index))"), .text(ConsolePage.bytes(.count(at(received, index)))),
          .text(ConsolePage.bytes(.count(at(sent, index)))), .text("\(at(unsent, index))"),
        ]
      })
  }

  private static func at(_ values: [UInt64], _ index: Int) -> UInt64 {
    index < values.count ? values[index] : 0
  }
}
