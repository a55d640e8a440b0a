import CaseRecords
import Causality
import ReplicaStore
import SyncEngine
import SyncProtocol

/// What practitioners do.
extension World {
  private static let groups = ["strengths", "needs", "evidence"]

  /// Compartments that may be shown on the device.
  private func shownCompartments(_ device: SimulatedDevice) throws -> [StoredCompartment] {
    if device.engine.isLocked { return [] }
    let lease = device.engine.leaseState(wall: device.wall(now), boot: device.boot(now))
    let shown = try device.store.compartmentNumbers()
      .compactMap { try device.store.compartment(number: $0) }
      .filter { ![.desk, .directory].contains($0.compartment.category) }
      .filter { concerns($0.compartment) }
      .filter { try device.engine.mayShow($0.id, lease: lease) }
    return inOrder(shown)
  }

  /// In the order in which the device met them; in one of two worlds by name, since that order may
  /// be another one.
  private func inOrder(_ stored: [StoredCompartment]) -> [StoredCompartment] {
    observation == nil ? stored : stored.sorted { $0.id < $1.id }
  }

  func openForm(_ device: SimulatedDevice, _ pick: Int) throws {
    let shown = try shownCompartments(device)
    guard !shown.isEmpty else { return }
    let stored = shown[pick % shown.count]
    device.forms[stored.id] = (stored.vector, device.known[stored.id] ?? [])
  }

  func write(
    _ device: SimulatedDevice, _ pick: Int, _ group: Int, _ form: SimulationEvent.Form,
    _ size: SimulationEvent.Size
  ) throws {
    let shown = try shownCompartments(device)
    // What is in an open form may be shown no more, or not be here, when it is saved.
    let gone =
      form == .opened
      ? device.forms.keys.sorted().filter { id in !shown.contains { $0.id == id } } : []
    if !gone.isEmpty {
      let id = gone[pick % gone.count]
      return try save(
        device, .existing(id), stored: try device.store.compartment(id), kind: "comment",
        record: RecordID(high: 1, low: UInt64(group / 3 % 2)),
        [(Self.groups[group % 3], GroupValue.one("text", "w"))], form: form)
    }
    guard !shown.isEmpty else { return }
    try write(into: shown[pick % shown.count], on: device, group, form, size)
  }

  func add(
    _ device: SimulatedDevice, _ record: SimulationEvent.Record, _ group: Int,
    _ form: SimulationEvent.Form, _ size: SimulationEvent.Size
  ) throws {
    let (child, custodian) = (children[record.child], agencies[record.custodian])
    let stored = try shownCompartments(device).first {
      $0.compartment.child == child && $0.compartment.custodian == custodian
        && $0.compartment.category == Self.categories[record.category]
    }
    if let stored { try write(into: stored, on: device, group, form, size) }
  }

  private func write(
    into stored: StoredCompartment, on device: SimulatedDevice, _ group: Int,
    _ form: SimulationEvent.Form, _ size: SimulationEvent.Size
  ) throws {
    var text =
      switch size {
      case .short: "w"
      case .long: String(repeating: "long ", count: 300)
      case .huge: String(repeating: "huge ", count: 24_000)
      }
    if observation?.altered.contains(stored.id) == true { text += " and other words" }
    try save(
      device, .existing(stored.id), stored: stored, kind: "comment",
      record: RecordID(high: 1, low: UInt64(group / 3 % 2)),
      [(Self.groups[group % 3], GroupValue.one("text", text))], form: form)
  }

  /// The agency's own compartment of a category, made if it is not here.
  private func own(
    _ device: SimulatedDevice, _ child: ChildID?, _ category: CaseRecords.Category
  ) throws -> Compartment {
    if let child {
      let known = inOrder(try device.store.compartments(of: child)).first {
        $0.compartment.category == category
          && $0.compartment.custodian == device.engine.identity.agency
      }
      if let known { return known.compartment }
    }
    return Compartment(
      id: CompartmentID(using: &random), child: child, category: category,
      custodian: device.engine.identity.agency)
  }

  func begin(_ device: SimulatedDevice, _ child: Int, _ category: Int) throws {
    if device.engine.isLocked { return }
    let child = children[child % children.count]
    let category = Self.categories[category % Self.categories.count]
    let compartment = try own(device, child, category)
    let groups: [(String, GroupValue)]
    let kind: String
    switch category {
    case .index: (kind, groups) = ("child", [("name", name(of: child))])
    case .development:
      (kind, groups) = ("assessment", [("state", GroupValue.one("state", "draft"))])
    default: (kind, groups) = ("comment", [("needs", GroupValue.one("text", "begun"))])
    }
    try save(
      device, .creating(compartment), stored: try device.store.compartment(compartment.id),
      kind: kind, record: RecordID(high: 2, low: UInt64(category.rawValue)), groups,
      form: .current)
  }

  private func name(of child: ChildID) -> GroupValue {
    let number = children.firstIndex(of: child) ?? 0
    return GroupValue.one("given", ["Amira", "Jordan", "Ellie"][number])
      .setting("family", ["Hussain", "Sykes", "Brook"][number])
  }

  func recordFact(
    _ device: SimulatedDevice, _ child: Int, _ kind: SimulationEvent.Fact, _ agency: Int
  ) throws {
    if device.engine.isLocked { return }
    let child = children[child % children.count]
    let named = agencies[agency % agencies.count]
    let (category, record, groups): (CaseRecords.Category, String, [(String, GroupValue)])
    switch kind {
    case .involved:
      (category, record) = (.index, "involvement")
      groups = [("agency", GroupValue().setting("agency", named))]
    case .lead:
      (category, record) = (.index, "leadProfessional")
      let isAccepted = agency / agencies.count % 3 != 1
      groups = [
        ("acceptance", GroupValue.one("accepted", isAccepted ? "accepted" : "declined")),
        ("lead", GroupValue.one("name", "A. Lead").setting("agency", named)),
      ]
    case .owner:
      (category, record) = (.plan, "action")
      groups = [("owner", GroupValue().setting("agency", named))]
    case .member:
      (category, record) = (.plan, "tacInvitation")
      groups = [("invited", GroupValue().setting("agency", named))]
    case .name:
      (category, record) = (.index, "child")
      groups = [("name", name(of: child))]
    }
    // Into what it holds of the child, whoever has custody: its own if it holds nothing.
    let held = inOrder(try device.store.compartments(of: child)).filter {
      $0.compartment.category == category
    }
    let target =
      try held.isEmpty
      ? own(device, child, category) : held[agency / agencies.count % held.count].compartment
    try save(
      device, held.isEmpty ? .creating(target) : .existing(target.id),
      stored: try device.store.compartment(target.id), kind: record,
      record: RecordID(high: 3, low: UInt64(category.rawValue) * 100 + UInt64(kind.number)),
      groups, form: .current)
  }

  func enquire(_ device: SimulatedDevice, _ child: Int) throws {
    if device.engine.isLocked { return }
    let thread = try own(device, nil, .desk)
    let subject = name(of: children[child % children.count])
    try save(
      device, .creating(thread), stored: nil, kind: "enquiry",
      record: RecordID(using: &random),
      [
        ("asked", GroupValue().setting("on", instant: now)),
        ("basis", GroupValue.one("consentReference", "form 12")),
        ("reason", GroupValue.one("reason", "beforeCAF")), ("subject", subject),
      ], form: .current)
  }

  // MARK: Saving

  /// Each value carries the number of its word.
  private func save(
    _ device: SimulatedDevice, _ target: ChangeDraft.Target, stored: StoredCompartment?,
    kind: String, record: RecordID, _ groups: [(String, GroupValue)], form: SimulationEvent.Form
  ) throws {
    let id = target.id
    let shown = device.known[id] ?? []
    let (seen, known): (VersionVector?, Set<Int>) =
      switch form {
      case .current: (nil, shown)
      case .opened: device.forms[id].map { ($0.vector, $0.known) } ?? (nil, shown)
      case .blank: (VersionVector(), [])
      }
    let first = ledger.nextNumber(isHidden: observation?.isHidden == true)
    var words: [Word] = []
    let writes = groups.map { group, value in
      let word = Word(
        number: first + words.count, device: device.number, compartment: id,
        place: Place(record: record, group: group), known: known)
      words.append(word)
      return Write(
        record: record, kind: kind, group: group,
        value: value.setting(WordLedger.field, count: word.number).encoded())
    }
    let isRevoked = try stored.flatMap { try device.store.hold($0.number) }?.state == .revoked
    let outcome = try device.survive(now: now) { () -> Bool in
      do {
        let dots = try device.engine.save(
          [ChangeDraft(to: target, writes: writes, seen: seen)],
          author: PractitionerID(high: 5, low: UInt64(device.agency)), now: device.wall(now))
        for dot in dots { minters[dot.actor] = device.agency }
        if isRevoked {
          throw SimulationFailure("nothing is typed into what is revoked", "\(id.text.prefix(6))")
        }
        try checkDependencies(of: dots, in: id, on: device)
        return true
      } catch AgencyError.revoked {
        tally.mark("written into what is revoked")
        return true
      } catch AgencyError.notHeld {
        tally.mark("written into what is gone")
        return true
      }
    }
    guard outcome == true else {
      if outcome == nil { tally.inject("device killed while saving") }
      return try look(at: device)
    }
    for word in words { ledger.add(word) }
    try look(at: device)
    let here = ledger.present[device.number] ?? []
    if let lost = words.first(where: { !here.contains($0.number) }) {
      throw SimulationFailure(
        "what is typed is saved, or set apart", "word \(lost.number) of \(device.name)")
    }
  }
}

extension World {
  /// What is saved names the decisions about its child that the hub has not heard of.
  private func checkDependencies(
    of dots: [Dot], in id: CompartmentID, on device: SimulatedDevice
  ) throws {
    guard let stored = try device.store.compartment(id), let child = stored.compartment.child
    else { return }
    let unsent = Set(
      try device.store.policy(of: child).filter { $0.state == .unsent }.map(\.entry.id))
    for dot in dots {
      guard let change = try device.store.outboxEntry(dot: dot, in: stored.number)?.change,
        !unsent.isSubset(of: change.policyDependencies)
      else { continue }
      throw SimulationFailure(
        "a change names the decisions that it rests on", "\(device.name) \(id.text.prefix(6))")
    }
  }
}

extension SimulationEvent.Fact {
  fileprivate var number: Int {
    switch self {
    case .involved: 0
    case .lead: 1
    case .owner: 2
    case .member: 3
    case .name: 4
    }
  }
}
