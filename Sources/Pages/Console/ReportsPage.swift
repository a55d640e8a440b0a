package import Operations

/// The district in counts: who reports, why CAFs are done, how long enquiries wait, whose training
/// runs out, what has come back.
package enum ReportsPage {
  /// What the `report-…` operations answer.
  package struct Answers: Sendable {
    let coverage: JSON
    let needs: JSON
    let enquiries: JSON
    let training: JSON
    let issues: JSON

    package init(coverage: JSON, needs: JSON, enquiries: JSON, training: JSON, issues: JSON) {
      self.coverage = coverage
      self.needs = needs
      self.enquiries = enquiries
      self.training = training
      self.issues = issues
    }
  }

  /// What a coordinator sees: what `report-needs` and `report-coverage` answer.
  package static func counts(_ frame: Page.Frame, needs answer: JSON, coverage: JSON) -> Page {
    Page("Reports", frame) {
      element(.h1) { "Reports" }
      section("needs", "Why CAFs are done") { needs(answer) }
      section("coverage", "Who reports to the index") { self.coverage(coverage) }
    }
  }

  package static func page(_ frame: Page.Frame, _ answers: Answers) -> Page {
    Page("Reports", frame) {
      element(.h1) { "Reports" }
      section("coverage", "Who reports to the index") { coverage(answers.coverage) }
      section("needs", "Why CAFs are done") {
        needs(answers.needs)
        postForm(LocalPath("reports", "close"), token: frame.formToken) {
          button("Close the next report")
        }
      }
      section("enquiries", "How long enquiries wait") { enquiries(answers.enquiries) }
      section("training", "CAF training") { training(answers.training) }
      section("issues", "Issues and their responses") { issues(answers.issues) }
    }
  }

  private static func coverage(_ answer: JSON) -> HTML {
    let rows = answer.items("localities") + [answer["all"] ?? .null]
    return ConsolePage.table(
      "Silent is who has not exchanged for \(ConsolePage.number(answer["silentDays"])) days",
      ["Locality", "Agencies", "Voluntary bodies", "Silent"],
      rows.map { row in
        [
          .text(row.text("label")), .text(row.text("words")),
          .text(
            "\(ConsolePage.number(row["voluntaryReporting"])) of "
              + "\(ConsolePage.number(row["voluntary"])) reporting"),
          .text(row.items("silent").map { $0.text("agency") }.joined(separator: ", ")),
        ]
      })
  }

  // MARK: Why CAFs are done

  @HTMLBuilder private static func needs(_ answer: JSON) -> HTML {
    element(.p) { answer.text("words") }
    let dimensions = answer.items("dimensions")
    for dimension in dimensions {
      let groups = dimension.items("groups")
      ConsolePage.table(
        "By \(dimension.text("name"))", ["Need", "All"] + groups.map { $0.text("label") },
        answer.items("rows").map { row in
          [HTML.text(row.text("label")), range(row["children"])]
            + row.items(dimension.text("name")).map(range)
        })
    }
    if let count = answer["reports"]?.integerValue, count > 1 {
      let shown = answer["report"]?.integerValue ?? 0
      element(.p) {
        "Report \(shown) of \(count). "
        if shown > 1 { report("The one before", shown - 1) }
        if shown > 1 && shown < count { " " }
        if shown < count { report("The one after", shown + 1) }
      }
    }
    element(.p) {
      "A closed report is never made again, and each CAF is counted in one of them alone."
    }
  }

  private static func report(_ text: String, _ number: Int64) -> HTML {
    link(text, to: LocalPath("reports").asking("report", "\(number)"))
  }

  private static func range(_ count: JSON?) -> HTML {
    guard let count, let least = count["from"]?.unsignedValue else { return .text("–") }
    return .text("\(least) to \(ConsolePage.number(count["to"]))")
  }

  // MARK: The others

  private static func enquiries(_ answer: JSON) -> HTML {
    let rows = answer.items("agencies") + [answer["all"] ?? .null]
    return ConsolePage.table(
      "From the moment of asking to the hub’s answer",
      ["Agency", "Answered", "Half within", "Nine in ten within", "Not answered", "Not fetched"],
      rows.map { row in
        [
          .text(row.text("agency")), .text(ConsolePage.number(row["answered"])),
          span(row["medianMilliseconds"]), span(row["ninetiethMilliseconds"]),
          waits(row.items("unanswered")), waits(row.items("notFetched")),
        ]
      })
  }

  private static func span(_ milliseconds: JSON?) -> HTML {
    milliseconds?.unsignedValue.map { .text(Words.span($0)) } ?? .text("–")
  }

  private static func waits(_ ages: [JSON]) -> HTML {
    let some = ages.filter { $0["count"]?.unsignedValue ?? 0 > 0 }
    return .text(
      some.isEmpty
        ? "none"
        : some.map { "\(ConsolePage.number($0["count"])) \($0.text("age"))" }
          .joined(separator: ", "))
  }

  @HTMLBuilder private static func training(_ answer: JSON) -> HTML {
    ConsolePage.table(
      "By \(answer.text("today")); due is what runs out within "
        + "\(ConsolePage.number(answer["withinDays"])) days",
      ["Agency", "Practitioners", "Valid", "Due", "Overdue", "No date", "Untrained"],
      answer.items("agencies").map { row in
        [HTML.text(row.text("agency"))]
          + ["practitioners", "valid", "due", "overdue", "noDate", "untrained"].map {
            .text(ConsolePage.number(row[$0]))
          }
      })
    let listed = answer.items("practitioners")
    if !listed.isEmpty {
      ConsolePage.table(
        "Who is to be reminded", ["Name", "Agency", "Trained", "Refresher due"],
        listed.map { one in
          [
            .text(one.text("name")), .text(one.text("agency")),
            .text(one.text("cafTrainedOn")), .text(one.text("refresherDue")),
          ]
        })
    }
  }

  @HTMLBuilder private static func issues(_ answer: JSON) -> HTML {
    let rows = answer.items("rows")
    if rows.isEmpty {
      element(.p) { "No issue has been raised." }
    } else {
      ConsolePage.table(
        "Counts alone",
        ["Locality and level", "Open", "Closed", "Without a response", "Originator not told"],
        rows.map { row in
          [HTML.text("\(row.text("localityLabel")): \(row.text("levelLabel"))")]
            + ["open", "closed", "withoutResponse", "originatorNotTold"].map {
              .text(ConsolePage.number(row[$0]))
            }
        })
    }
  }
}
