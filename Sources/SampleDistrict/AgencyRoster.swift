import CaseRecords
import Causality

/// The part an agency plays in the stories and in the draw of involvements.
package enum AgencyRole: String, CaseIterable, Hashable, Sendable {
  case safeguarding, learningService, educationSocialWork, healthVisitors, schoolNurses, midwives
  case camhs, connexions, youthOffending, positiveActivities, sureStart, portage, housing, police
  case citizensAdvice, voluntary, refuge, primarySchool, highSchool
}

/// The agencies of the district, their practitioners, and what everyone may read about them.
struct AgencyRoster {
  private(set) var agencies: [SampleAgency] = []
  private(set) var practitioners: [SamplePractitioner] = []
  private(set) var byAgency: [AgencyID: [SamplePractitioner]] = [:]
  private(set) var compartments: [SampleCompartment] = []
  /// Those that may appear in an involvement, by locality.
  private(set) var byLocality: [String: [SampleAgency]] = [:]

  init(seed: UInt64) {
    var generator = SeededGenerator(seed: seed, stream: 0xA6E7, index: 0)
    let everywhere = SamplePlaces.localities
    let district: [(AgencyRole, String, String, ClosedRange<Int>, String)] = [
      (.safeguarding, "Safeguarding Service", "council", 0...18, "Social worker"),
      (.learningService, "Learning Service", "council", 3...18, "Learning mentor"),
      (
        .educationSocialWork, "Educational Social Work", "council", 5...16,
        "Education social worker"
      ),
      (.schoolNurses, "School Nursing", "health", 5...16, "School nurse"),
      (.midwives, "Community Midwives", "health", 0...0, "Midwife"),
      (.camhs, "Child and Adolescent Mental Health", "health", 5...18, "Mental health worker"),
      (.connexions, "Connexions", "careers", 13...18, "Personal adviser"),
      (.youthOffending, "Youth Offending Team", "youthJustice", 10...17, "Youth justice worker"),
      (
        .positiveActivities, "Positive Activities for Young People", "voluntary", 8...18,
        "Key worker"
      ),
      (.portage, "Portage", "earlyYears", 0...4, "Home visitor"),
      (.housing, "Neighbourhood Housing", "housing", 0...18, "Tenancy officer"),
      (.police, "Police Youth Liaison", "police", 10...18, "Liaison officer"),
      (.citizensAdvice, "Citizens' Advice", "voluntary", 0...18, "Adviser"),
      (.voluntary, "Homelink Family Support", "voluntary", 0...18, "Family support worker"),
      (.refuge, "Harbour Domestic Abuse Service", "voluntary", 0...18, "Support worker"),
    ]
    for (role, name, sector, ages, job) in district {
      add(role, name, sector, everywhere, ages, job, using: &generator)
    }
    for locality in everywhere {
      let place = CodeLists.locality.label(for: locality) ?? locality
      let local: [(AgencyRole, String, String, ClosedRange<Int>, String)] = [
        (.healthVisitors, "\(place) Health Visitors", "health", 0...4, "Health visitor"),
        (.sureStart, "\(place) Sure Start", "earlyYears", 0...4, "Outreach worker"),
        (.primarySchool, "Tenterfield Primary School, \(place)", "school", 4...10, "Teacher"),
        (.primarySchool, "Mill Dam Primary School, \(place)", "school", 4...10, "Teacher"),
        (.highSchool, "Carr Top High School, \(place)", "school", 11...18, "Head of year"),
      ]
      for (role, name, sector, ages, job) in local {
        add(role, name, sector, [locality], ages, job, using: &generator)
      }
    }
    for locality in everywhere {
      byLocality[locality] = agencies.filter { $0.localities.contains(locality) }
    }
    compartments.append(Self.agreement(using: &generator))
    compartments.append(Self.glossary(of: first(.learningService).id, using: &generator))
  }

  /// The first with this part, in this locality if one is given. Every part is played in every
  /// locality, so this always finds one.
  func first(_ role: AgencyRole, in locality: String? = nil) -> SampleAgency {
    let found = agencies.first {
      $0.role == role && (locality.map($0.localities.contains) ?? true)
    }
    guard let found else { preconditionFailure("the roster lacks \(role)") }
    return found
  }

  /// One of the agency's practitioners; every agency has some.
  func practitioner(of agency: AgencyID, using generator: inout SeededGenerator)
    -> SamplePractitioner
  {
    guard let staff = byAgency[agency] else { preconditionFailure("an agency of another roster") }
    return generator.pick(staff)
  }

  private mutating func add(
    _ role: AgencyRole, _ name: String, _ sector: String, _ localities: [String],
    _ ages: ClosedRange<Int>, _ job: String, using generator: inout SeededGenerator
  ) {
    let agency = SampleAgency(
      id: generator.identifier(), role: role, name: name, sector: sector, localities: localities,
      ages: ages, isSensitive: role == .refuge || role == .camhs)
    agencies.append(agency)
    var staff: [SamplePractitioner] = []
    for _ in 0..<generator.between(3...6) {
      let heritage = Heritage.draw(using: &generator)
      let given = generator.pick(heritage.girls + heritage.boys)
      staff.append(
        SamplePractitioner(
          id: generator.identifier(), agency: agency.id,
          name: "\(given) \(generator.pick(heritage.families))", role: job,
          contact: generator.phone(mobile: generator.chance(percent: 30))))
    }
    practitioners += staff
    byAgency[agency.id] = staff
    compartments.append(directory(agency, using: &generator))
    compartments.append(people(staff, of: agency, using: &generator))
  }
}
