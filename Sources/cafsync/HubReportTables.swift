import Operations

/// A report as people read it, and the table in it that a spreadsheet is to have.
struct HubReportTables {
  let text: String
  private let headings: [String]
  private let rows: [[String]]

  private init(
    _ headings: [String], _ rows: [[String]], before: String? = nil, after: String? = nil
  ) {
    (self.headings, self.rows) = (headings, rows)
    text = [before, Terminal.table(headings.map { $0.uppercased() }, rows), after]
      .compactMap(\.self).joined(separator: "\n\n")
  }

  /// RFC 4180. A text that a spreadsheet would take for a formula is kept from it by an apostrophe.
  var csv: String {
    ([headings] + rows).map { row in
      row.map { cell in
        let isFormula = ["=", "+", "-", "@", "\t", "\r"].contains { cell.hasPrefix($0) }
        let text = isFormula ? "'" + cell : cell
        let isQuoted = text.contains { $0 == "," || $0 == "\"" || $0.isNewline }
        return isQuoted ? "\"\(text.replacing("\"", with: "\"\""))\"" : text
      }.joined(separator: ",")
    }.joined(separator: "\r\n")
  }

  static func coverage(_ value: JSON) -> HubReportTables {
    let localities = (value["localities"]?.arrayValue ?? []) + [value["all"] ?? .null]
    return HubReportTables(
      [
        "Locality", "Agencies", "Reporting", "Voluntary", "Voluntary reporting", "Oldest sync",
        "Days", "Silent",
      ],
      localities.map { row in
        let silent = (row["silent"]?.arrayValue ?? []).map { agency in
          let days = agency["days"]?.integerValue.map { "\($0) days" } ?? "never in contact"
          return "\(Terminal.cell(agency["agency"])) (\(days))"
        }
        return [
          "label", "agencies", "reporting", "voluntary", "voluntaryReporting", "oldestAgency",
          "oldestDays",
        ].map { Terminal.cell(row[$0]) } + [silent.isEmpty ? "–" : silent.joined(separator: "; ")]
      }, before: Terminal.cell(value["all"]?["words"]) + ".")
  }

  static func needs(_ value: JSON) -> HubReportTables {
    let dimensions = value["dimensions"]?.arrayValue ?? []
    var rows: [[String]] = []
    for row in value["rows"]?.arrayValue ?? [] {
      let reason = Terminal.cell(row["label"])
      rows.append([reason, "all", "–", range(row["children"])])
      for dimension in dimensions {
        let name = Terminal.cell(dimension["name"])
        for (group, count) in zip(
          dimension["groups"]?.arrayValue ?? [], row[name]?.arrayValue ?? [])
        {
          rows.append([reason, name, Terminal.cell(group["label"]), range(count)])
        }
      }
    }
    let title = value["report"]?.integerValue.map { number in
      "Report \(number) of \(Terminal.cell(value["reports"])), closed "
        + "\(Terminal.time(value["closedMilliseconds"])). "
    }
    return HubReportTables(
      ["Need", "By", "Group", "Children"], rows,
      before: (title ?? "") + Terminal.cell(value["words"]))
  }

  private static func range(_ count: JSON?) -> String {
    guard let from = count?["from"]?.integerValue, let to = count?["to"]?.integerValue else {
      return "–"
    }
    return "\(from) to \(to)"
  }

  static func enquiries(_ value: JSON) -> HubReportTables {
    let rows = [value["all"] ?? .null] + (value["agencies"]?.arrayValue ?? [])
    return HubReportTables(
      ["Agency", "Answered", "Median", "90 in 100 within", "Not answered", "Answer not fetched"],
      rows.map { row in
        [
          Terminal.cell(row["agency"]), Terminal.cell(row["answered"]),
          duration(row["medianMilliseconds"]), duration(row["ninetiethMilliseconds"]),
          waits(row["unanswered"]), waits(row["notFetched"]),
        ]
      })
  }

  private static func waits(_ value: JSON?) -> String {
    let counts = (value?.arrayValue ?? []).filter { $0["count"]?.integerValue ?? 0 > 0 }
    if counts.isEmpty { return "–" }
    return counts.map { "\(Terminal.cell($0["count"])) \(Terminal.cell($0["age"]))" }
      .joined(separator: "; ")
  }

  /// The two largest units: "2 d 3 h", "45 s".
  private static func duration(_ milliseconds: JSON?) -> String {
    guard let milliseconds = milliseconds?.unsignedValue else { return "–" }
    let seconds = milliseconds / 1_000
    if seconds >= 86_400 { return "\(seconds / 86_400) d \(seconds % 86_400 / 3_600) h" }
    if seconds >= 3_600 { return "\(seconds / 3_600) h \(seconds % 3_600 / 60) min" }
    if seconds >= 60 { return "\(seconds / 60) min \(seconds % 60) s" }
    return seconds > 0 ? "\(seconds) s" : "\(milliseconds) ms"
  }

  static func training(_ value: JSON) -> HubReportTables {
    let agencies = value["agencies"]?.arrayValue ?? []
    let columns = ["practitioners", "valid", "due", "overdue", "noDate", "untrained"]
    return HubReportTables(
      ["Agency", "Practitioner", "Role", "State", "Trained on", "Refresher due"],
      (value["practitioners"]?.arrayValue ?? []).map { entry in
        ["agency", "name", "role", "state", "cafTrainedOn", "refresherDue"].map {
          Terminal.cell(entry[$0])
        }
      },
      after: Terminal.table(
        ["AGENCY", "PRACTITIONERS", "VALID", "DUE", "OVERDUE", "NO DATE", "UNTRAINED"],
        agencies.map { row in ([row["agency"]] + columns.map { row[$0] }).map(Terminal.cell) }))
  }

  static func issues(_ value: JSON) -> HubReportTables {
    HubReportTables(
      [
        "Locality", "Level", "Open", "Closed", "Without response", "Oldest, days",
        "Originator not told",
      ],
      (value["rows"]?.arrayValue ?? []).map { row in
        [
          "localityLabel", "levelLabel", "open", "closed", "withoutResponse",
          "oldestWithoutResponseDays", "originatorNotTold",
        ].map { Terminal.cell(row[$0]) }
      })
  }
}
