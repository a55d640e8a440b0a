import CaseRecords

/// What practitioners might write, in plain words, about nobody in particular.
enum SampleSentences {
  /// For each element: strengths, needs, and the directory's need that it points to.
  static func texts(for element: CAFElement) -> (strengths: [String], needs: [String], code: String)
  {
    switch element {
    case .generalHealth:
      (
        ["Is well and full of energy.", "Immunisations are up to date."],
        ["Is not registered with a GP.", "Has missed two appointments at the dentist."], "noDoctor"
      )
    case .physicalDevelopment:
      (
        ["Loves football and running.", "Eats well at breakfast club."],
        ["Is often hungry in the morning.", "Was late to walk and tires quickly."], "feeding"
      )
    case .speechLanguageCommunication:
      (
        ["Understands two languages.", "Joins in with songs and stories."],
        ["Uses few words for the age.", "Is hard to understand outside the family."],
        "slowDevelopment"
      )
    case .emotionalSocialDevelopment:
      (
        ["Is close to Grandma.", "Has one good friend."],
        ["Is tearful since the move.", "Worries at night and sleeps badly."], "emotional"
      )
    case .behaviouralDevelopment:
      (
        ["Responds well to clear praise.", "Is calm in small groups."],
        ["Lashes out when told no.", "Leaves the classroom without asking."], "behaviour"
      )
    case .identity:
      (
        ["Is proud of playing in the band."], ["Says that nobody likes them."], "isolation"
      )
    case .relationships:
      (
        ["Looks after the little ones with patience."],
        ["Argues with everyone at home in the evening."], "parentSupport"
      )
    case .selfCare:
      (["Gets up and dressed alone."], ["Comes to school without a coat."], "goods")
    case .understanding:
      (["Solves puzzles quickly."], ["Loses the thread of longer instructions."], "slowDevelopment")
    case .participation:
      (
        ["Attends the after-school club."], ["Has missed eleven days this term."], "attendance"
      )
    case .progress:
      (["Reading has come on well."], ["Has fallen behind in mathematics."], "attendance")
    case .aspirations:
      (["Wants to be a mechanic."], ["Sees no point in staying on at school."], "holidays")
    case .basicCare:
      (
        ["Home is warm and there is food."], ["There is no safety gate on the stairs."], "home"
      )
    case .emotionalWarmth:
      (["Parent and child laugh together."], ["Parent says they feel worn out."], "parentSupport")
    case .guidance:
      (["Bedtime is kept to."], ["Rules change from day to day."], "parentSupport")
    case .familyHistory:
      (
        ["The family talks about problems."], ["There has been shouting and fear at home."],
        "violence"
      )
    case .widerFamily:
      (
        ["Grandparents live nearby and help."], ["Grandparents do most of the caring."],
        "grandparents"
      )
    case .housingEmploymentFinance:
      (["One parent has found part-time work."], ["The rent is two months behind."], "money")
    case .communityResources:
      (["The family goes to the community centre."], ["Knows nobody in the street."], "isolation")
    }
  }

  static let ledTo = [
    "The family asked for help after moving house.", "School was worried about attendance.",
    "The health visitor noticed slow speech at the two-year check.",
    "Neighbours' complaints put the tenancy at risk.",
  ]
  static let conclusions = [
    "The family copes well and would cope better with some help in the mornings.",
    "Most needs can be met by services close to home.",
  ]
  static let outcomesWanted = [
    "Comes to school every day.", "The family keeps its home.", "Speaks in short sentences.",
    "Has somewhere safe to play.", "Parent feels supported.",
  ]
  static let actions = [
    "Arrange a visit by the family support worker.", "Agree a plan for the rent arrears.",
    "Refer to the speech and language drop-in.", "Offer a place in the holiday scheme.",
    "Register with a GP.",
  ]
  static let childComments = [
    "I want my own bed.", "I like it when everyone is calm.", "I want to go back to my old school.",
  ]
  static let parentComments = [
    "It helped to tell the story only once.", "We would like fewer meetings.",
  ]
}
