import CaseRecords
import Causality
import Operations
import SyncEngine
import SyncProtocol

// An agency's existing list of children, from a CSV file. Every row is reported; either all of them
// are taken or none, because half a list is the state that nobody can repair.
extension Replica {
  /// More rows belong into several files: the whole list is one transaction.
  static let importRowsMax = 20_000

  func childImport(_ input: OperationInput) throws -> JSON {
    let text = try input.required("csv")
    let isDryRun = input.flag("dryRun")
    let named = try input.text("as") ?? usualPractitioner
    // Nothing is written in a dry run, so nobody has to answer for it.
    let author = isDryRun && named == nil ? newID() : try author(input)
    try input.finish()
    var rows = try CSV.rows(text)
    guard !rows.isEmpty else { throw OperationError(.usage, "The file is empty.") }
    let header = try columns(rows.removeFirst())
    guard rows.count <= Self.importRowsMax else {
      throw OperationError(
        .usage, "The file has \(rows.count) rows and \(Self.importRowsMax) are allowed: split it.")
    }
    var index = try searchIndex()
    var drafts: [Draft] = []
    var reports: [JSON] = []
    var bad = 0
    var skipped = 0
    for (offset, row) in rows.enumerated() where row.contains(where: { !$0.isEmpty }) {
      var report = JSON.Object()
      report["row"] = .count(offset + 2)
      do {
        guard row.count == header.count else {
          throw OperationError(
            .usage, "It has \(row.count) columns and the first row has \(header.count).")
        }
        var typed: [String: String] = [:]
        for (field, value) in zip(header, row) where !value.isEmpty { typed[field] = value }
        let child: ChildID = newID()
        var draft = try childDraft(child, typed, official: "official", author: author)
        let writes = try draft.checked()
        let identity = ChildIdentity(
          given: typed["given"], family: typed["family"],
          dateOfBirth: typed["dateOfBirth"].flatMap { CalendarDate($0) })
        if let known = index.find(identity, today: today, limit: 1).first, known.band == .certain {
          report["result"] = "left out: held already, or twice in the file"
          report["child"] = .string(known.child.text)
          skipped += 1
        } else {
          report["result"] = "would be added"
          report["child"] = .string(child.text)
          if !draft.warnings.isEmpty {
            report["warnings"] = .array(draft.warnings.map { .string($0) })
          }
          drafts.append(draft)
          // So that a child who stands twice in one file is found before anything is saved.
          index.update(
            compartment: draft.compartment.id, child: child, custodian: agency,
            content: CompartmentContent(of: writes))
        }
      } catch let error as OperationError {
        bad += 1
        report["result"] = "wrong"
        report["sentence"] = .string(error.sentence)
      }
      reports.append(.object(report))
    }
    if bad > 0 && !isDryRun {
      throw OperationError(
        .usage, "Nothing was imported: \(bad) of \(reports.count) rows are wrong.",
        details: ["rows": .array(reports)])
    }
    if !isDryRun {
      try save(drafts, author: author)
      for report in reports.indices where reports[report]["result"] == "would be added" {
        guard case .object(var object) = reports[report] else { continue }
        object["result"] = "added"
        reports[report] = .object(object)
      }
    }
    return [
      "sentence": .string(
        isDryRun
          ? "Dry run: \(drafts.count) would be added, \(skipped) left out, \(bad) wrong."
          : "\(drafts.count) added, \(skipped) left out."),
      "added": .count(isDryRun ? 0 : drafts.count), "leftOut": .count(skipped),
      "wrong": .count(bad), "rows": .array(reports),
    ]
  }

  private func columns(_ names: [String]) throws(OperationError) -> [String] {
    let known = Dictionary(
      Self.childFields.map { (NameFolding.folded(PlainWords.fromName($0)), $0) },
      uniquingKeysWith: { first, _ in first })
    var columns: [String] = []
    for name in names {
      guard
        let field = known[NameFolding.folded(name)] ?? Self.childFields.first(where: { $0 == name })
      else {
        throw OperationError(
          .usage,
          "The column “\(name)” is not known. Known: \(Self.childFields.joined(separator: ", ")).")
      }
      guard !columns.contains(field) else {
        throw OperationError(.usage, "The column “\(name)” stands twice.")
      }
      columns.append(field)
    }
    return columns
  }
}

extension CompartmentContent {
  /// What a first save of these writes will make.
  fileprivate init(of writes: [Write]) {
    self.init()
    apply(
      Change(
        dot: Dot(actor: Actor(rawValue: 0), counter: 1), context: VersionVector(), writes: writes,
        time: HybridTime(rawValue: 0), claimedMilliseconds: 0, author: nil))
  }
}
