package import CaseRecords
import Causality
import Disclosure
import ReplicaStore
import SyncProtocol

/// What is counted of one completed CAF. Content: it never leaves the process but in counts.
package struct CompletedCAF: Hashable, Sendable {
  package let record: RecordID
  /// One identifier for all that the child has.
  package let child: ChildID
  package let agency: AgencyID
  package let startedOn: CalendarDate?
  /// When the CAF was started: whole years, none before birth; nil: not recorded.
  package let ageYears: Int?
  /// A code of the list; nil: not recorded.
  package let locality: String?
  /// Codes of the list of needs, as any element of the CAF names them.
  package let needs: Set<String>
}

/// Reads completed CAFs one after the other, each opened, counted and forgotten. Of confidential
/// services nothing is read: that somebody has a record there shows in no count.
extension HubEngine {
  /// - Parameter isWanted: asked before anything but the CAF's frame is read.
  package func forEachCompletedCAF(
    now: UInt64, where isWanted: (RecordID) -> Bool, _ body: (CompletedCAF) throws -> Void
  ) throws {
    func page(after number: Int64) throws -> [StoredCompartment] {
      try store.compartments(in: .development, after: number, limit: 500)
    }
    var found = try page(after: 0)
    while let last = found.last {
      for stored in found where try isCounted(stored) {
        guard let child = stored.compartment.child else { continue }
        let content = try store.content(of: stored)
        for (record, assessment) in content.records(of: "assessment")
        where Self.isCompleted(assessment) && isWanted(record) {
          // What the family has withdrawn from the hub is not counted while others still purge it.
          guard try mayKeep(stored.compartment, now: now) else { continue }
          try body(try completedCAF(record, assessment, of: child, in: stored, now: now))
        }
      }
      found = try page(after: last.number)
    }
  }

  private func isCounted(_ stored: StoredCompartment) throws -> Bool {
    try agency(stored.compartment.custodian)?.isSensitive == false
  }

  private static func isCompleted(_ assessment: RecordContent) -> Bool {
    assessment.values("state").contains { state in
      CAFStatus(assessmentState: state.text("state")).map { $0 != .inProgress } ?? false
    }
  }

  private func completedCAF(
    _ record: RecordID, _ assessment: RecordContent, of child: ChildID,
    in stored: StoredCompartment, now: UInt64
  ) throws -> CompletedCAF {
    let startedOn = assessment.values("started").first?.date("on")
    var needs: Set<String> = []
    var children: [RecordContent] = []
    for part in try parts(of: child) where try isCounted(part) {
      switch part.compartment.category {
      case .index:
        let found = try store.content(of: part).records(of: "child").map(\.record)
        // Its own agency's entry goes first.
        let isOwn = part.compartment.custodian == stored.compartment.custodian
        children.insert(contentsOf: found, at: isOwn ? 0 : children.count)
      case .development, .health, .parenting:
        guard try mayKeep(part.compartment, now: now) else { continue }
        for (_, element) in try store.content(of: part).records(of: "element")
        where element.values("about").contains(where: { $0.identifier("assessment") == record }) {
          for value in element.values("needCodes") {
            needs.formUnion((value.texts("needCodes") ?? []).filter(CodeLists.need.contains))
          }
        }
      default: continue
      }
    }
    let day = startedOn ?? CalendarDate(millisecondsSince1970: now)
    return CompletedCAF(
      record: record, child: aliases.canonical(child), agency: stored.compartment.custodian,
      startedOn: startedOn,
      ageYears: day.flatMap { day in
        children.lazy.flatMap { $0.values("birth") }.compactMap { Self.ageYears($0, on: day) }.first
      },
      locality: children.lazy.flatMap { $0.values("locality") }.compactMap { $0.text("locality") }
        .first(where: CodeLists.locality.contains), needs: needs)
  }

  private static func ageYears(_ birth: GroupValue, on day: CalendarDate) -> Int? {
    if let born = birth.date("dateOfBirth") ?? birth.date("expectedDate") {
      return max(born.fullYears(to: day), 0)
    }
    guard let age = birth.count("estimatedAge") else { return nil }
    return max(age + (birth.date("estimatedOn")?.fullYears(to: day) ?? 0), 0)
  }
}
