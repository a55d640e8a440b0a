import Foundation
import HTTPTransport
import Operations
import TestDaemons
import TestSupport
import Testing

extension EndToEnd {
  /// The hub's whole folder is lost and put back by the operator's commands. In between there was
  /// work, a withdrawal and two erasures, of which the backup knows nothing.
  @Suite("A restore drill")
  struct RestoreDrills {
    @Test("the journal lies on a disk of its own, and survives")
    func journalSurvives() throws { try Drill(hasJournalDisk: true).run() }

    @Test("the journal is lost as well")
    func journalLost() throws { try Drill(hasJournalDisk: false).run() }
  }
}

private final class Drill {
  private let hasJournalDisk: Bool
  private let district: TestDistrict
  private var hub: TestHub { district.hub }
  private var alder: TestAgency { district.agencies[0] }
  private var birch: TestAgency { district.agencies[1] }
  private var cedar: TestAgency { district.agencies[2] }
  private var written: [String] = []

  init(hasJournalDisk: Bool) throws {
    self.hasJournalDisk = hasJournalDisk
    district = try TestDistrict(
      ["Alder", "Birch", "Cedar"], recording: true, hasJournalDisk: hasJournalDisk)
  }

  private func path(_ name: String) -> String { district.folder.path + "/" + name }

  private func write(
    _ device: TestAgency, on child: String, heldBy holders: [TestAgency]
  ) throws {
    written.append("note-\(device.name)-\(written.count)-end")
    try device.note(try #require(written.last), on: child)
    for holder in holders {
      try awaited("\(written) at \(holder.name)") {
        try holder.notes(on: child) == written.sorted()
      }
    }
  }

  /// A child with words of both agencies that nobody else has, at all three.
  private func doomed(_ word: String, alsoBy other: TestAgency?) throws -> String {
    let child = try district.sharedChild()
    let authors = [alder] + (other.map { [$0] } ?? [])
    for (index, author) in authors.enumerated() {
      try author.note("note-\(word)-\(index)-end", on: child)
    }
    for agency in district.agencies {
      try awaited("\(word) at \(agency.name)") {
        try agency.notes(on: child).count == authors.count
      }
    }
    return child
  }

  /// The operator's word: the hub has nothing of the child any more.
  private func awaitErased(_ child: String) throws {
    try awaited("the hub to have destroyed its copy") {
      do {
        try hub.ask("erase", ["child": .string(child), "reason": "drill"])
        return false
      } catch let error as LocalFailure { return error.exit == .failure }
    }
    for agency in district.agencies where agency.process != nil {
      try awaited("\(agency.name) to have destroyed its copy") {
        try agency.notes(on: child).isEmpty
      }
    }
  }

  private func eraseAtTheHub(_ child: String) throws {
    try hub.ask("erase", ["child": .string(child), "reason": "drill", "yes": true])
  }

  func run() throws {
    let safe = path("safe")
    try TestFolder.copyFiles(of: hub.folder, to: safe) {
      ["master.key", "hub.secrets"].contains($0)
    }
    let child = try district.sharedChild()
    try write(alder, on: child, heldBy: [birch, cedar])
    let own = try doomed("Erasedbyalder", alsoBy: nil)
    let several = try doomed("Erasedbyhub", alsoBy: cedar)

    // Backed up while it serves, then a day's work.
    try hub.command("backup", path("backups"), "--keys", path("keys"))
    try write(birch, on: child, heldBy: [alder, cedar])
    try alder.consent("consent-withdraw", child, [birch], "index")
    try awaited("Birch's purge") { try birch.notes(on: child).count < written.count }
    try write(cedar, on: child, heldBy: [alder])
    try alder.ask("erase", ["child": .string(own), "reason": "drill", "yes": true])
    try eraseAtTheHub(several)
    for erased in [own, several] { try awaitErased(erased) }
    try hub.command("check")

    // The disk is gone with everything on it.
    for agency in district.agencies { try agency.stop() }
    hub.destroy()
    try FileManager.default.removeItem(atPath: hub.folder)
    let restored = try restore(from: safe)
    #expect(restored["isPolicyComplete"]?.boolValue == hasJournalDisk)
    try hub.start()
    // What the restoring told the operator to record again.
    if !hasJournalDisk { try eraseAtTheHub(several) }
    let before = district.lines.map(\.received.count)
    try comeBack(child, before: before)
    try expectWhole(child, erased: [own, several], before: before)
  }

  private func restore(from safe: String) throws -> JSON {
    var words = [
      "restore", path("backups"), "--keys", path("keys"), "--secrets", safe,
    ]
    if let journal = hub.journal { words += ["--journal", journal] }
    return try hub.command(words)
  }

  /// Birch first, who may not have the child any more; then the others, in turns.
  private func comeBack(_ child: String, before: [Int]) throws {
    try birch.start()
    try birch.synchronise()
    try expectNotLeaked(before, "before the others were heard")
    for agency in [cedar, alder, cedar] {
      if agency.process == nil { try agency.start() }
      try agency.synchronise()
      try birch.synchronise()
      try expectNotLeaked(before, "after \(agency.name) was heard")
    }
  }

  /// Birch has got nothing of the child, and nobody any word of an erased one, since the restore.
  private func expectNotLeaked(_ before: [Int], _ when: String) throws {
    let secret = ["note-Alder", "note-Cedar", "note-Erased"]
    for (index, line) in district.lines.enumerated() {
      let words = index == 1 ? secret : ["note-Erased"]
      let since = line.received.dropFirst(before[index]).flatMap(\.self)
      #expect(
        ByteSearch(words.map { .init(word: $0) }).found(in: since).isEmpty,
        "\(district.agencies[index].name) \(when)")
    }
  }

  private func expectWhole(_ child: String, erased: [String], before: [Int]) throws {
    // Nothing is lost that any device held: also for who comes now, and gets it from the hub alone.
    for agency in [alder, cedar] { #expect(try agency.notes(on: child) == written.sorted()) }
    try awaited("nothing to wait") { try hub.ask("status")["recovering"] == 0 }
    let dale = try TestAgency("Dale", joining: hub)
    try alder.synchronise()
    try alder.consent("consent-give", child, [dale], "index")
    try alder.synchronise()
    try awaited("everything at Dale") { try dale.notes(on: child) == written.sorted() }
    // What was erased is erased, at the hub too.
    for gone in erased { try awaitErased(gone) }
    try expectNotLeaked(before, "at the end")
    try hub.command("check")
    // Going on includes the next backup.
    try hub.command("backup", path("backups"), "--keys", path("keys"), "--keep", "1")
  }
}
