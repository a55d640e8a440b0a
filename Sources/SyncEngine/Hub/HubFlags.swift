import CaseRecords
import Causality
import Disclosure
import ReplicaStore
import SyncProtocol

/// How far a CAF is, strongest last: what counts when a child has several.
enum CAFStatus: String, Comparable {
  case closed, complete, inProgress

  private var strength: Int {
    switch self {
    case .closed: 0
    case .complete: 1
    case .inProgress: 2
    }
  }

  static func < (left: Self, right: Self) -> Bool { left.strength < right.strength }

  /// A CAF in review exists and stands; one reopened is being written again.
  init?(assessmentState: String?) {
    switch assessmentState {
    case "draft", "reopened": self = .inProgress
    case "complete", "inReview": self = .complete
    case "closed": self = .closed
    default: return nil
    }
  }
}

/// A CAF as the index shows it: that it exists, how far it is, whom to contact; no content.
struct CAFFlag: Hashable {
  var status: CAFStatus
  var startedOn: CalendarDate?
  var leadName: String?
  var leadContact: String?

  /// The strongest flag of an index compartment. What the hub derived from the CAF itself goes
  /// before what was declared by hand; both stay in the record.
  init?(index content: CompartmentContent) {
    for group in ["derived", "declared"] {
      let flags = content.records(of: "cafFlag").flatMap { $0.record.values(group) }
        .compactMap { value -> CAFFlag? in
          guard let status = value.text("status").flatMap(CAFStatus.init(rawValue:)) else {
            return nil
          }
          return CAFFlag(
            status: status, startedOn: value.date("startedOn"), leadName: value.text("leadName"),
            leadContact: value.text("leadContact"))
        }
      if let strongest = flags.max(by: { $0.status < $1.status }) {
        self = strongest
        return
      }
    }
    return nil
  }

  init(
    status: CAFStatus, startedOn: CalendarDate?, leadName: String?, leadContact: String?
  ) {
    self.status = status
    self.startedOn = startedOn
    self.leadName = leadName
    self.leadContact = leadContact
  }

  /// The assessments in one development compartment.
  static func flags(development content: CompartmentContent) -> [CAFFlag] {
    content.records(of: "assessment").compactMap { _, record in
      let states = record.values("state").compactMap {
        CAFStatus(assessmentState: $0.text("state"))
      }
      // An assessment whose state is blank has been started.
      guard let status = record.values("state").isEmpty ? .inProgress : states.max() else {
        return nil
      }
      let started = record.values("started").first
      return CAFFlag(
        status: status, startedOn: started?.date("on"), leadName: started?.text("assessor"),
        leadContact: started?.text("contact"))
    }
  }

  func value(agency: AgencyID) -> GroupValue {
    GroupValue.one("status", status.rawValue).setting("startedOn", startedOn)
      .setting("agency", agency).setting("leadName", leadName)
      .setting("leadContact", leadContact)
  }
}

extension HubExchange {
  /// Brings the flag in the custodian's index entry into line with the CAFs in its custody.
  mutating func refreshFlag(of child: ChildID, custodian: AgencyID) throws {
    let all = try store.compartments(of: child)
    let compartments = all.filter { $0.compartment.custodian == custodian }
    guard let index = compartments.first(where: { $0.compartment.category == .index }),
      let content = try workspace.entry(index.id)?.content
    else { return }
    // The usual case of a new entry: all that is known of the child, and no flag in it.
    if all.count == 1, engine.aliases.members(child).count == 1,
      !content.records.values.contains(where: { $0.kind == "cafFlag" })
    {
      return
    }
    let developments = compartments.filter { $0.compartment.category == .development }
    var flags: [CAFFlag] = []
    for stored in developments {
      guard let content = try workspace.entry(stored.id)?.content else { continue }
      flags += CAFFlag.flags(development: content)
    }
    let record: RecordID = engine.derivedName("cafFlag", index.id.bytes)
    let standing = content.records[record]?.groups["derived"]?.siblings.map(\.value.value) ?? []
    let strongest = flags.max {
      ($0.status, $1.startedOn?.text ?? "") < ($1.status, $0.startedOn?.text ?? "")
    }
    // No CAF, and never a flag: nothing to say. No CAF any more: the flag is cleared.
    let due = strongest?.value(agency: custodian) ?? GroupValue()
    let isNeeded = strongest != nil || (!standing.isEmpty && !developments.isEmpty)
    if isNeeded, standing != [due.encoded()] {
      try hubWrite(
        [Write(record: record, kind: "cafFlag", group: "derived", value: due.encoded())],
        in: index.id)
    }
    try promptDiscussions(of: child)
    try tellParallelCAFs(of: child)
  }

  /// The agencies with a CAF in progress for the child, each with the identifier that it uses.
  func runningCAFs(
    of child: ChildID
  ) throws -> [(index: StoredCompartment, flag: CAFFlag)] {
    try indexEntries(of: child).compactMap { stored, content in
      guard let flag = CAFFlag(index: content), flag.status == .inProgress else { return nil }
      return (stored, flag)
    }
  }

  /// All index compartments of the child under every identifier, as they stand now.
  func indexEntries(
    of child: ChildID
  ) throws -> [(stored: StoredCompartment, content: CompartmentContent)] {
    try engine.aliases.members(child).sorted().flatMap { try store.compartments(of: $0) }
      .filter { $0.compartment.category == .index }
      .compactMap { stored in
        try workspace.entry(stored.id).map { ($0.stored, $0.content) }
      }
  }
}
