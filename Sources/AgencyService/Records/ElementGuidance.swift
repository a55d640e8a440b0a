import CaseRecords

/// What to think of in each element of the assessment: to be talked over, never to be ticked off.
/// Left out in print, and hidden when somebody wants the page to themselves.
enum ElementGuidance {
  static func prompts(for element: CAFElement) -> [String] {
    switch element {
    case .generalHealth:
      ["Illness, allergies, medicines", "Sleep, food, teeth", "GP, dentist, immunisations"]
    case .physicalDevelopment:
      ["Growth and weight", "Moving, balance, using the hands", "Sight and hearing"]
    case .speechLanguageCommunication:
      ["Understanding and being understood", "Languages at home", "Talking with others"]
    case .emotionalSocialDevelopment:
      ["Feeling safe and close to somebody", "Coping with stress and change", "Fears and moods"]
    case .behaviouralDevelopment:
      ["Behaviour at home, in school, outside", "Concentration", "Risks taken, offending"]
    case .identity:
      ["How they see themselves", "Confidence and belonging", "Being treated unfairly or bullied"]
    case .relationships:
      ["Family, friends, other adults", "Caring for somebody at home", "Being lonely or left out"]
    case .selfCare:
      ["Washing, dressing, eating by themselves", "Getting about safely", "Growing independence"]
    case .understanding:
      ["Making sense of things, solving problems", "Play and imagination", "Help with learning"]
    case .participation:
      [
        "Nursery, school, training or work", "Being there and joining in",
        "Who helps with learning",
      ]
    case .progress:
      ["Progress for their age", "What they are proud of", "Missed time, catching up"]
    case .aspirations:
      ["Hopes and ambitions", "What they think they can do", "What would help them on"]
    case .basicCare:
      ["Food, warmth, clothing, a clean home", "Being kept safe", "Seeing a doctor when needed"]
    case .emotionalWarmth:
      ["Affection and praise", "Steady relationships", "Changes of carer"]
    case .guidance:
      ["Clear limits and fair discipline", "Play, reading, being encouraged", "Good examples"]
    case .familyHistory:
      ["Illness, loss, separation", "Drink, drugs, violence", "How the family sees itself"]
    case .widerFamily:
      ["Grandparents, relatives, friends of the family", "Who helps, and who needs help"]
    case .housingEmploymentFinance:
      ["Home: room, repair, neighbours", "Work and money, debts, benefits", "Moves"]
    case .communityResources:
      ["Neighbourhood, transport, shops", "Clubs, parks, worship", "School or nursery near"]
    }
  }
}
