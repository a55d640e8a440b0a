package import CaseRecords
import Causality

// A whole district that never existed: its agencies, practitioners, families and assessments, made
// from one number. The same number gives the same district on every machine, so a benchmark, a
// demonstration and a failing test can name theirs by its seed.
//
// Everything is drawn from streams of its own (one for the agencies, one for each family, one for
// each story): a larger district begins with the families of the smaller one. All names are put
// together at random, phone numbers and NHS numbers come from the ranges set aside for samples, and
// postcodes from an area that no address has.

/// A district as plain records, which a loader writes through the store.
package struct District: Hashable, Sendable {
  /// The day on which all ages and "as of" dates are reckoned: 30 April 2007.
  package static let today = CalendarDate.sampleDay
  package static let agreementVersion = "2006-09"
  /// The most children that one call makes: ten times the largest district of England.
  package static let childrenMax = 1_000_000

  package let seed: UInt64
  package let agencies: [SampleAgency]
  package let practitioners: [SamplePractitioner]
  /// Directory, practitioners, glossary and agreement: not about a child.
  package let openCompartments: [SampleCompartment]
  /// As many as were asked for; those of the stories come on top.
  package let children: [SampleChild]
  package let stories: [SampleStory]

  /// The children of the district and of its stories.
  package var everyChild: [SampleChild] { children + stories.flatMap(\.children) }

  /// `children` must lie in 0…`childrenMax`: a programmer's error otherwise.
  package static func generate(children count: Int, seed: UInt64) -> District {
    precondition((0...childrenMax).contains(count), "a district has 0 to \(childrenMax) children")
    let roster = AgencyRoster(seed: seed)
    var children: [SampleChild] = []
    children.reserveCapacity(count)
    var family = 0
    while children.count < count {
      var generator = SeededGenerator(seed: seed, stream: 0xFA31, index: family)
      let drawn = FamilyGenerator.draw(roster: roster, using: &generator)
      children += drawn.prefix(count - children.count)
      family += 1
    }
    return District(
      seed: seed, agencies: roster.agencies, practitioners: roster.practitioners,
      openCompartments: roster.compartments, children: children,
      stories: StoryTeller.stories(roster: roster, seed: seed))
  }
}

extension CalendarDate {
  fileprivate static let sampleDay: CalendarDate = {
    guard let day = CalendarDate(year: 2007, month: 4, day: 30) else {
      preconditionFailure("30 April 2007 is a day of the calendar")
    }
    return day
  }()
}
