import Foundation
import HTTPTransport
import Operations
import TestDaemons
import Testing

extension EndToEnd {
  @Suite("What the hub counts")
  struct Reports {
    private func complete(
      _ count: Int, at agency: TestAgency, with other: TestAgency, needs: (Int) -> String
    ) throws {
      for number in 0..<count {
        let child = try agency.child(sharedWith: [other], categories: "index,development")
        try agency.ask("caf-start", ["child": .string(child), "ledTo": "Canaryword"])
        try agency.ask(
          "caf-write",
          [
            "child": .string(child), "element": "identity", "needs": "Canaryword",
            "needCodes": .string(needs(number)),
          ])
        try agency.ask("caf-complete", ["child": .string(child)])
      }
      try agency.synchronise()
    }

    /// Of the rows of a report, the ranges of all children: "20–24".
    private func totals(_ report: JSON) -> [String: String] {
      (report["rows"]?.arrayValue ?? []).reduce(into: [:]) { totals, row in
        guard let from = row["children"]?["from"]?.integerValue else { return }
        totals[row["reason"]?.stringValue ?? ""] =
          "\(from)–\(row["children"]?["to"]?.integerValue ?? 0)"
      }
    }

    @Test("why CAFs are done: each CAF once, in ranges, and the same report for ever")
    func reasons() throws {
      let district = try TestDistrict(["Alder", "Birch"])
      let (hub, alder, birch) = (district.hub, district.agencies[0], district.agencies[1])
      #expect(try hub.command("report", "needs")["report"] == .null)
      try complete(19, at: alder, with: birch) { $0 < 11 ? "behaviour" : "money" }
      func close() throws -> DaemonProcess.Ended {
        try DaemonProcess.run(
          "hub", "report", "needs", "--close", "--json", "--folder", hub.folder,
          in: district.folder)
      }
      let early = try close()
      #expect(early.status == 7 && early.text.contains("too few"))
      try complete(3, at: alder, with: birch) { _ in "home" }
      try #require(try close().status == 0)
      let first = try hub.command("report", "needs")
      #expect(totals(first) == ["all": "20–24", "behaviour": "10–14", "money": "5–9"])
      let lines = try #require(
        first["rows"]?.arrayValue?.first { $0["reason"] == "home" }?["locality"]?.arrayValue)
      #expect(lines.allSatisfy { $0 == .null })
      for kept in ["Canary", "Kit"] { #expect(!first.text().contains(kept)) }

      // A later run with one child more is the same report; and a new one is refused.
      try complete(1, at: birch, with: alder) { _ in "home" }
      #expect(try hub.command("report", "needs") == first)
      #expect(try close().status == 7)

      // The next counts the new ones alone, and the first stays as it was.
      try complete(21, at: birch, with: alder) { $0 < 6 ? "money" : "goods" }
      try #require(try close().status == 0)
      let second = try hub.command("report", "needs")
      #expect(totals(second) == ["all": "20–24", "goods": "15–19", "money": "5–9"])
      #expect(second["report"] == 2 && second["reports"] == 2)
      try hub.stop()
      try hub.start()
      #expect(try hub.command("report", "needs", "--report", "1")["rows"] == first["rows"])
      #expect(try close().status == 7)
      let audit = try hub.command("audit", "list", "--action", "report being closed")["lines"]
      #expect(audit?.arrayValue?.map { $0["subject"] } == ["needs 2", "needs 1"])
    }

    @Test("who reports to the index, who is silent, and how long answers take")
    func coverageAndEnquiries() throws {
      let district = try TestDistrict(["Alder", "Birch"])
      let (hub, alder) = (district.hub, district.agencies[0])
      _ = try TestAgency("Secret Clinic", joining: hub, isSensitive: true)
      try hub.command(
        "agency", "add", "=Dove Trust", "--sector", "voluntary", "--locality", "batley")
      try hub.command("agency", "add", "Dale", "--sector", "health", "--locality", "dewsbury")
      let coverage = try hub.command("report", "coverage")
      let rows = try #require(coverage["localities"]?.arrayValue)
      #expect(rows.map { $0["locality"] } == ["batley", "dewsbury"])
      #expect(rows[0]["agencies"] == 3 && rows[0]["reporting"] == 2 && rows[0]["voluntary"] == 1)
      #expect(rows[0]["silent"]?.arrayValue?.map { $0["agency"] } == ["=Dove Trust"])
      #expect(rows[1]["reporting"] == 0 && rows[1]["oldestAgency"] == .null)
      #expect(
        coverage["all"]?["words"]?.stringValue?.hasPrefix("2 of 4 agencies reporting; oldest")
          == true)
      #expect(!coverage.text().contains("Clinic"))
      let table = try DaemonProcess.run(
        "hub", "report", "coverage", "--csv", "--folder", hub.folder, in: district.folder)
      // A spreadsheet would run it.
      #expect(table.output.contains(",'=Dove Trust (never in contact)\r\n"))

      try alder.ask(
        "check", ["given": "Canaryname", "reason": "concern", "consent": "Form of 4 December"])
      try alder.synchronise()
      let enquiries = try awaited("the answer") { () throws -> JSON? in
        let report = try hub.command("report", "enquiries")
        return report["all"]?["answered"] == 1 ? report : nil
      }
      let all = try #require(enquiries["all"])
      #expect(all["medianMilliseconds"]?.unsignedValue ?? .max < 60_000)
      #expect(all["unanswered"]?.arrayValue?.allSatisfy { $0["count"] == 0 } == true)
      #expect(enquiries["agencies"]?.arrayValue?.map { $0["agency"] } == ["Alder"])
      #expect(!enquiries.text().contains("Canaryname"))
    }

    @Test("whose training runs out, by agency, soonest first")
    func training() throws {
      let district = try TestDistrict(["Alder"])
      let (hub, alder) = (district.hub, district.agencies[0])
      for (name, trained, refresher) in [
        ("Bea Overdue", "2020-01-01", "2021-01-01"), ("Cal Valid", "2020-01-01", "2199-01-01"),
      ] {
        try alder.ask(
          "practitioner-add",
          [
            "name": .string(name), "trained": .string(trained), "refresher": .string(refresher),
          ])
      }
      try alder.synchronise()
      let report = try awaited("the list") { () throws -> JSON? in
        let report = try hub.command("report", "training", "--within", "90")
        return report["agencies"]?.arrayValue?.first?["practitioners"] == 3 ? report : nil
      }
      let row = try #require(report["agencies"]?.arrayValue?.first)
      #expect(row["overdue"] == 1 && row["valid"] == 1 && row["untrained"] == 1)
      #expect(
        report["practitioners"]?.arrayValue?.map { $0["name"] } == ["Bea Overdue", "Ann Ash"])
      let wider = try hub.command("report", "training", "--within", "3650")
      #expect(wider["practitioners"]?.arrayValue?.count == 2)
    }
  }
}
