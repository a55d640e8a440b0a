import Foundation
import Operations
import TestDaemons
import Testing

extension EndToEnd {
  /// A daemon whose wall clock is wrong from its start, as after a dead battery or a wrong setting.
  @Suite("A clock that is ten years off")
  struct Clocks {
    private static let tenYears = 315_576_000

    /// `Clock/ShiftedClock.c` between a daemon and the system's clock.
    private static func shifted(by seconds: Int, in folder: TestFolder) throws -> [String] {
      let library = folder.path + "/shift\(seconds).so"
      let source = URL(fileURLWithPath: #filePath).deletingLastPathComponent().path
      let made = try DaemonProcess.run(
        wrapper: [
          "sh", "-c",
          "clang -shared -fPIC -Wall -Werror -o '\(library)' '\(source)/Clock/ShiftedClock.c'",
        ], in: folder)
      try #require(made.status == 0, "\(made.text)")
      return ["env", "LD_PRELOAD=\(library)", "CLOCK_SHIFT_SECONDS=\(seconds)"]
    }

    @Test("on a device: what others shared is locked or goes, comes back, and nothing is lost")
    func device() throws {
      for seconds in [-Self.tenYears, Self.tenYears] {
        let district = try TestDistrict(["Alder", "Birch"])
        let (hub, alder, birch) = (district.hub, district.agencies[0], district.agencies[1])
        let child = try district.sharedChild()
        try alder.note("note-Alder-1-end", on: child)
        try birch.note("note-Birch-1-end", on: child)
        var all = ["note-Alder-1-end", "note-Birch-1-end"]
        try converge([alder, birch], on: child, to: all)
        try birch.stop()
        try hub.stop()

        birch.entrance = try Self.shifted(by: seconds, in: district.folder)
        try birch.start()
        // Nobody reads what others shared before the hub has told the time.
        #expect(try birch.notes(on: child) == ["note-Birch-1-end"], "\(seconds) s")
        try birch.note("note-Birch-2-end", on: child)
        try hub.start()
        try alder.note("note-Alder-2-end", on: child)
        all += ["note-Birch-2-end", "note-Alder-2-end"]
        try converge([alder, birch], on: child, to: all)

        // Set right again, which looks like the opposite.
        try birch.stop()
        birch.entrance = []
        try birch.start()
        try birch.note("note-Birch-3-end", on: child)
        all.append("note-Birch-3-end")
        try converge([alder, birch], on: child, to: all)
        #expect(try hub.ask("status")["quarantined"] == 0, "\(seconds) s")
      }
    }

    @Test("at the hub: nothing is lost, and all are in step when it is set right")
    func hub() throws {
      for seconds in [-Self.tenYears, Self.tenYears] {
        let district = try TestDistrict(["Alder", "Birch"])
        let (hub, alder, birch) = (district.hub, district.agencies[0], district.agencies[1])
        let child = try district.sharedChild()
        var all: [String] = []
        let wrong = try Self.shifted(by: seconds, in: district.folder)
        for (number, entrance) in [wrong, []].enumerated() {
          try hub.stop()
          hub.entrance = entrance
          try hub.start()
          for agency in [alder, birch] {
            all.append("note-\(agency.name)-\(number)-end")
            try agency.note(try #require(all.last), on: child)
          }
          try converge([alder, birch], on: child, to: all)
        }
        // With the right time the devices start again, too.
        for agency in [alder, birch] {
          try agency.stop()
          try agency.start()
        }
        try converge([alder, birch], on: child, to: all)
        #expect(try hub.ask("status")["quarantined"] == 0, "\(seconds) s")
      }
    }

    @Test("a code is refused once its time is over")
    func expiredCode() throws {
      let district = try TestDistrict(["Alder"])
      let hub = district.hub
      let code = try #require(try hub.ask("enrol", ["agency": "Alder"])["code"]?.stringValue)
      try hub.stop()
      hub.entrance = try Self.shifted(by: 7_200, in: district.folder)
      try hub.start()
      let ended = try DaemonProcess.run(
        "agency", "join", "--hub", hub.url, "--code", code, "--folder",
        district.folder.path + "/late", in: district.folder)
      #expect(ended.status == 5 && ended.complaint.contains("expired"), "\(ended.text)")
    }
  }
}
