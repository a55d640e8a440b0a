import CaseRecords
import Foundation
import HTTPTransport
import Operations
import TestDaemons
import Testing

extension EndToEnd {
  @Suite("Bad input")
  struct BadInput {
    @Test("each ends with its documented code and says what to do; the daemons stay up")
    func commands() throws {
      let folder = try TestFolder()
      let hub = try TestHub(in: folder)
      let agency = try TestAgency("Alder", joining: hub)
      let child = ["child", "add", "--family", "Ash", "--date-of-birth", "2001-02-03"]
        .map { Array($0.utf8) }
      let held = ["--folder", agency.folder].map { Array($0.utf8) }
      func words(_ text: String...) -> [[UInt8]] { text.map { Array($0.utf8) } }
      let unknownKey = folder.path + "/unknown.json5"
      try Data("{ folder: \"\(agency.folder)\", practitionr: \"Ann Ash\" }".utf8)
        .write(to: URL(fileURLWithPath: unknownKey))
      let cases: [(String, [[UInt8]], status: Int32, says: String)] = [
        (
          "a name that is no UTF-8", child + words("--given") + [[0x4b, 0xff, 0xfe]] + held, 2,
          "not UTF-8"
        ),
        (
          "an NHS number with a wrong check digit",
          child + words("--given", "Kit", "--nhs-number", "9434765918") + held, 2,
          "compare it with the card"
        ),
        ("a second daemon on one folder", words("agency", "serve") + held, 8, "Stop it first"),
        (
          "a second hub on one folder",
          words("hub", "serve", "--port", "0", "--folder", hub.folder),
          8, "Stop it first"
        ),
        ("an unknown key", words("agency", "serve", "--config", unknownKey), 3, "practitioner"),
        (
          "a wrong code",
          words(
            "agency", "join", "--hub", hub.url, "--code", "AAAA-BBBB-CCCC-DDDD", "--folder",
            folder.path + "/joining"), 5, "letter by letter"
        ),
        (
          "a folder that holds no hub", words("hub", "serve", "--folder", folder.path), 3,
          "hub init"
        ),
        (
          "a folder that cannot be made", words("hub", "init", "--folder", "/proc/cafsync"), 3,
          "Check the path"
        ),
      ]
      for (name, arguments, status, says) in cases {
        let ended = try DaemonProcess.run(arguments: arguments, in: folder)
        #expect(ended.status == status, "\(name): \(ended.text)")
        #expect(ended.text.contains(says), "\(name): \(ended.text)")
      }
      #expect(hub.process?.isRunning == true && agency.process?.isRunning == true)
      try agency.synchronise()
    }

    @Test("a port in use is named, and both hubs lose nothing")
    func portInUse() throws {
      let district = try TestDistrict(["Alder"])
      let second = district.folder.path + "/second"
      #expect(
        try DaemonProcess.run("hub", "init", "--folder", second, in: district.folder).status == 0)
      let ended = try DaemonProcess.run(
        "hub", "serve", "--port", "\(district.hub.port)", "--folder", second, in: district.folder)
      #expect(ended.status == 8, "\(ended.text)")
      #expect(ended.complaint.contains("\(district.hub.port)"), "\(ended.text)")
      try district.agencies[0].synchronise()
    }

    @Test("a field beyond its limit is refused with the limit, and the one at the limit is kept")
    func longField() throws {
      let district = try TestDistrict(["Alder"])
      let agency = district.agencies[0]
      let child = try agency.child(sharedWith: [agency])
      try agency.ask("caf-start", ["child": .string(child)])
      func write(_ bytes: Int) throws {
        try agency.ask(
          "caf-write",
          [
            "child": .string(child), "element": "identity",
            "needs": .string(String(repeating: "x", count: bytes)),
          ])
      }
      for bytes in [1 << 20, RecordLimits.longTextBytes + 1] {
        let refusal = #expect(throws: LocalFailure.self) { try write(bytes) }
        #expect(refusal?.exit == .usage, "\(bytes)")
        let digits = refusal?.sentence.filter(\.isNumber) ?? ""
        #expect(
          digits.contains("\(RecordLimits.longTextBytes)"), "\(bytes): \(refusal?.sentence ?? "")")
      }
      try write(RecordLimits.longTextBytes)
      try district.agencies[0].synchronise()
    }
  }
}
