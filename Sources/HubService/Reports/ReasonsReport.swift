import CaseRecords
import Causality
import HTTPTransport
import Operations
import ReplicaStore
import SyncEngine
import SyncProtocol
import Tabulation

/// Why CAFs are done: children with a completed CAF by need, age, locality and agency, in counts
/// that may be given out (`Tabulation`).
///
/// Counts are given out in reports that are closed once and never made again. A CAF is counted in
/// just one of them, the first that is closed after it was completed: so no two reports are of the
/// same CAFs, and nothing can be learnt from the difference between a report and a later one.
struct ReasonsReport {
  let core: HubCore

  static let childrenMin = 20

  private static let ages = [
    ("under5", "Under 5, or not born yet"), ("from5to10", "5 to 10"), ("from11to15", "11 to 15"),
    ("from16", "16 and over"), (notRecorded, "Not recorded"),
  ]
  private static let notRecorded = "notRecorded"
  private static let needs = CodeLists.need.codes
  private static let localities =
    CodeLists.locality.codes.map { ($0.value, $0.label) } + [(notRecorded, "Not recorded")]

  /// The report of this number, or the newest; and how many there are.
  func answer(_ number: Int64?) throws -> JSON {
    let count = ReportFile.count(in: core.folder.path)
    guard let number = number.map(Int.init) ?? (count > 0 ? count : nil) else {
      return [
        "report": .null, "reports": 0,
        "words": .string(
          "No report has been closed yet. Closing one counts the children with a completed CAF, "
            + "once there are \(Self.childrenMin): cafsync hub report needs --close."),
      ]
    }
    guard (1...max(count, 1)).contains(number), count > 0 else {
      throw LocalFailure.unknown("There is no report \(number); \(count) have been closed.")
    }
    var answer = try ReportFile.read(number, in: core.folder.path).published
    answer["reports"] = .count(count)
    return .object(answer)
  }

  /// Counts what no report has counted yet, and gives what closes a new report with it.
  func closing(who: String) throws -> () throws -> JSON {
    guard try core.store.recoveringCount() == 0, try !core.store.awaitsWithdrawals() else {
      throw LocalFailure(
        .conflict,
        "The hub takes back what a restore lost, and does not know yet what was withdrawn. Close "
          + "the report when that has ended: see cafsync hub status.")
    }
    let number = ReportFile.count(in: core.folder.path) + 1
    var counted: Set<String> = []
    for earlier in 1..<number {
      counted.formUnion(try ReportFile.read(earlier, in: core.folder.path).counted)
    }
    let agencies = try core.store.agencies().filter { $0.id != .hub && !$0.isSensitive }
      .sorted { $0.name < $1.name }
    var children: [ChildID: CountedChild] = [:]
    var marks: [String] = []
    try core.engine.forEachCompletedCAF(now: core.now) { record in
      !counted.contains(mark(record))
    } _: { caf in
      marks.append(mark(caf.record))
      guard let agency = agencies.firstIndex(where: { $0.id == caf.agency }) else { return }
      let child = CountedChild(caf, agency: agency)
      children[caf.child] = children[caf.child].map { $0.joined(with: child) } ?? child
    }
    guard children.count >= Self.childrenMin else {
      throw LocalFailure(
        .conflict,
        "Fewer than \(Self.childrenMin) children have a completed CAF that no report has counted "
          + "yet: too few to be counted without telling who they are. Close the report later.")
    }
    let file = ReportFile(
      published: published(children.values, agencies.map(\.name), number: number),
      counted: marks.sorted())
    try core.store.audit(
      who: who, action: "report being closed", subject: "needs \(number)",
      atMilliseconds: core.now)
    return {
      try file.write(number, in: core.folder.path)
      return try answer(Int64(number))
    }
  }

  /// Which CAF it was can be told by this hub alone.
  private func mark(_ record: RecordID) -> String {
    Hex.text(core.engine.statementMAC("counted CAF", record.bytes).prefix(16))
  }

  // MARK: Counting

  /// A child in a report: as its first CAF of this report has it, with the needs of all of them.
  private struct CountedChild {
    let startedOn: CalendarDate?
    let groups: [Int]
    var needs: Set<Int>

    init(_ caf: CompletedCAF, agency: Int) {
      startedOn = caf.startedOn
      let age =
        switch caf.ageYears {
        case nil: 4
        case .some(..<5): 0
        case .some(5...10): 1
        case .some(11...15): 2
        default: 3
        }
      let locality = ReasonsReport.localities.firstIndex { $0.0 == caf.locality }
      groups = [age, locality ?? ReasonsReport.localities.count - 1, agency]
      needs = Set(
        ReasonsReport.needs.indices.filter { caf.needs.contains(ReasonsReport.needs[$0].value) })
    }

    func joined(with other: CountedChild) -> CountedChild {
      let isFirst =
        switch (startedOn, other.startedOn) {
        case (let own?, let their?): own <= their
        case (nil, .some): false
        default: true
        }
      var first = isFirst ? self : other
      first.needs = needs.union(other.needs)
      return first
    }
  }

  private func published(
    _ children: some Collection<CountedChild>, _ agencies: [String], number: Int
  ) -> JSON.Object {
    let dimensions = [
      ("age", Self.ages.map(\.1), Self.ages.map(\.0)),
      ("locality", Self.localities.map(\.1), Self.localities.map(\.0)),
      ("agency", agencies, agencies),
    ]
    var counts = ReasonCounts(
      reasons: Self.needs.map(\.value),
      dimensions: dimensions.map {
        Dimension($0.0, groups: $0.2, isOfReaders: $0.0 == "agency")
      })
    for child in children { counts.add(reasons: child.needs, groups: child.groups) }
    let rows = counts.published { row, dimension in
      let place = Array("\(number) \(row) \(dimension)".utf8)
      // One in eight.
      return core.engine.statementMAC("report lot", place)[0] < 32
    }
    let names =
      [("all", "All children")] + Self.needs.map { ($0.value, $0.label) }
      + [("none", "No need recorded")]
    var published = JSON.Object()
    published["report"] = .count(number)
    published["closedMilliseconds"] = .count(core.now)
    published["words"] = .string(
      "Children with a CAF that was completed since the report before. A child may have several "
        + "needs. Counts are ranges of five; – is fewer than five, or left out so that another "
        + "cannot be worked out.")
    published["dimensions"] = .array(
      dimensions.map { name, labels, codes in
        [
          "name": .string(name),
          "groups": .array(
            zip(codes, labels).map { ["code": .string($0), "label": .string($1)] }),
        ]
      })
    published["rows"] = .array(
      zip(names, rows).map { name, row in
        var json = JSON.Object()
        json["reason"] = .string(name.0)
        json["label"] = .string(name.1)
        json["children"] = Self.json(row.total)
        for (dimension, line) in zip(dimensions, row.lines) {
          json[dimension.0] = .array(line.map(Self.json))
        }
        return .object(json)
      })
    return published
  }

  private static func json(_ count: PublishedCount) -> JSON {
    switch count {
    case .withheld: .null
    case .from(let least):
      ["from": .count(least), "to": .count(least + PublishedCount.step - 1)]
    }
  }
}
