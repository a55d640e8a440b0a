package import CaseRecords

// Which entries of the search index may be about one child? Ten thousand children are fifty million
// pairs, so only those are compared that can come to something: two dates of birth must be the same
// but for a slip, since nothing else outweighs that they differ; and where a date is missing, the
// names must be alike.
extension ChildSearchIndex {
  /// One other entry that may be about the same child.
  package struct Likeness: Hashable, Sendable {
    package let entry: Entry
    package let match: ChildMatch
  }

  package func entry(of compartment: CompartmentID) -> Entry? {
    slotOf[compartment].flatMap { slots[$0] }
  }

  package var compartments: [CompartmentID] { Array(slotOf.keys) }

  /// The entries of other children that are at least likely to be the same.
  /// - Parameter withUndated: Also compare an entry that has a date of birth with those that have
  ///   none. Whoever asks for all entries can leave that to the other side.
  package func likely(
    to compartment: CompartmentID, today: CalendarDate, withUndated: Bool = true
  ) -> [Likeness] {
    guard let slot = slotOf[compartment], let entry = slots[slot] else { return [] }
    var candidates: Set<Int> = []
    for identity in entry.identities {
      guard let birth = identity.identity.dateOfBirth else {
        candidates.formUnion(self.candidates(identity))
        continue
      }
      for day in Self.slips(of: birth) { candidates.formUnion(births[day] ?? []) }
      if withUndated, !undated.isEmpty {
        candidates.formUnion(
          Set(self.candidates(identity, byBirth: false)).intersection(undated))
      }
    }
    return candidates.sorted().compactMap { other in
      guard let known = slots[other], known.child != entry.child else { return nil }
      let matches = entry.identities.flatMap { asked in
        known.identities.map { ChildMatching.match(asked: asked, known: $0, today: today) }
      }
      guard let best = matches.max(by: { Self.isWorse($0, than: $1) }), best.band >= .likely
      else { return nil }
      return Likeness(entry: known, match: best)
    }
  }

  /// A day, with day and month exchanged, and with each one digit changed.
  private static func slips(of day: CalendarDate) -> Set<CalendarDate> {
    var days: Set<CalendarDate> = [day]
    if let swapped = day.dayAndMonthSwapped { days.insert(swapped) }
    for part in [10, 100, 1_000, 1] {
      for digit in 0...9 {
        func with(_ value: Int) -> Int { value - value / part % 10 * part + digit * part }
        let changed = [
          CalendarDate(year: with(day.year), month: day.month, day: day.day),
          part < 100 ? CalendarDate(year: day.year, month: with(day.month), day: day.day) : nil,
          part < 100 ? CalendarDate(year: day.year, month: day.month, day: with(day.day)) : nil,
        ]
        days.formUnion(changed.compactMap { $0 })
      }
    }
    return days
  }
}
