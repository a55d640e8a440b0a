package import Causality

/// The 19 elements of the Common Assessment Framework (pre-assessment and assessment forms, DfES
/// 2006). The raw value is the code in the record; `number` fixes the element's place for ever.
package enum CAFElement: String, CaseIterable, Hashable, Sendable {
  // Part 1: development of the baby, child or young person
  case generalHealth, physicalDevelopment, speechLanguageCommunication
  case emotionalSocialDevelopment, behaviouralDevelopment, identity, relationships, selfCare
  case understanding, participation, progress, aspirations
  // Part 2: parents and carers
  case basicCare, emotionalWarmth, guidance
  // Part 3: family and environment
  case familyHistory, widerFamily, housingEmploymentFinance, communityResources

  /// 1…12 in part 1, 21…23 in part 2, 31…34 in part 3.
  package var number: UInt64 {
    switch self {
    case .generalHealth: 1
    case .physicalDevelopment: 2
    case .speechLanguageCommunication: 3
    case .emotionalSocialDevelopment: 4
    case .behaviouralDevelopment: 5
    case .identity: 6
    case .relationships: 7
    case .selfCare: 8
    case .understanding: 9
    case .participation: 10
    case .progress: 11
    case .aspirations: 12
    case .basicCare: 21
    case .emotionalWarmth: 22
    case .guidance: 23
    case .familyHistory: 31
    case .widerFamily: 32
    case .housingEmploymentFinance: 33
    case .communityResources: 34
    }
  }

  /// The part of the form: 1, 2 or 3.
  package var part: Int { number < 20 ? 1 : number < 30 ? 2 : 3 }

  /// Which compartment holds it. The form's heading "Health" covers its first three elements; of
  /// two readings this is the stricter one, for health needs an explicit consent for each agency.
  package var category: Category {
    switch self {
    case .generalHealth, .physicalDevelopment, .speechLanguageCommunication: .health
    default: part == 1 ? .development : .parenting
    }
  }

  package var label: String {
    switch self {
    case .generalHealth: "General health"
    case .physicalDevelopment: "Physical development"
    case .speechLanguageCommunication: "Speech, language and communication"
    case .emotionalSocialDevelopment: "Emotional and social development"
    case .behaviouralDevelopment: "Behavioural development"
    case .identity: "Identity, self-esteem, self-image and social presentation"
    case .relationships: "Family and social relationships"
    case .selfCare: "Self-care and independence"
    case .understanding: "Understanding, reasoning and problem solving"
    case .participation: "Participation in learning, education and employment"
    case .progress: "Progress and achievement in learning"
    case .aspirations: "Aspirations"
    case .basicCare: "Basic care, safety and protection"
    case .emotionalWarmth: "Emotional warmth and stability"
    case .guidance: "Guidance, boundaries and stimulation"
    case .familyHistory: "Family history, functioning and wellbeing"
    case .widerFamily: "Wider family"
    case .housingEmploymentFinance: "Housing, employment and finance"
    case .communityResources: "Social and community resources, including education"
    }
  }

  package static func codeList(part: Int) -> CodeList {
    CodeList("elementPart\(part)", codes(allCases.filter { $0.part == part }))
  }

  package static func codes(_ elements: [CAFElement]) -> [CodeList.Code] {
    elements.map { CodeList.Code(value: $0.rawValue, label: $0.label) }
  }
}

extension Identifier where Tag == RecordTag {
  /// The record of one element of an assessment. It follows from the assessment's own identifier,
  /// so that two agencies that open the same box offline write to one record and merge by field,
  /// rather than making two records of it.
  package static func element(_ element: CAFElement, of assessment: RecordID) -> RecordID {
    RecordID(high: assessment.high, low: assessment.low ^ element.number)
  }

  /// The child's own record in each agency's index compartment: there is exactly one.
  package static func child(_ child: ChildID) -> RecordID {
    RecordID(high: child.high, low: child.low)
  }
}
