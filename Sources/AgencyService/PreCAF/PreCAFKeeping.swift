import CaseRecords
import Causality
import Disclosure
import Operations
import ReplicaStore
import SyncEngine
import SyncProtocol

// A pre-CAF is kept while it may still lead to a CAF, and no longer (row 20): it holds what
// somebody thought of a family that has agreed to nothing yet.
extension Replica {
  /// Deletes the checklists whose time is over, once for each day. The number deleted.
  func deleteOldPreCAFs() throws -> Int {
    guard !engine.isLocked else { return 0 }
    var count = 0
    if memory.preCAFsDeletedOn != today {
      for stored in try store.compartments(in: .private) {
        guard stored.compartment.custodian == agency, try mayBeShown(stored) else { continue }
        let over = try overduePreCAFs(in: stored)
        guard !over.isEmpty else { continue }
        try engine.clearPrivate(over, in: stored.id, now: now)
        try invalidate(changed: [stored.id], isOwnSave: true)
        memory.isEmptyingLog = true
        count += over.count
      }
      memory.preCAFsDeletedOn = today
    }
    if memory.isEmptyingLog {
      do {
        try store.checkpoint()
        memory.isEmptyingLog = false
      } catch StoreError.checkpointBusy {
        // Somebody reads the file just now: the next exchange empties its log.
      }
    }
    return count
  }

  private func overduePreCAFs(in stored: StoredCompartment) throws -> [RecordID] {
    guard let child = stored.compartment.child else { return [] }
    let old = try store.content(of: stored).records.filter { _, record in
      PreCAF(record).map { today > $0.lastDay(keptDays: preCAFKeptDays) } ?? false
    }
    guard !old.isEmpty else { return [] }
    let matter = try wholeMatter(of: child)
    return old.filter { _, record in PreCAF(record)?.isKept(for: matter) == false }.keys
      .sorted()
  }

  /// With what may not be shown just now for want of a lease: it is known all the same.
  private func wholeMatter(of child: ChildID) throws -> ChildCase {
    let parts = try aliases().members(child).sorted().flatMap { try store.compartments(of: $0) }
    let known = try parts.filter { try mayBeShown($0) }.compactMap { try facts(in: $0) }
    return ChildCase(child: child, facts: known)
  }

  /// What a page says where checklists are written.
  var preCAFKeepingWords: String {
    "A checklist is deleted by itself when nobody has written in it for \(preCAFKeptDays) days and "
      + "no CAF that followed is known here. Home says so \(WorklistLimits.preCAFWarnedDays) days "
      + "before."
  }
}

/// One checklist, as far as it has to be known for how long it is kept.
struct PreCAF {
  let madeOn: CalendarDate
  /// The last day on which anybody wrote in it.
  let writtenOn: CalendarDate
  let practitioner: PractitionerID?
  /// Removed, or discarded by its own words: no CAF is a reason to keep it.
  let isDropped: Bool

  /// Nil for any other record, and where nothing is left of it.
  init?(_ record: RecordContent) {
    guard record.kind == "preCAF" else { return nil }
    let written = record.groups.filter { $0.key != "life" }.values.flatMap(\.siblings)
    guard written.contains(where: { $0.value.value != GroupValue().encoded() }),
      let last = record.groups.values.flatMap(\.siblings).map(\.value.claimedMilliseconds).max(),
      let writtenOn = CalendarDate(millisecondsSince1970: last)
    else { return nil }
    let made = record.values("made").first
    madeOn = made?.date("on") ?? writtenOn
    practitioner = made?.identifier("practitioner")
    self.writtenOn = writtenOn
    isDropped =
      !record.isPresent || record.values("state").contains { $0.text("state") == "discarded" }
  }

  /// The last day on which it is here, when no CAF follows.
  func lastDay(keptDays: Int) -> CalendarDate { writtenOn.adding(days: keptDays) ?? writtenOn }

  func isKept(for matter: ChildCase) -> Bool { !isDropped && matter.hasCAF(since: madeOn) }
}

extension ChildCase {
  /// Whether a CAF is known that is open, or was started on that day or later.
  fileprivate func hasCAF(since day: CalendarDate) -> Bool {
    if openCAF != nil { return true }
    let started =
      facts.flatMap(\.assessments).compactMap(\.startedOn)
      + facts.flatMap(\.flags).compactMap { $0.startedOn.flatMap { CalendarDate($0) } }
    return started.contains { $0 >= day }
  }
}

extension WorklistRules {
  /// Said in time for whoever made it to begin the CAF, or to write on.
  func preCAFAlerts(_ matter: ChildCase) -> [WorklistAlert] {
    matter.facts.flatMap(\.preCAFs).compactMap { checklist in
      let lastDay = checklist.lastDay(keptDays: preCAFKeptDays)
      guard today >= lastDay.adding(days: -WorklistLimits.preCAFWarnedDays) ?? lastDay,
        !checklist.isDropped, !checklist.isKept(for: matter)
      else { return nil }
      return WorklistAlert(
        kind: .preCAFEnds, child: matter.child,
        sentence: "The pre-CAF checklist of \(checklist.madeOn.text) is deleted by itself after "
          + "\(lastDay.text), unless a CAF follows or somebody writes on in it.",
        due: lastDay,
        owner: CaseworkFacts.Person(agency: agency, practitioner: checklist.practitioner))
    }
  }
}
