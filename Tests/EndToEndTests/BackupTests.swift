import Foundation
import Operations
import TestDaemons
import Testing
import TestSupport

extension EndToEnd {
  @Suite("Private notes against the loss of a device")
  struct Backups {
    private static let passphrase = "three quiet herons"

    private func type(
      at agency: TestAgency, _ line: String, _ words: String...
    ) throws -> DaemonProcess.Ended {
      try DaemonProcess.run(
        arguments: (words + ["--folder", agency.folder, "--json"]).map { Array($0.utf8) },
        input: line + "\n", in: agency.root)
    }

    private func child(_ given: String, at agency: TestAgency) throws -> String {
      let added = try agency.command("child", "add", "--given", given, "--family", "Canaryname")
      return try #require(added["child"]?.stringValue)
    }

    private func notes(_ agency: TestAgency, _ child: String) throws -> [String] {
      try agency.command("note", "list", child).text().matches(of: #/private[A-Z][a-z]+end/#)
        .map { String($0.output) }.sorted()
    }

    private func standing(_ agency: TestAgency) throws -> JSON {
      try #require(try agency.command("agency", "status")["privateBackup"])
    }

    private func isBackedUp(_ agency: TestAgency) throws -> Bool {
      try standing(agency)["isCurrent"] == true
    }

    /// Everything that the hub has: what was sent to it, and its files.
    private func expectUnknown(_ words: [String], at district: TestDistrict) throws {
      let search = ByteSearch(words.map { .init(word: $0) })
      for line in district.lines {
        for (index, bytes) in line.sent.enumerated() {
          #expect(search.found(in: bytes).isEmpty, "connection \(index)")
        }
      }
      #expect(try TestFolder.search([district.hub.folder], forWords: words).isEmpty)
    }

    @Test("the folder is lost: joined anew and restored, every note is there, and none was sent")
    func lostFolder() throws {
      let district = try TestDistrict(["Alder"], recording: true)
      let (hub, alder, line) = (district.hub, district.agencies[0], district.lines[0])
      let stick = district.folder.path + "/stick"
      try FileManager.default.createDirectory(atPath: stick, withIntermediateDirectories: true)
      try alder.stop()
      alder.backupFile = stick + "/notes.backup"
      try alder.start()
      let child = try child("Kit", at: alder)
      try alder.command("note", "add", child, "--text", "privateHeronwordend")
      let set = try type(at: alder, Self.passphrase, "agency", "backup", "set")
      try #require(set.status == 0, "\(set.text)")
      try alder.command("note", "add", child, "--text", "privateOtterwordend")
      try awaited("the backup to follow") { try isBackedUp(alder) }
      try alder.synchronise()
      // Neither the words, nor the child's name, nor the passphrase.
      let words = ["privateHeronwordend", "privateOtterwordend"]
      #expect(
        try TestFolder.search([stick], forWords: words + ["Canaryname", Self.passphrase]).isEmpty)
      let logged = try String(contentsOfFile: alder.log, encoding: .utf8)
      #expect(!logged.contains("privateHeron") && !logged.contains(Self.passphrase))

      // Killed, so that nothing is written at the end.
      alder.destroy()
      try FileManager.default.removeItem(atPath: alder.folder)
      let second = try TestAgency(
        deviceOf: "Alder", folder: district.folder.path + "/second", joining: hub,
        through: line.port, backupFile: alder.backupFile)
      try second.synchronise()
      #expect(try notes(second, child).isEmpty)
      let file = try #require(second.backupFile)
      let wrong = try type(at: second, "four loud herons", "agency", "backup", "restore", file)
      #expect(wrong.status == 5 && wrong.complaint.contains("not the passphrase"))
      #expect(try notes(second, child).isEmpty)
      for isFirst in [true, false] {
        let restored = try type(at: second, Self.passphrase, "agency", "backup", "restore", file)
        try #require(restored.status == 0, "\(restored.text)")
        #expect(try JSON.parse(restored.output)["restored"] == (isFirst ? 1 : 0))
        #expect(try notes(second, child) == words)
      }
      // The new device goes on backing up by itself, and its own backup holds all of it.
      try second.command("note", "add", child, "--text", "privateNewtwordend")
      try awaited("the backup to go on") { try isBackedUp(second) }
      try second.synchronise()
      #expect(try standing(second)["failure"] == .null)
      #expect(try notes(second, child) == ["privateHeronwordend", "privateNewtwordend", words[1]])
      try expectUnknown(words + ["privateNewtwordend"], at: district)
      // The search can fail: what is shared is found.
      let shared = ByteSearch([.init(word: "Canaryname")])
      #expect(line.sent.contains { !shared.found(in: $0).isEmpty })
    }

    @Test("an old copy of the folder put back neither loses nor overwrites what the backup has")
    func oldCopy() throws {
      let district = try TestDistrict(["Alder"])
      let alder = district.agencies[0]
      let child = try child("Kit", at: alder)
      try alder.command("note", "add", child, "--text", "privateFirstend")
      try #require(try type(at: alder, Self.passphrase, "agency", "backup", "set").status == 0)
      try alder.stop()
      let old = district.folder.path + "/old"
      try TestFolder.copyFiles(of: alder.folder, to: old)
      try alder.start()
      try alder.command("note", "add", child, "--text", "privateLostend")
      try awaited("the backup to follow") { try isBackedUp(alder) }
      alder.destroy()
      // Over the same files, so that not even their inodes are others.
      for name in try FileManager.default.contentsOfDirectory(atPath: old) {
        let bytes = try Data(contentsOf: URL(fileURLWithPath: old + "/" + name))
        let target = URL(fileURLWithPath: alder.folder + "/" + name)
        try bytes.write(to: target)
      }
      for name in ["replica.sqlite", "keys.sqlite"] {
        for suffix in ["-wal", "-shm"]
        where !FileManager.default.fileExists(atPath: old + "/" + name + suffix) {
          unlink(alder.folder + "/" + name + suffix)
        }
      }
      try alder.start()
      try alder.command("note", "add", child, "--text", "privateNewend")
      #expect(try notes(alder, child) == ["privateFirstend", "privateNewend"])
      try awaited("the refusal to overwrite") {
        try standing(alder)["failure"]?.stringValue?.contains("backup restore") == true
      }
      let file = alder.folder + ".private-backup"
      let restored = try type(at: alder, Self.passphrase, "agency", "backup", "restore", file)
      try #require(restored.status == 0, "\(restored.text)")
      #expect(try notes(alder, child) == ["privateFirstend", "privateLostend", "privateNewend"])
      try awaited("backups to go on") { try isBackedUp(alder) }
    }

    @Test("erased with the hub's consent, a child's notes are in the backup no more")
    func erased() throws {
      let district = try TestDistrict(["Alder"])
      let alder = district.agencies[0]
      let (child, other) = (try child("Kit", at: alder), try child("Lee", at: alder))
      try alder.command("note", "add", child, "--text", "privateGoneend")
      try alder.command("note", "add", other, "--text", "privateStaysend")
      try #require(try type(at: alder, Self.passphrase, "agency", "backup", "set").status == 0)
      let file = alder.folder + ".private-backup"
      let before = try Data(contentsOf: URL(fileURLWithPath: file))
      try alder.command("erase", child, "--yes", "--reason", "asked")
      try alder.synchronise()
      try awaited("another backup") {
        try isBackedUp(alder) && Data(contentsOf: URL(fileURLWithPath: file)) != before
      }
      try alder.stop()
      try FileManager.default.removeItem(atPath: alder.folder)
      let second = try TestAgency(
        deviceOf: "Alder", folder: district.folder.path + "/second", joining: district.hub)
      #expect(try Data(contentsOf: URL(fileURLWithPath: file)) != before)
      let early = district.folder.path + "/early"
      try before.write(to: URL(fileURLWithPath: early))
      // Before the hub has told the new device of anything, a file that somebody kept brings it
      // back; and it goes again.
      for name in [file, early] {
        try #require(
          try type(at: second, Self.passphrase, "agency", "backup", "restore", name).status == 0)
      }
      try second.synchronise()
      try awaited("the other child") { try notes(second, other) == ["privateStaysend"] }
      try awaited("the end of what was erased") {
        try second.run(["note", "list", child]).status == 1
      }
    }

    @Test("on a stick whose files have neither rights nor second names it is written all the same")
    func simpleStick() throws {
      let district = try TestDistrict(["Alder"])
      let alder = district.agencies[0]
      let stick = district.folder.path + "/stick"
      try FileManager.default.createDirectory(atPath: stick, withIntermediateDirectories: true)
      let source = URL(fileURLWithPath: #filePath).deletingLastPathComponent().path
      let library = district.folder.path + "/stick.so"
      let made = try DaemonProcess.run(
        wrapper: [
          "sh", "-c",
          "clang -shared -fPIC -Wall -Werror -o '\(library)' '\(source)/Stick/PlainStick.c'",
        ], in: district.folder)
      try #require(made.status == 0, "\(made.text)")
      try alder.stop()
      alder.backupFile = stick + "/notes.backup"
      alder.entrance = ["env", "LD_PRELOAD=\(library)", "STICK_FOLDER=\(stick)"]
      try alder.start()
      let child = try child("Kit", at: alder)
      let set = try type(at: alder, Self.passphrase, "agency", "backup", "set")
      try #require(set.status == 0, "\(set.text)")
      try alder.command("note", "add", child, "--text", "privateHeronwordend")
      let now = try alder.run(["agency", "backup", "now"])
      #expect(now.status == 0, "\(now.text)")
      #expect(try FileManager.default.contentsOfDirectory(atPath: stick) == ["notes.backup"])
    }
  }
}
