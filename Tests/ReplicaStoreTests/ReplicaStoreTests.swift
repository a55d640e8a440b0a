import CaseRecords
import Causality
import Cryptography
import Foundation
import ReplicaStore
import SQLite
import SyncProtocol
import Testing

@Suite("A replica's store")
struct ReplicaStoreTests {
  @Test("what was saved is there after closing and opening")
  func reopens() throws {
    let folder = try StoreFolder()
    let compartment = StoreFolder.compartment(1)
    let saved: CompartmentContent
    do {
      let store = try folder.open()
      let stored = try store.fill(compartment, [StoreFolder.change("words")])
      saved = try store.content(of: stored)
      try store.transaction {
        try store.setInteger("number", .max)
        try store.setText("text", "näme")
      }
    }
    let store = try folder.open()
    let stored = try #require(try store.compartment(compartment.id))
    #expect(stored.compartment == compartment)
    #expect(stored.vector == VersionVector([Actor(rawValue: 5): 1]))
    #expect(try store.content(of: stored) == saved && !saved.records.isEmpty)
    #expect(try store.integer("number") == .max)
    #expect(try store.text("text") == "näme")
    #expect(try store.blob("absent") == nil)
  }

  @Test("no word, name or key stands readable in any file")
  func sealed() throws {
    let folder = try StoreFolder()
    let store = try folder.open()
    let canary = "canary-of-a-child"
    let stored = try store.fill(StoreFolder.compartment(1), [StoreFolder.change(canary)])
    try store.transaction {
      try store.enqueue(StoreFolder.change(canary, counter: 2), in: stored.number)
      try store.saveQuarantine(
        StoreFolder.change(canary), in: stored.id, reason: .notHeld, state: .waiting,
        atMilliseconds: 1)
      try store.stage(
        stored.number, digest: [1], offset: 0, bytes: Array(canary.utf8))
    }
    let key = try store.vault.key(stored.number).bytes
    for file in try folder.everything() {
      #expect(file.range(of: Data(canary.utf8)) == nil)
      #expect(file.range(of: Data(key)) == nil)
      #expect(file.range(of: Data(StoreFolder.master?.bytes ?? [])) == nil)
    }
  }

  @Test("another key, another role and a newer file are refused with a sentence, and left alone")
  func refusals() throws {
    let folder = try StoreFolder()
    do { try folder.open().fill(StoreFolder.compartment(1), [StoreFolder.change("x")]) }
    let keys = try folder.bytes(of: "keys.sqlite")
    #expect(throws: StoreError.wrongKey) { try folder.open(master: SymmetricKey.random()) }
    #expect(throws: StoreError.wrongRole(expected: "hub", found: "agency")) {
      try folder.open(role: .hub)
    }
    #expect(try folder.bytes(of: "keys.sqlite") == keys)
    for file in ["replica.sqlite", "keys.sqlite"] {
      do { try Database(path: folder.path + "/" + file).setUserVersion(99) }
      #expect(throws: StoreError.newer(file: file)) { try folder.open() }
      do { try Database(path: folder.path + "/" + file).setUserVersion(1) }
    }
    #expect(try folder.open().compartmentCount() == 1)
  }

  @Test("a damaged file is noticed when it is opened")
  func damaged() throws {
    for file in ["replica.sqlite", "keys.sqlite"] {
      let folder = try StoreFolder()
      do {
        let store = try folder.open()
        for number in 1...50 {
          try store.fill(StoreFolder.compartment(UInt64(number)), [StoreFolder.change("x")])
        }
        try store.checkpoint()
      }
      try folder.overwrite(file) { data in
        for offset in stride(from: 4_096, to: data.count, by: 512) {
          data.replaceSubrange(offset..<(offset + 64), with: [UInt8](repeating: 0xA5, count: 64))
        }
      }
      #expect(throws: (any Error).self, "\(file)") { try folder.open() }
      try folder.overwrite(file) { $0.replaceSubrange(0..<16, with: Data(repeating: 0, count: 16)) }
      #expect(throws: StoreError.self, "\(file)") { try folder.open() }
    }
  }

  @Test("a value moved to another compartment does not open")
  func swappedRows() throws {
    let folder = try StoreFolder()
    let store = try folder.open()
    let one = try store.fill(StoreFolder.compartment(1), [StoreFolder.change("one")])
    let two = try store.fill(StoreFolder.compartment(2), [StoreFolder.change("two")])
    _ = try store.database.run(
      "UPDATE compartments SET content = (SELECT content FROM compartments WHERE number = ?) "
        + "WHERE number = ?", .integer(one.number), .integer(two.number))
    #expect(throws: StoreError.self) { try store.content(of: two) }
  }

  @Test("a key without a row is swept at start, a row without a key is told")
  func orphans() throws {
    let folder = try StoreFolder()
    let stored: StoredCompartment
    do {
      let store = try folder.open()
      stored = try store.fill(StoreFolder.compartment(1), [StoreFolder.change("x")])
      _ = try store.vault.create(77)
      try store.vault.commit()
      #expect(try store.vault.wrapped(77) != nil)
    }
    let store = try folder.open()
    #expect(try store.vault.wrapped(77) == nil)
    #expect(try !store.content(of: stored).records.isEmpty)
    try store.vault.destroy([stored.number])
    #expect(throws: StoreError.keyMissing(number: stored.number)) { try store.content(of: stored) }
  }

  @Test("a transaction that fails leaves neither rows nor keys")
  func rollback() throws {
    struct Stop: Error {}
    let folder = try StoreFolder()
    let store = try folder.open()
    #expect(throws: Stop.self) {
      try store.transaction {
        _ = try store.create(StoreFolder.compartment(1))
        throw Stop()
      }
    }
    #expect(try store.compartmentCount() == 0)
    let stored = try store.fill(StoreFolder.compartment(1), [StoreFolder.change("x")])
    #expect(try !store.content(of: stored).records.isEmpty)
  }

  @Test("locked, it reads no content, yet destroys keys")
  func locked() throws {
    let folder = try StoreFolder()
    let stored = try folder.open().fill(StoreFolder.compartment(1), [StoreFolder.change("x")])
    let store = try folder.open(master: nil)
    #expect(store.vault.isLocked)
    #expect(throws: StoreError.locked) { try store.content(of: stored) }
    #expect(throws: StoreError.locked) {
      try store.transaction { _ = try store.create(StoreFolder.compartment(2)) }
    }
    try store.vault.destroy([stored.number])
    #expect(try store.vault.wrapped(stored.number) == nil)
  }

  @Test("the limit of a compartment holds at the limit and beyond")
  func limit() throws {
    let folder = try StoreFolder()
    let store = try folder.open(role: .hub)
    let stored = try store.transaction { try store.create(StoreFolder.compartment(1)) }
    func content(bytes: Int) -> CompartmentContent {
      var content = CompartmentContent()
      let part = 100 << 10
      var left = bytes
      var counter: UInt64 = 1
      while left > 0 {
        content.apply(
          StoreFolder.change(String(repeating: "x", count: min(part, left)), counter: counter))
        left -= part
        counter += 1
      }
      return content
    }
    let empty = content(bytes: 80 * (100 << 10)).encoded().count - 80 * (100 << 10)
    let fits = content(bytes: SyncLimits.compartmentBytesMax - empty - 200)
    #expect(fits.encoded().count <= SyncLimits.compartmentBytesMax)
    try store.transaction {
      try store.save(stored.number, vector: VersionVector(), content: fits)
    }
    #expect(throws: StoreError.tooLarge(limitBytes: SyncLimits.compartmentBytesMax)) {
      try store.save(
        stored.number, vector: VersionVector(),
        content: content(bytes: SyncLimits.compartmentBytesMax))
    }
  }

  @Test("every sentence says what to do")
  func sentences() {
    let errors: [StoreError] = [
      .damaged(file: "f", detail: "d"), .newer(file: "f"), .readOnly(folder: "f"),
      .full(folder: "f"), .locked, .keyMissing(number: 1), .wrongKey,
      .wrongRole(expected: "hub", found: "agency"), .checkpointBusy,
      .unreadable(file: "f", detail: "d"), .tooLarge(limitBytes: 1),
    ]
    for error in errors { #expect(error.description.hasSuffix("."), "\(error)") }
    #expect(Set(errors.map(\.description)).count == errors.count)
  }
}
