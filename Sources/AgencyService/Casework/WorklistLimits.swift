/// When something becomes due. Each limit is the last day, or the last age, at which nothing is
/// said yet or still.
enum WorklistLimits {
  /// An active involvement is stale when nothing was heard of it for more days than half a year.
  static let involvementDays = 182
  /// An assessment is out of date after a year, unless it says another day itself.
  static let assessmentDays = 365
  /// Ages in whole years at which a child should have a doctor and a dentist.
  static let universalAges = 0...19
  /// Ages at which a nursery is looked for: from three until the school age.
  static let nurseryAges = 3...4
  /// Ages of compulsory school.
  static let schoolAges = 5...15
  /// How long before its last day it is said that a pre-CAF is deleted by itself.
  static let preCAFWarnedDays = 14
  /// How many children, and how many alerts, one answer lists; how many more there are it says.
  static let listedMax = 200
}
