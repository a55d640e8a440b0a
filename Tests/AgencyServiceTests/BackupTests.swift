import CaseRecords
import Causality
import Cryptography
import Foundation
import Operations
import SyncEngine
import Testing

@testable import AgencyService

@Suite("The backup of private notes, as the daemon keeps it")
struct BackupTests {
  private static let words: JSON = ["passphrase": "three quiet herons"]

  /// A folder to which a stick is plugged in, and an agency whose daemon backs up to it.
  private final class Desk {
    let agency = AgencyID(high: .random(in: 0 ... .max), low: 2)
    let stick = FileManager.default.temporaryDirectory.path + "/cafsync-\(UUID().uuidString)"
    let folder: TestAgencyFolder
    var file: String { stick + "/notes.backup" }

    init() throws {
      folder = try TestAgencyFolder(of: agency)
      try plugIn()
    }

    func plugIn() throws {
      try FileManager.default.createDirectory(
        atPath: stick, withIntermediateDirectories: true)
    }

    /// All of it at once: the daemon may be writing into it.
    func pullOut() throws { try FileManager.default.moveItem(atPath: stick, toPath: pulledOut) }

    private var pulledOut: String { stick + "-out" }

    // A folder that cannot be removed is no failure of the test.
    deinit {
      for folder in [stick, pulledOut] { try? FileManager.default.removeItem(atPath: folder) }
    }

    func serving<T>(
      _ folder: TestAgencyFolder? = nil, _ body: (AgencyDaemon) throws -> T
    ) throws -> T {
      try (folder ?? self.folder).serving(backup: file, body)
    }

    func bytes() throws -> [UInt8] {
      try AtomicFile.read(file, maximumBytes: PrivateBackupFile.bytesMax)
    }

    func restoring(_ other: String? = nil) -> JSON {
      ["file": .string(other ?? file), "passphrase": "three quiet herons"]
    }
  }

  /// Has a child with a note on it, and answers with the child.
  @discardableResult
  private func write(_ text: String, at daemon: AgencyDaemon) throws -> JSON {
    if try daemon.ask("practitioner-list")["practitioners"]?.arrayValue?.isEmpty != false {
      try daemon.ask("practitioner-add", ["name": "Ann Ash"])
    }
    let child = try #require(
      try daemon.ask(
        "child-add", ["given": "Kit", "family": "Canary", "anyway": true])["child"])
    try daemon.ask("note-add", ["child": child, "text": .string(text)])
    return child
  }

  private func texts(_ daemon: AgencyDaemon, _ child: JSON) throws -> String {
    try daemon.ask("export", ["child": child]).text()
  }

  private func standing(_ daemon: AgencyDaemon) throws -> JSON {
    try #require(try daemon.ask("status")["privateBackup"])
  }

  /// The keeper works beside the test.
  private func awaited(_ what: String, _ isSo: () throws -> Bool) throws {
    let deadline = ContinuousClock.now + .seconds(60)
    while try !isSo() {
      guard ContinuousClock.now < deadline else {
        throw OperationError(.busy, "waited in vain for \(what)")
      }
      usleep(5_000)
    }
  }

  @Test("once its passphrase is set it follows every change by itself, sealed, for its owner alone")
  func follows() throws {
    let desk = try Desk()
    try desk.serving { (daemon) throws in
      #expect(try standing(daemon)["isSetUp"] == false)
      #expect(try daemon.refusal("backup-now") == .conflict)
      #expect(try daemon.refusal("backup-set", ["passphrase": "too short"]) == .usage)
      try write("Heronword", at: daemon)
      let sentence = try standing(daemon)["sentence"]?.stringValue ?? ""
      #expect(sentence.contains("on this disk only") && sentence.contains("backup set"))
      #expect(try daemon.ask("backup-set", Self.words)["records"] == 1)
      let first = try desk.bytes()
      let mode = try FileManager.default.attributesOfItem(atPath: desk.file)[.posixPermissions]
      #expect(mode as? Int == 0o600)
      try write("Otterword", at: daemon)
      try awaited("the second") { try standing(daemon)["isCurrent"] == true }
      let second = try desk.bytes()
      #expect(first != second && first.count == second.count)
      for word in ["Heronword", "Otterword", "Canary", "three quiet herons"] {
        #expect(Data(second).range(of: Data(word.utf8)) == nil, "\(word)")
      }
      #expect(try standing(daemon)["failure"] == .null)
      #expect(try FileManager.default.contentsOfDirectory(atPath: desk.stick) == ["notes.backup"])
    }
    // Nothing has changed since: a start writes nothing.
    let before = try desk.bytes()
    try desk.serving { (daemon) throws in
      #expect(try standing(daemon)["isCurrent"] == true)
      // What is saved a moment before the end is in it all the same.
      try write("at the last moment", at: daemon)
    }
    let after = try desk.bytes()
    #expect(before != after)
    let body = try PrivateBackupFile(after).opened(passphrase: "three quiet herons")
    #expect(Data(body).range(of: Data("at the last moment".utf8)) != nil)
  }

  @Test("the folder is lost: a new one of the agency takes the notes over and goes on from there")
  func restored() throws {
    let desk = try Desk()
    let child = try desk.serving { (daemon) throws in
      let child = try write("Heronword", at: daemon)
      try daemon.ask("backup-set", Self.words)
      return child
    }
    let new = try TestAgencyFolder(of: desk.agency)
    try desk.serving(new) { (daemon) throws in
      try write("Newtword", at: daemon)
      // A backup that may have more than there is here is not written over.
      let before = try desk.bytes()
      #expect(try daemon.refusal("backup-set", Self.words) == .conflict)
      let sentence = try standing(daemon)["failure"]?.stringValue ?? ""
      #expect(sentence.contains("backup restore \(desk.file)"))
      #expect(try desk.bytes() == before)
      #expect(try daemon.ask("backup-restore", desk.restoring())["restored"] == 1)
      #expect(try texts(daemon, child).contains("Heronword"))
      let again = try daemon.ask("backup-restore", desk.restoring())
      #expect(again["restored"] == 0 && again["unchanged"] == 1)
      try awaited("backups to go on") { try standing(daemon)["isCurrent"] == true }
      #expect(try daemon.ask("backup-now")["records"] == 2)
    }
  }

  @Test("with no passphrase set in the new folder, the backup's own goes on")
  func takenOver() throws {
    let desk = try Desk()
    try desk.serving { (daemon) throws in
      try write("Heronword", at: daemon)
      try daemon.ask("backup-set", Self.words)
    }
    try desk.serving(try TestAgencyFolder(of: desk.agency)) { (daemon) throws in
      let restored = try daemon.ask("backup-restore", desk.restoring())
      #expect(restored["sentence"]?.stringValue?.contains("under the same passphrase") == true)
      try write("Newtword", at: daemon)
      try awaited("a backup") { try standing(daemon)["isCurrent"] == true }
    }
    let body = try PrivateBackupFile(desk.bytes()).opened(passphrase: "three quiet herons")
    for word in ["Heronword", "Newtword"] { #expect(Data(body).range(of: Data(word.utf8)) != nil) }
  }

  @Test("what cannot be restored is refused with its reason, and changes nothing")
  func refused() throws {
    let desk = try Desk()
    try desk.serving { (daemon) throws in
      try write("Heronword", at: daemon)
      try daemon.ask("backup-set", Self.words)
    }
    let whole = try desk.bytes()
    func refusal(_ bytes: [UInt8], _ daemon: AgencyDaemon) throws -> ExitCode? {
      let path = desk.stick + "/tried"
      try AtomicFile.write(bytes, to: path)
      return try daemon.refusal("backup-restore", desk.restoring(path))
    }
    try desk.serving(try TestAgencyFolder(of: desk.agency)) { (daemon) throws in
      var damaged = whole
      damaged[whole.count / 2] ^= 1
      #expect(try refusal(damaged, daemon) == .damaged)
      #expect(try refusal(Array(whole.dropLast()), daemon) == .damaged)
      #expect(try refusal(Array("a letter".utf8), daemon) == .damaged)
      #expect(
        try daemon.refusal(
          "backup-restore", ["file": .string(desk.file), "passphrase": "three loud herons"])
          == .refused)
      #expect(try daemon.refusal("backup-restore", desk.restoring("/nonexistent")) == .failure)
      #expect(try daemon.refusal("backup-restore", desk.restoring(desk.stick)) == .failure)
      #expect(try daemon.refusal("backup-restore", ["file": .string(desk.file)]) == .usage)
      #expect(truncate(desk.stick + "/tried", PrivateBackupFile.bytesMax + 1) == 0)
      #expect(
        try daemon.refusal("backup-restore", desk.restoring(desk.stick + "/tried")) == .failure)
      #expect(try standing(daemon)["sentence"]?.stringValue?.contains("nothing private") == true)
    }
    try desk.serving(try TestAgencyFolder()) { (daemon) throws in
      #expect(try refusal(whole, daemon) == .refused)
    }
  }

  @Test("a file that cannot be written is said so, keeps nobody from work, and is written later")
  func unwritable() throws {
    let desk = try Desk()
    try desk.serving { (daemon) throws in
      try daemon.ask("backup-set", Self.words)
      try desk.pullOut()
      let child = try write("Heronword", at: daemon)
      try awaited("the failure") { try standing(daemon)["failure"]?.stringValue != nil }
      let failed = try standing(daemon)
      #expect(failed["isCurrent"] == false)
      #expect(failed["sentence"]?.stringValue?.contains(desk.stick) == true)
      #expect(try daemon.refusal("backup-now") == .failure)
      #expect(try texts(daemon, child).contains("Heronword"))
      try desk.plugIn()
      #expect(try daemon.ask("backup-now")["records"] == 1)
      #expect(try standing(daemon)["failure"] == .null)
      // Something of somebody else's in its place is left alone.
      try AtomicFile.write(Array("a letter".utf8), to: desk.file)
      #expect(try daemon.refusal("backup-now") == .conflict)
      #expect(try desk.bytes() == Array("a letter".utf8))
      try FileManager.default.removeItem(atPath: desk.file)
      #expect(try daemon.refusal("backup-now") == nil)
    }
    // Deleted while nobody looked: the next start finds it missing.
    try FileManager.default.removeItem(atPath: desk.file)
    try desk.serving { (_) throws in
      try awaited("another") { FileManager.default.fileExists(atPath: desk.file) }
    }
  }

  @Test("locked, nothing is written or restored; opened, what waits is written")
  func locked() throws {
    let desk = try Desk()
    try desk.serving { (daemon) throws in
      try write("Heronword", at: daemon)
      try daemon.ask("backup-set", Self.words)
      try daemon.ask("passphrase-set", ["passphrase": "four loud herons"])
    }
    try FileManager.default.removeItem(atPath: desk.file)
    try desk.serving { (daemon) throws in
      #expect(try standing(daemon)["isSetUp"] == true)
      for (name, input) in [
        "backup-now": [:], "backup-set": Self.words,
      ] as [String: JSON] {
        #expect(try daemon.refusal(name, input) == .refused, "\(name)")
      }
      #expect(!FileManager.default.fileExists(atPath: desk.file))
      try daemon.ask("unlock", ["passphrase": "four loud herons"])
      try awaited("the backup") { FileManager.default.fileExists(atPath: desk.file) }
      try daemon.ask("lock")
      #expect(try daemon.refusal("backup-restore", desk.restoring()) == .refused)
    }
  }

  @Test("what has been erased is in no file any more as soon as it is destroyed")
  func erased() throws {
    let desk = try Desk()
    let child = try desk.serving { (daemon) throws in
      let child = try write("Heronword", at: daemon)
      try daemon.ask("backup-set", Self.words)
      try daemon.ask("erase", ["child": child, "yes": true, "reason": "asked"])
      return child
    }
    // The hub may refuse an erasure: until it has taken it nothing is destroyed.
    try desk.serving { (daemon) throws in
      try daemon.ask("backup-now")
      let body = try PrivateBackupFile(desk.bytes()).opened(passphrase: "three quiet herons")
      #expect(Data(body).range(of: Data("Heronword".utf8)) != nil)
    }
    let early = try desk.bytes()
    try desk.folder.hubTakesAll()
    try desk.serving { (daemon) throws in
      try awaited("another backup") { try desk.bytes() != early }
      let body = try PrivateBackupFile(desk.bytes()).opened(passphrase: "three quiet herons")
      #expect(Data(body).range(of: Data("Heronword".utf8)) == nil)
      try AtomicFile.write(early, to: desk.stick + "/early")
      let restored = try daemon.ask("backup-restore", desk.restoring(desk.stick + "/early"))
      #expect(restored["restored"] == 0 && restored["erased"] == 1)
      #expect(try daemon.refusal("export", ["child": child]) == .failure)
    }
  }

  @Test("a place that would be lost with the folder is refused; without one it lies beside it")
  func place() throws {
    let folder = try TestAgencyFolder()
    for inside in ["/b", "/../\(folder.path.split(separator: "/").last ?? "")/b", "/none/b"] {
      do {
        try folder.serving(backup: folder.path + inside) { _ in }
        Issue.record("\(inside)")
      } catch let error as OperationError {
        #expect(error.code == .configuration)
      }
    }
    #expect(AgencyFolder(path: "/srv/agency//").privateBackupPath == "/srv/agency.private-backup")
    try folder.serving { (daemon) throws in
      let answer = try daemon.ask("backup-set", Self.words)
      #expect(answer["file"] == .string(folder.path + ".private-backup"))
      let sentence = try standing(daemon)["sentence"]?.stringValue ?? ""
      #expect(sentence.contains("same disk"))
    }
    try FileManager.default.removeItem(atPath: folder.path + ".private-backup")
  }
}
