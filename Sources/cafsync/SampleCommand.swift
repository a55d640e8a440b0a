import AgencyService
import Operations

/// `cafsync sample`: a whole invented district from one number.
enum SampleCommand {
  static let command = Command(
    "sample", "print a generated district: agencies, families, assessments, five stories",
    discussion: """
      The same number gives the same district on every machine. Names are put together at random; \
      phone numbers and NHS numbers are from the ranges set aside for samples.
      """,
    [
      .option("children", "N", "How many children.", standard: "10"),
      .option("seed", "S", "The number that it is made from.", standard: "1"), .json,
    ]
  ) { invocation in
    let children = try invocation.integer("children", in: 0...SampleJSON.childrenMax) ?? 10
    let seed = try invocation.integer("seed", in: 0...Int.max) ?? 1
    let district = SampleJSON.district(children: children, seed: UInt64(seed))
    Terminal.show(district, invocation, AgencyPrinting.text)
    return .success
  }
}
