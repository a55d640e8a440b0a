package import Operations

/// How much room there is, what takes it, which statements are slow, and how old the backup is.
package enum CapacityPage {
  /// - Parameters:
  ///   - answer: What `capacity` answers.
  ///   - upkeep: What `upkeep` answers.
  package static func page(
    _ frame: Page.Frame, _ answer: JSON, upkeep: JSON, now: JSON?
  ) -> Page {
    Page("Capacity", frame) {
      element(.h1) { "Capacity" }
      section("room", "Room") { room(answer) }
      UpkeepSections.sections(frame, upkeep, now: now)
      section("files", "What takes it") {
        sizes("Files", answer.items("files"))
        if !answer.items("tables").isEmpty {
          sizes("The largest tables, as they were at the day's first look", answer.items("tables"))
        }
      }
      section("statements", "The slowest statements") { statements(answer.items("statements")) }
    }
  }

  private static func room(_ answer: JSON) -> HTML {
    let growth = answer["growthBytesPerDay"]?.integerValue
    let full = answer["daysUntilFull"]?.unsignedValue
    return summaryList([
      ("Taken by the hub", .text(ConsolePage.bytes(answer["bytes"]))),
      ("Free on its disk", .text(ConsolePage.bytes(answer["freeBytes"]))),
      (
        "Growth a day",
        .text(growth.map { ConsolePage.bytes(.count(max($0, 0))) } ?? "not known before tomorrow")
      ),
      (
        "Full in",
        full.map { days in
          days < 30
            ? tag(Words.count(days, "day"), .wrong)
            : .text(Words.count(days, "day"))
        } ?? .text("no time that can be told")
      ),
    ])
  }

  private static func sizes(_ caption: String, _ items: [JSON]) -> HTML {
    ConsolePage.table(
      caption, ["Name", "Size"],
      items.map { [.text($0.text("name")), .text(ConsolePage.bytes($0["bytes"]))] })
  }

  /// Their text as it stands in the program, without values.
  @HTMLBuilder private static func statements(_ statements: [JSON]) -> HTML {
    if statements.isEmpty {
      element(.p) { "None has been timed yet." }
    } else {
      ConsolePage.table(
        "Since the hub started; times in milliseconds",
        ["Statement", "Times", "In all", "Longest"],
        statements.map { one in
          [
            .text(one.text("sql")), .text(ConsolePage.number(one["count"])),
            .text(thousandths(one["totalMilliseconds"])),
            .text(thousandths(one["longestMilliseconds"])),
          ]
        })
    }
  }

  private static func thousandths(_ milliseconds: JSON?) -> String {
    guard let value = milliseconds?.doubleValue else { return "–" }
    let whole = Int64(value * 1_000)
    let rest = String(whole % 1_000)
    return "\(whole / 1_000)." + String(repeating: "0", count: 3 - rest.count) + rest
  }
}
