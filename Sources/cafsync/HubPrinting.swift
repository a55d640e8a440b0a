import Operations

/// The hub's answers as people read them.
enum HubPrinting {
  static func agencies(_ value: JSON) -> String {
    Terminal.table(
      ["AGENCY", "SECTOR", "LOCALITY", "DEVICES", "LOCKED", "IDENTIFIER"],
      rows(value) { agency in
        ["name", "sector", "locality", "devices", "agreementLocked", "id"].map {
          Terminal.cell(agency[$0])
        }
      })
  }

  static func why(_ value: JSON) -> String {
    let answers = rows(value) { answer in
      let reasons = (answer["reasons"]?.arrayValue ?? []).compactMap(\.stringValue)
      return [
        Terminal.cell(answer["category"]), Terminal.cell(answer["allowed"]),
        Terminal.time(answer["untilMilliseconds"]), reasons.joined(separator: " "),
      ]
    }
    if answers.isEmpty { return "The hub holds nothing about this child." }
    return Terminal.table(["CATEGORY", "MAY HOLD", "UNTIL", "BECAUSE"], answers)
  }

  static func ledger(_ value: JSON) -> String {
    let lines = rows(value["lines"] ?? []) { line in
      [
        Terminal.cell(line["number"]), Terminal.cell(line["child"]), Terminal.cell(line["words"]),
      ]
    }
    if lines.isEmpty { return "Nobody held anything of that." }
    let counts = rows(value["counts"] ?? []) { count in
      [Terminal.cell(count["part"]), Terminal.cell(count["compartments"])]
    }
    var tables = [
      Terminal.table(["NUMBER", "CHILD", "WHO HELD WHAT"], lines),
      Terminal.table(["PART OF THE RECORD", "COMPARTMENTS"], counts),
    ]
    if let next = value["next"]?.integerValue { tables.append("There are more: --after \(next)") }
    return tables.joined(separator: "\n\n")
  }

  static func journal(_ value: JSON) -> String {
    Terminal.table(
      ["TIME", "KIND", "IDENTIFIER", "CHILD", "FROM AGENCY"],
      rows(value) { line in
        [
          Terminal.time(line["atMilliseconds"]), Terminal.cell(line["kind"]),
          Terminal.cell(line["id"]), Terminal.cell(line["child"]), Terminal.cell(line["agency"]),
        ]
      })
  }

  static func quarantine(_ value: JSON) -> String {
    let changes = rows(value["changes"] ?? []) { change in
      [
        Terminal.cell(change["number"]), Terminal.time(change["atMilliseconds"]),
        Terminal.cell(change["state"]), Terminal.cell(change["agency"]),
        Terminal.cell(change["device"]), Terminal.cell(change["category"]),
        Terminal.cell(change["why"]),
      ]
    }
    if changes.isEmpty { return "Nothing stands apart." }
    return Terminal.table(
      ["NUMBER", "TIME", "STATE", "AGENCY", "DEVICE", "CATEGORY", "WHY"], changes)
  }

  private static func rows(_ value: JSON, _ row: (JSON) -> [String]) -> [[String]] {
    (value.arrayValue ?? []).map(row)
  }
}
