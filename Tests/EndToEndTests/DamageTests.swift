import Foundation
import Operations
import TestDaemons
import Testing

extension EndToEnd {
  @Suite("Files that are not what they were")
  struct Damage {
    private struct Case {
      let name: String
      let file: String
      let says: String
      let spoil: (inout [UInt8]) -> Void
    }

    private static let wrongKey = Array((String(repeating: "ab", count: 32) + "\n").utf8)

    /// The version of a database's schema stands in its head, in four bytes, big-endian.
    private static func newer(_ bytes: inout [UInt8]) {
      bytes.replaceSubrange(60..<64, with: [0, 0, 0, 99])
      // The page's checksum, formed here once more (decision 17).
      var sum: UInt64 = 0
      for start in stride(from: 0, to: 4_088, by: 8) {
        var word = bytes[start..<start + 8].reversed().reduce(0) { $0 << 8 | UInt64($1) }
        word ^= word >> 32
        sum ^= word &* 0xd6e8_feb8_6659_fd93
        sum = (sum << 29 | sum >> 35) &* 0x9e37_79b9_7f4a_7c15
      }
      sum = (sum << 29 | sum >> 35) &* 0x9e37_79b9_7f4a_7c15
      for index in 0..<8 { bytes[4_088 + index] = UInt8(truncatingIfNeeded: sum >> (8 * index)) }
    }

    private static func cases(ofHub isHub: Bool) -> [Case] {
      let secrets =
        isHub
        ? [Case(name: "no secrets", file: "hub.secrets", says: "Put back") { $0 = [0x7b] }] : []
      return secrets + [
        Case(name: "no head", file: "replica.sqlite", says: "is damaged") {
          $0.replaceSubrange(0..<100, with: [UInt8](repeating: 0x55, count: 100))
        },
        Case(name: "pages overwritten", file: "replica.sqlite", says: "is damaged") {
          for index in 4_096..<$0.count { $0[index] = 0x55 }
        },
        Case(name: "cut short", file: "replica.sqlite", says: "is damaged") {
          $0.removeLast($0.count / 2)
        },
        Case(name: "no keys", file: "keys.sqlite", says: "is damaged") {
          $0 = [UInt8](repeating: 0x55, count: $0.count)
        },
        Case(name: "keys cut short", file: "keys.sqlite", says: "is damaged") {
          $0.removeLast($0.count / 2)
        },
        Case(name: "a newer schema", file: "replica.sqlite", says: "newer", spoil: newer),
        Case(name: "newer keys", file: "keys.sqlite", says: "newer", spoil: newer),
        Case(name: "no key", file: "master.key", says: "Put back") { $0 = Array("zz".utf8) },
        Case(name: "another key", file: "master.key", says: "does not fit") { $0 = wrongKey },
      ]
    }

    @Test("each is refused with exit code 6 and a way forward, and nothing is made worse")
    func refused() throws {
      let district = try TestDistrict(["Alder"])
      let (hub, alder) = (district.hub, district.agencies[0])
      let child = try district.sharedChild()
      try alder.note("note-Alder-1-end", on: child)
      try alder.synchronise()
      try alder.stop()
      try hub.stop()
      let serving = [
        (alder.folder, ["agency", "serve", "--folder", alder.folder], false),
        (hub.folder, ["hub", "serve", "--port", "0", "--folder", hub.folder], true),
      ]
      for (folder, words, isHub) in serving {
        let whole = folder + "-whole"
        try TestFolder.copyFiles(of: folder, to: whole)
        for spoiled in Self.cases(ofHub: isHub) {
          let file = folder + "/" + spoiled.file
          var bytes = try AtomicFile.read(file, maximumBytes: 1 << 26)
          spoiled.spoil(&bytes)
          try AtomicFile.write(bytes, to: file)
          let ended = try DaemonProcess.run(
            arguments: words.map { Array($0.utf8) }, in: district.folder)
          let name = "\(words[0]), \(spoiled.name): \(ended.status) \(ended.text)"
          #expect(ended.status == 6, "\(name)")
          #expect(
            ended.complaint.localizedCaseInsensitiveContains(spoiled.says), "\(name)")
          // What can still be rescued from the file is as it was.
          let isAsItWas = try AtomicFile.read(file, maximumBytes: 1 << 26) == bytes
          #expect(isAsItWas, "\(name)")
          try FileManager.default.removeItem(atPath: folder)
          try TestFolder.copyFiles(of: whole, to: folder)
        }
      }
      try hub.start()
      try alder.start()
      try alder.synchronise()
      #expect(try alder.notes(on: child) == ["note-Alder-1-end"])
    }

    @Test("a damaged replica is rebuilt: the unsent work is in it, the rest comes from the hub")
    func rebuilt() throws {
      let district = try TestDistrict(["Alder"])
      let (hub, alder) = (district.hub, district.agencies[0])
      let child = try district.sharedChild()
      try alder.note("note-Alder-1-end", on: child)
      try alder.synchronise()
      let file = alder.folder + "/replica.sqlite"
      let damages: [(name: String, spoil: (inout [UInt8]) -> Void)] = [
        ("a bit", { $0[$0.count / 2 + 1_000] ^= 4 }),
        // Wherever it falls, what the page held is at the hub, or in the outbox beside it.
        ("a page", { for index in $0.count - 4_096..<$0.count { $0[index] = 0x55 } }),
      ]
      var notes = ["note-Alder-1-end"]
      for (number, damage) in damages.enumerated() {
        try hub.stop()
        let unsent = "note-Alder-\(number + 2)-end"
        try alder.note(unsent, on: child)
        notes.append(unsent)
        try alder.stop()
        var bytes = try AtomicFile.read(file, maximumBytes: 1 << 26)
        damage.spoil(&bytes)
        try AtomicFile.write(bytes, to: file)
        let serving = ["agency", "serve", "--folder", alder.folder]
        let refused = try DaemonProcess.run(
          arguments: serving.map { Array($0.utf8) }, in: district.folder)
        #expect(refused.status == 6, "\(damage.name): \(refused.text)")
        #expect(refused.complaint.contains("cafsync agency rebuild"), "\(refused.complaint)")
        let words = ["agency", "rebuild", "--folder", alder.folder]
        let ended = try DaemonProcess.run(
          arguments: words.map { Array($0.utf8) }, in: district.folder)
        #expect(ended.status == 0, "\(damage.name): \(ended.text) \(ended.complaint)")
        #expect(ended.text.contains("1 unsent change"), "\(damage.name): \(ended.text)")
        try hub.start()
        try alder.start()
        try alder.synchronise()
        #expect(try Set(alder.notes(on: child)).isSuperset(of: notes), "\(damage.name)")
      }
    }
  }
}
