import Foundation
import HTTPTransport
import Operations
import Testing

/// What a practitioner of the tests does.
extension TestAgency {
  /// A child whose index may be shared with the agencies named.
  package func child(
    _ given: String = "Kit", sharedWith agencies: [TestAgency], categories: String = "index"
  ) throws -> String {
    let added = try ask(
      "child-add",
      [
        "given": .string(given), "family": "Canaryname", "dateOfBirth": "2001-02-03",
        "anyway": true,
      ])
    let child = try #require(added["child"]?.stringValue)
    try consent("consent-give", child, agencies, categories)
    return child
  }

  package func consent(
    _ operation: String, _ child: String, _ agencies: [TestAgency], _ categories: String
  ) throws {
    try consent(operation, child, agencies: agencies.map(\.name), categories)
  }

  /// - Parameter agencies: by their names or identifiers.
  package func consent(
    _ operation: String, _ child: String, agencies: [String], _ categories: String
  ) throws {
    var input = JSON.Object()
    input["child"] = .string(child)
    input["agencies"] = .array(agencies.map { .string($0) })
    input["categories"] = .string(categories)
    if operation == "consent-give" {
      input["by"] = "Mother"
      input["relationship"] = "mother"
      input["capacity"] = "parentalResponsibility"
      input["agreement"] = "2006-09"
      input["knowingWithdrawal"] = "all"
    }
    try ask(operation, .object(input))
  }

  /// A record of its own with a text that stands nowhere else.
  package func note(_ text: String, on child: String) throws {
    try ask("involvement-add", ["child": .string(child), "role": .string(text)])
  }

  /// Everything held of a child, as text.
  package func export(_ child: String) throws -> String {
    do {
      return try ask("export", ["child": .string(child)]).text()
    } catch let error as LocalFailure where error.exit == .failure {
      return ""
    }
  }

  /// The texts of all notes, sorted: one twice would stand here twice.
  package func notes(on child: String) throws -> [String] {
    try export(child).matches(of: #/note-[A-Za-z]+-[0-9]+-end/#).map { String($0.output) }.sorted()
  }
}

/// Waits until both hold the same notes, and says which are missing or twice if they never do.
package func converge(_ agencies: [TestAgency], on child: String, to written: [String]) throws {
  for agency in agencies { try agency.synchronise() }
  let expected = written.sorted()
  for agency in agencies {
    do {
      try awaited("\(agency.name) to hold all") { try agency.notes(on: child) == expected }
    } catch is Overdue {
      let found = try agency.notes(on: child)
      let missing = Set(expected).subtracting(found).sorted()
      let twice = Dictionary(grouping: found, by: \.self).filter { $0.value.count > 1 }.keys
      let status = try agency.ask("status").text()
      Issue.record("\(agency.name) lacks \(missing), twice: \(twice.sorted()), status \(status)")
    }
  }
}
