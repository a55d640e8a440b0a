import HTTPTransport
import Operations

// `report-…`: counts, times and lists of staff. Nothing that is in a child's record but through
// `Tabulation`.
extension HubAdministration {
  func report(_ name: String, _ arguments: JSON) throws -> JSON {
    switch name {
    case "report-coverage": try CoverageReport(core: core).answer()
    case "report-needs":
      try ReasonsReport(core: core).answer(
        HubPaging.number(arguments, "report", in: 1...Int64.max))
    case "report-enquiries": try EnquiriesReport(core: core).answer()
    case "report-training":
      try TrainingReport(core: core).answer(
        withinDays: arguments["withinDays"]?.integerValue ?? 90)
    case "report-issues": try IssuesReport(core: core).answer()
    default: throw LocalFailure(.usage, "The hub knows no report \"\(name)\".")
    }
  }
}
