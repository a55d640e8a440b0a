/// Names put together at random from common parts: whoever they resemble is chance. The mix is that
/// of a West Yorkshire district in 2007.
enum Heritage: CaseIterable {
  case british, southAsian, polish, other

  static func draw(using generator: inout SeededGenerator) -> Heritage {
    switch generator.below(100) {
    case 0..<66: .british
    case 66..<88: .southAsian
    case 88..<94: .polish
    default: .other
    }
  }

  var girls: [String] {
    switch self {
    case .british:
      [
        "Chloe", "Ellie", "Megan", "Jessica", "Amy", "Leah", "Holly", "Bethany", "Keira", "Abigail",
        "Mary-Anne", "Caitlin", "Paige", "Lauren", "Hannah", "Molly", "Tia", "Shannon",
      ]
    case .southAsian:
      [
        "Aisha", "Fatima", "Zainab", "Maryam", "Sana", "Iqra", "Khadija", "Alisha", "Nadia",
        "Priya", "Simran", "Hafsa", "Amina", "Noor",
      ]
    case .polish: ["Zofia", "Julia", "Maja", "Łucja", "Natalia", "Oliwia", "Kinga", "Małgorzata"]
    case .other: ["Thandi", "Amara", "Renée", "Grace", "Mei", "Blessing", "Lina", "Océane"]
    }
  }

  var boys: [String] {
    switch self {
    case .british:
      [
        "Jack", "Joshua", "Callum", "Liam", "Connor", "Kieran", "Ryan", "Bradley", "Jordan",
        "Thomas", "Owen", "Lewis", "Nathan", "Seán", "Harvey", "Kyle", "Tyler", "Ben",
      ]
    case .southAsian:
      [
        "Mohammed", "Muhammad", "Ali", "Hamza", "Bilal", "Usman", "Ibrahim", "Yusuf", "Adeel",
        "Arjun", "Rohan", "Zain", "Imran", "Haroon",
      ]
    case .polish:
      ["Jakub", "Kacper", "Mateusz", "Michał", "Paweł", "Bartosz", "Szymon", "Wojciech"]
    case .other: ["Tendai", "Kofi", "André", "Jun", "Emmanuel", "Samir", "Luca", "Tariro"]
    }
  }

  var families: [String] {
    switch self {
    case .british:
      [
        "Hollingthwaite", "Ackersley", "Brearcliffe", "Thornbeck", "O'Garrity", "Wadsmoor",
        "Sykesby", "Crossland-Firth", "Dewsnop", "Birkenroyd", "Haighwood", "Oldroydley",
        "Pickersbank", "Ramsbothwell", "Greenhalsh", "Tattersby", "McAldroy", "Lumbley-Shaw",
      ]
    case .southAsian:
      [
        "Hussaini", "Mahmoodi", "Akhtari", "Rehmani", "Siddiqpur", "Patelwala", "Choudhrani",
        "Bhattison", "Qureshani", "Gillani-Shah", "Kauranda", "Mirzapuri",
      ]
    case .polish: ["Kowalewicz", "Nowakowicz", "Wiśniecki", "Dąbrowicz", "Zielonka", "Łęczyński"]
    case .other: ["Okonjeni", "Mbatha-Reid", "Delacroisier", "Chengwei", "Ferrantino", "Adeyomi"]
    }
  }

  /// Codes of the list `ethnicity`.
  var ethnicities: [String] {
    switch self {
    case .british: ["A", "A", "A", "A", "A", "A", "A", "B", "D", "F"]
    case .southAsian: ["H", "J", "J", "J", "K", "L"]
    case .polish: ["C"]
    case .other: ["D", "E", "G", "M", "N", "P", "R", "S", "Z"]
    }
  }

  var languages: [String] {
    switch self {
    case .british: ["English"]
    case .southAsian: ["English", "Punjabi", "Urdu", "Gujarati"]
    case .polish: ["Polish"]
    case .other: ["English", "French", "Shona", "Mandarin"]
    }
  }
}

enum SamplePlaces {
  static let streets = [
    "Ginnel Fold", "Lower Tenter Row", "Mungo Street", "Shoddy Mill Lane", "Ratcliffe Hey",
    "Weaver's Croft", "Upper Snicket", "Carding Bank", "Bobbin Court", "Fuller's Rise",
  ]
  static let localities = ["batley", "dewsbury", "huddersfieldSouth"]
}
