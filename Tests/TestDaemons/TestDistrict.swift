import Foundation

/// A hub and agencies, each behind a line of its own.
package struct TestDistrict {
  package let folder: TestFolder
  package let hub: TestHub
  package let lines: [FaultyLine]
  package let agencies: [TestAgency]

  package init(
    _ names: [String], recording: Bool = false, hasJournalDisk: Bool = false
  ) throws {
    folder = try TestFolder()
    hub = try TestHub(in: folder, hasJournalDisk: hasJournalDisk)
    var lines: [FaultyLine] = []
    var agencies: [TestAgency] = []
    for name in names {
      let line = try FaultyLine(to: hub, recording: recording)
      agencies.append(try TestAgency(name, joining: hub, through: line.port))
      lines.append(line)
    }
    (self.lines, self.agencies) = (lines, agencies)
  }

  /// A child of the first agency, with consent that all may hold it, and held by all.
  package func sharedChild() throws -> String {
    let child = try agencies[0].child(sharedWith: agencies)
    for agency in agencies {
      try agency.synchronise()
      try awaited("the child at \(agency.name)") { try !agency.export(child).isEmpty }
    }
    return child
  }
}
