import CaseRecords
import Causality
import Cryptography
import ReplicaStore
import SyncProtocol
import Testing

@testable import SyncEngine

@Suite("Private compartments, backed up and restored")
struct PrivateBackupTests {
  private static let words = "three quiet herons"
  private static let child = ChildID(high: 3, low: 3)

  /// An agency whose devices keep private notes on a child.
  private struct Notes {
    let world: HubWorld
    let compartment: Compartment

    init() throws {
      world = try HubWorld()
      let agency = try world.device(of: "School").agency
      compartment = Compartment(
        id: CompartmentID(high: 9, low: 9), child: PrivateBackupTests.child, category: .private,
        custodian: agency)
    }

    func device(folder: String? = nil) throws -> AgencyDevice {
      let device = try AgencyDevice(world, of: "School", folder: folder)
      try device.engine.setPrivateBackupKey(try cheapBackupKey())
      return device
    }

    func reopen(_ folder: TemporaryFolder) throws -> AgencyDevice {
      try AgencyDevice(world, reopening: AgencyDevice.makeStore(folder: folder.path))
    }

    func texts(_ device: AgencyDevice, _ group: String = "text") throws -> [String] {
      try device.texts(compartment.id, group: group)
    }
  }

  /// Writes a backup as the service does, over nothing.
  @discardableResult
  private func backup(_ device: AgencyDevice) throws -> PrivateBackupFile {
    guard case .due(let draft) = try device.engine.privateBackupNeed(now: 1, always: true) else {
      throw PrivateBackupError.notABackup
    }
    let mark = device.world.random.next()
    try device.engine.willWritePrivateBackup(mark: mark, over: nil)
    let file = try PrivateBackupFile(
      PrivateBackupFile.sealed(
        draft.body,
        head: PrivateBackupHead(agency: draft.agency, mark: mark, key: draft.key)))
    try device.engine.didWrite(draft, mark: mark)
    return file
  }

  @discardableResult
  private func restore(
    _ file: PrivateBackupFile, to device: AgencyDevice
  ) throws -> PrivateRestore {
    try device.engine.restorePrivate(
      try file.opened(passphrase: Self.words), mark: file.head.mark)
  }

  private func actor(_ device: AgencyDevice, _ id: CompartmentID) throws -> Actor? {
    try device.engine.store.compartment(id).flatMap {
      try device.engine.store.hold($0.number)?.actor
    }
  }

  @Test("lost with its device, a note comes back on another, twice as well as once")
  func restored() throws {
    let notes = try Notes()
    let first = try notes.device()
    try first.save("Heronword", in: notes.compartment)
    let lost = try first.save("other", in: notes.compartment, group: "other")
    try first.sync()
    let file = try backup(first)
    let second = try notes.device()
    let restored = try restore(file, to: second)
    #expect(restored.changed == [notes.compartment.id] && restored.unchangedCount == 0)
    let again = try restore(file, to: second)
    #expect(again.changed.isEmpty && again.unchangedCount == 1)
    // In its own replica there is nothing to be done.
    #expect(try restore(file, to: first).changed.isEmpty)
    #expect(try notes.texts(second) == ["Heronword"])
    #expect(try notes.texts(second, "other") == ["other"])
    let written = try second.save("more", in: notes.compartment)
    #expect(written.actor != lost.actor && written.counter == 1)
    #expect(try notes.texts(second) == ["more"])
    // The hub has heard of none of it.
    try second.sync()
    #expect(try second.engine.unsentCount == 0 && second.digestMatchesHoldings)
    #expect(try notes.world.engine.store.compartment(notes.compartment.id) == nil)
  }

  @Test("what both sides have changed stands side by side; what one has superseded stays so")
  func joined() throws {
    let notes = try Notes()
    let first = try notes.device()
    try first.save("old", in: notes.compartment)
    try first.save("kept", in: notes.compartment, group: "other")
    let early = try backup(first)
    let second = try notes.device()
    try restore(early, to: second)
    try first.save("by the first", in: notes.compartment)
    try second.save("by the second", in: notes.compartment)
    let late = try backup(first)
    for file in [early, late, early, late] { try restore(file, to: second) }
    #expect(try notes.texts(second) == ["by the first", "by the second"])
    #expect(try notes.texts(second, "other") == ["kept"])
    // A person chooses, and an old backup does not ask again.
    try second.save("chosen", in: notes.compartment)
    for file in [early, late] { #expect(try restore(file, to: second).changed.isEmpty) }
    #expect(try notes.texts(second) == ["chosen"])
  }

  @Test("an old copy of the folder put back writes as somebody else, and loses nothing to a backup")
  func oldCopy() throws {
    let notes = try Notes()
    let folder = try TemporaryFolder()
    let first = try notes.device(folder: folder.path)
    try first.save("one", in: notes.compartment)
    let old = try folder.copy()
    let lost = try first.save("lost with the disk", in: notes.compartment, group: "b")
    let file = try backup(first)
    let copy = try notes.reopen(old)
    let new = try copy.save("written in the copy", in: notes.compartment, group: "c")
    #expect(new.actor != lost.actor)
    // Known before it is asked: what stands in the file is not the copy's to write over.
    guard case .due(let draft) = try copy.engine.privateBackupNeed(now: 1) else {
      Issue.record("no backup is due")
      return
    }
    #expect(!draft.knownMarks.contains(file.head.mark))
    try restore(file, to: copy)
    for (group, text) in ["text": "one", "b": "lost with the disk", "c": "written in the copy"] {
      #expect(try notes.texts(copy, group) == [text])
    }
    guard case .due(let now) = try copy.engine.privateBackupNeed(now: 1) else {
      Issue.record("no backup is due after the restore")
      return
    }
    #expect(now.knownMarks.contains(file.head.mark))
  }

  @Test("a run writes as one actor, the next run as another, and no vector grows past reading")
  func runs() throws {
    let notes = try Notes()
    let folder = try TemporaryFolder()
    let first = try notes.device(folder: folder.path)
    let dots = try ["a", "b"].map { try first.save($0, in: notes.compartment) }
    #expect(dots.map(\.actor) == [dots[0].actor, dots[0].actor] && dots[1].counter == 2)
    let next = try notes.reopen(folder)
    let dot = try next.save("c", in: notes.compartment)
    #expect(dot.actor != dots[0].actor && dot.counter == 1)
    #expect(try notes.texts(next) == ["c"])
    // What is shared goes on as it was: there the hub watches.
    let shared = Compartment(
      id: CompartmentID(high: 9, low: 8), child: Self.child, category: .index,
      custodian: notes.compartment.custodian)
    let before = try next.save("x", in: shared)
    #expect(try notes.reopen(folder).save("y", in: shared).actor == before.actor)
    // As many runs as a vector may count, and no more.
    let most = AgencyEngine.privateRunsMax
    #expect(2 * most == SyncLimits.actorsPerVectorMax)
    let body = try body(of: notes, runs: most)
    try next.engine.store.transaction {
      let stored = try #require(try next.engine.store.compartment(notes.compartment.id))
      try next.engine.store.save(
        stored.number, vector: body.parts[0].vector,
        content: next.engine.store.content(of: stored))
    }
    let last = try notes.reopen(folder)
    let hold = try #require(try actor(last, notes.compartment.id))
    #expect(try last.save("z", in: notes.compartment).actor == hold)
  }

  /// A body whose only part counts so many runs, none of which is counted anywhere else.
  private func body(of notes: Notes, runs: Int) throws -> PrivateBackupBody {
    let actors = (0..<runs).map { _ in Actor(rawValue: notes.world.random.next()) }
    return PrivateBackupBody(
      writtenMilliseconds: 1,
      parts: [
        PrivateBackupBody.Part(
          id: notes.compartment.id, child: notes.compartment.child,
          vector: VersionVector(Dictionary(uniqueKeysWithValues: actors.map { ($0, 1) })),
          content: CompartmentContent().encoded())
      ])
  }

  @Test("more runs than a vector counts are refused, and nothing is changed")
  func tooManyRuns() throws {
    let notes = try Notes()
    for (runs, isRefused) in [(4_095, false), (4_096, true)] {
      let device = try notes.device()
      try device.save("here", in: notes.compartment)
      let opened = try body(of: notes, runs: runs).encoded
      if isRefused {
        #expect(throws: PrivateBackupError.tooManyRuns(max: 4_096)) {
          try device.engine.restorePrivate(opened, mark: 1)
        }
      } else {
        _ = try device.engine.restorePrivate(opened, mark: 1)
      }
      #expect(try notes.texts(device) == ["here"])
    }
  }

  /// A machine put to sleep and woken twice: no restart between, so one actor writes in both.
  @Test("the same dot with other content: both stand, whichever way they are joined")
  func forked() throws {
    for isInOneGroup in [true, false] {
      let notes = try Notes()
      let folder = try TemporaryFolder()
      let first = try notes.device(folder: folder.path)
      try first.save("common", in: notes.compartment, group: "common")
      let twin = try notes.reopen(folder.copy())
      twin.engine.privateActors = first.engine.privateActors
      let group = isInOneGroup ? "a" : "b"
      notes.world.now += 1
      let one = try first.save("of the first", in: notes.compartment, group: "a")
      notes.world.now += 1
      #expect(try twin.save("of the twin", in: notes.compartment, group: group) == one)
      try twin.save("more of the twin", in: notes.compartment, group: "c")
      let files = try [backup(twin), backup(first)]
      try restore(files[0], to: first)
      try restore(files[1], to: twin)
      for device in [first, twin] {
        #expect(try notes.texts(device, "common") == ["common"])
        #expect(try notes.texts(device, "c") == ["more of the twin"])
        let all = try Set(["a", "b"].flatMap { try notes.texts(device, $0) })
        #expect(all == ["of the first", "of the twin"])
      }
      #expect(try restore(files[0], to: first).changed.isEmpty)
      #expect(try restore(files[1], to: twin).changed.isEmpty)
      try first.save("chosen", in: notes.compartment, group: "a")
      #expect(try restore(files[0], to: first).changed.isEmpty)
    }
  }

  @Test("what somebody else wrote as the actor of this run is taken in, and not written on with")
  func sharedActor() throws {
    let notes = try Notes()
    let folder = try TemporaryFolder()
    let first = try notes.device(folder: folder.path)
    try first.save("common", in: notes.compartment)
    let twin = try notes.reopen(folder.copy())
    twin.engine.privateActors = first.engine.privateActors
    let last = try twin.save("of the twin", in: notes.compartment, group: "a")
    try restore(backup(twin), to: first)
    let next = try first.save("of the first", in: notes.compartment, group: "b")
    #expect(next.actor != last.actor)
    #expect(try twin.save("more", in: notes.compartment, group: "c").actor == last.actor)
    try restore(backup(twin), to: first)
    for (group, text) in ["text": "common", "a": "of the twin", "b": "of the first", "c": "more"] {
      #expect(try notes.texts(first, group) == [text])
    }
  }

  @Test("what is superseded or destroyed is in no later backup, and an earlier revives no child")
  func erased() throws {
    let notes = try Notes()
    let device = try notes.device()
    try device.save("Heronword", in: notes.compartment)
    let early = try backup(device)
    #expect(try contains(early, "Heronword"))
    let news = device.engine.privateNews
    try device.save("corrected", in: notes.compartment)
    #expect(try !contains(backup(device), "Heronword"))
    #expect(device.engine.privateNews.writes == news.writes + 1)
    try device.engine.addPolicy(device.entry(.erase(reason: "asked"), child: Self.child))
    // Not before the hub has taken it: it may refuse.
    _ = try device.engine.purgeDrained(now: notes.world.now)
    #expect(device.engine.privateNews.removals == news.removals)
    try device.sync()
    #expect(device.engine.privateNews.removals == news.removals + 1)
    #expect(try !device.engine.isPrivateBackupCurrent())
    #expect(try !contains(backup(device), "corrected"))
    let restored = try restore(early, to: device)
    #expect(restored.changed.isEmpty && restored.erasedCount == 1)
    #expect(try device.engine.store.compartment(notes.compartment.id) == nil)
  }

  private func contains(_ file: PrivateBackupFile, _ word: String) throws -> Bool {
    String(decoding: try file.opened(passphrase: Self.words), as: UTF8.self).contains(word)
  }

  @Test("it is due when something has changed, and never while the keys are locked")
  func due() throws {
    let notes = try Notes()
    let device = try AgencyDevice(notes.world, of: "School")
    let engine = device.engine
    #expect(try engine.privateBackupNeed(now: 1) == .notSetUp)
    try engine.setPrivateBackupKey(try cheapBackupKey())
    func isDue() throws -> Bool {
      if case .due = try engine.privateBackupNeed(now: 1) { true } else { false }
    }
    #expect(try isDue() && engine.lastPrivateBackup == nil)
    let file = try backup(device)
    #expect(try engine.privateBackupNeed(now: 1) == .current(mark: file.head.mark))
    #expect(try engine.lastPrivateBackup == 1)
    try device.save("note", in: notes.compartment)
    #expect(try isDue() && !engine.isPrivateBackupCurrent())
    engine.lock()
    #expect(try engine.privateBackupNeed(now: 1) == .locked)
    #expect(try !engine.isPrivateBackupCurrent() && engine.hasPrivateBackup)
    try engine.unlock(try #require(AgencyDevice.master))
    try backup(device)
    #expect(try !isDue() && engine.isPrivateBackupCurrent())
    // Another passphrase is in force once a file is sealed to it.
    try engine.setPrivateBackupKey(try cheapBackupKey("another passphrase"))
    #expect(try isDue())
  }

  @Test("a body that no replica of this agency wrote changes nothing")
  func foreign() throws {
    let notes = try Notes()
    let device = try notes.device()
    let index = Compartment(
      id: notes.compartment.id, child: Self.child, category: .index,
      custodian: notes.compartment.custodian)
    try device.save("on the index", in: index)
    let whole = try body(of: notes, runs: 1).encoded
    for opened in [whole, [], Array("no body".utf8), Array(whole.dropFirst())] {
      #expect(throws: PrivateBackupError.damaged) {
        try device.engine.restorePrivate(opened, mark: 1)
      }
    }
    #expect(try notes.texts(device) == ["on the index"])
  }
}
