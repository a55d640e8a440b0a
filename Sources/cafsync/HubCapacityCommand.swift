import HubService
import Operations

/// `cafsync hub capacity`.
extension HubCommands {
  static let capacity = Command(
    "capacity", "show what takes room, how fast it grows, and what takes time",
    discussion: """
      The hub measures itself once a day while it serves; two days make a growth. Statements are \
      timed since the hub was started, and are shown without values.
      """, [folder, .json]
  ) { invocation in
    Terminal.show(try ask(invocation, "capacity"), invocation, HubPrinting.capacity)
    return .success
  }
}

extension HubPrinting {
  static func capacity(_ value: JSON) -> String {
    func sizes(_ name: String) -> [[String]] {
      (value[name]?.arrayValue ?? []).map { row in
        ["name", "bytes"].map { Terminal.cell(row[$0]) }
      }
    }
    let disk = [
      ["Free on the disk", Terminal.cell(value["freeBytes"])],
      ["Growth a day", Terminal.cell(value["growthBytesPerDay"])],
      ["Days until it is full", Terminal.cell(value["daysUntilFull"])],
      ["Last backup", Terminal.time(value["backupMilliseconds"])],
    ]
    let statements = (value["statements"]?.arrayValue ?? []).map { row in
      ["totalMilliseconds", "count", "longestMilliseconds", "sql"].map { Terminal.cell(row[$0]) }
    }
    return [
      Terminal.table(["FILE", "BYTES"], sizes("files") + disk),
      Terminal.table(["TABLE", "BYTES"], sizes("tables")),
      Terminal.table(["MS IN ALL", "TIMES", "LONGEST MS", "STATEMENT"], statements),
    ].joined(separator: "\n\n")
  }
}
