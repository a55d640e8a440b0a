import CaseRecords
import Causality
import Operations
import ReplicaStore
import SyncEngine
import SyncProtocol

// Row 53: what is held here about a child, in the order in which it happened.
extension Replica {
  func chronology(_ input: OperationInput) throws -> JSON {
    let child = try child(try input.required("child"))
    try input.finish()
    var events: [ChronologyEvent] = try decisions(about: child)
    for stored in try held(child) {
      var reader = ChronologyReader(
        today: today, category: stored.compartment.category,
        custodian: try name(of: stored.compartment.custodian),
        nameOfAgency: { [self] in try name(of: $0) },
        nameOfAuthor: { [self] in try name(of: $0) })
      for (_, record) in try store.content(of: stored).records.sorted(by: { $0.key < $1.key })
      where record.isPresent {
        try reader.read(record)
      }
      events += reader.events
    }
    let sorted = Set(withoutEchoes(events)).sorted { $0.place < $1.place }
    return [
      "sentence": .string(
        sorted.isEmpty
          ? "Nothing with a day is held here on this child as of \(now.momentText)."
          : "\(sorted.count) held here as of \(now.momentText); what others keep may be more."),
      "child": .string(child.text), "name": .string(try childName(child)), "asOf": .count(now),
      "events": .array(
        sorted.map { event in
          [
            "on": .string(event.on.text), "kind": .string(event.kind.rawValue),
            "sentence": .string(event.sentence), "by": .string(event.by),
            "agency": .string(event.agency), "category": .string("\(event.category)"),
            "isPrivate": .bool(event.isPrivate), "isAhead": .bool(event.on > today),
          ]
        }),
    ]
  }

  /// The index repeats what a CAF that is held here says of itself.
  private func withoutEchoes(_ events: [ChronologyEvent]) -> [ChronologyEvent] {
    let told = Set(
      events.filter { $0.kind == .caf && $0.category == .development }
        .map { [$0.on.text, $0.sentence] })
    return events.filter {
      $0.kind != .caf || $0.category != .index || !told.contains([$0.on.text, $0.sentence])
    }
  }

  private func decisions(about child: ChildID) throws -> [ChronologyEvent] {
    try knownPolicy(of: child).map(\.entry).filter { $0.child != nil }.compactMap { entry in
      guard let on = CalendarDate(millisecondsSince1970: entry.madeAtMilliseconds)
      else { return nil }
      let sentence = try words(entry.kind)
      return ChronologyEvent(
        on: on, kind: .consent, sentence: sentence.prefix(1).uppercased() + sentence.dropFirst(),
        by: entry.author == nil ? "" : try name(of: entry.author),
        agency: try name(of: entry.authorAgency), category: .index)
    }
  }
}

extension ChronologyEvent {
  /// By day; within it by kind, and then by the words, so that the order is the same every time.
  fileprivate var place: (CalendarDate, Int, String, String, String) {
    (
      on, Kind.allCases.firstIndex(of: kind) ?? 0, sentence, by, agency
    )
  }
}
