import CaseRecords
import Causality
import Cryptography
import Foundation
import Operations
import ReplicaStore
import SyncEngine
import Testing

@testable import HubService

@Suite struct PolicyJournalTests {
  let folder = TemporaryFolder()
  let key = SymmetricKey.random()
  var path: String { folder.path + "/policy.journal" }

  init() throws {
    try FileManager.default.createDirectory(
      atPath: folder.path, withIntermediateDirectories: true)
    try PolicyJournalFile.create(at: path, isFirst: true)
  }

  private let lines: [JournalLine] = {
    var random = SystemRandomNumberGenerator()
    let agency = HubAgency(
      number: 0, id: AgencyID(using: &random), name: "Beeston Sure Start", sector: "early years",
      locality: "Beeston", isSensitive: true)
    let device = DeviceID(using: &random)
    let entry = PolicyEntry(
      id: PolicyID(using: &random), child: nil, kind: .agreementLock(agency.id),
      madeAtMilliseconds: 1_764_000_000_000, authorAgency: .hub, author: nil)
    return [
      .agency(agency),
      .device(
        id: device, agency: agency.id, name: "desk",
        secretDigest: [UInt8](repeating: 7, count: 32), atMilliseconds: 5),
      .policy(entry, from: .hub, atMilliseconds: 6), .deviceRevoked(device, atMilliseconds: 7),
    ]
  }()

  private func read(witness: Witness? = nil) throws -> (lines: [JournalLine], holds: Bool) {
    let journal = try PolicyJournalFile(path: path, key: key)
    var read: [JournalLine] = []
    let holds = try journal.takeIn(witness: witness, log: .silent) { read.append($0) }
    return (read, holds)
  }

  /// One frame per line; returns where each ends.
  private func fill() throws -> [Int] {
    let journal = try PolicyJournalFile(path: path, key: key)
    _ = try journal.takeIn(witness: nil, log: .silent) { _ in }
    return try lines.map {
      try journal.append($0)
      try journal.flush()
      return Int(journal.bytes)
    }
  }

  private func bytes() throws -> [UInt8] { try AtomicFile.read(path, maximumBytes: 1 << 20) }

  @Test func everyKindOfLineComesBackInOrder() throws {
    _ = try fill()
    #expect(try read().lines == lines)
    let journal = try PolicyJournalFile(path: path, key: key)
    _ = try journal.takeIn(witness: nil, log: .silent) { _ in }
    for line in lines { try journal.append(line) }
    try journal.flush()
    #expect(try read().lines == lines + lines)
  }

  @Test func aJournalInTheLostOnesPlaceProvesNothing() throws {
    for isFirst in [true, false] {
      try PolicyJournalFile.create(at: path, isFirst: isFirst)
      _ = try fill()
      let journal = try PolicyJournalFile(path: path, key: key)
      _ = try journal.takeIn(witness: nil, log: .silent) { _ in }
      let witness = Witness(
        epoch: 1, commits: 9, journalBytes: journal.bytes, journalChain: journal.chain)
      let found = try read(witness: witness)
      #expect(found.lines == lines && found.holds == isFirst)
    }
  }

  @Test func whatWasForgottenOrNeverFlushedIsNotThere() throws {
    let journal = try PolicyJournalFile(path: path, key: key)
    _ = try journal.takeIn(witness: nil, log: .silent) { _ in }
    try journal.append(lines[0])
    journal.forget(after: 0)
    try journal.append(lines[1])
    try journal.append(lines[2])
    journal.forget(after: 1)
    try journal.flush()
    try journal.append(lines[3])
    #expect(try read().lines == [lines[1]])
  }

  @Test func aTailTornAtAnyByteIsCutAndTheRestKept() throws {
    let ends = try fill()
    let whole = try bytes()
    for length in ends[2]..<ends[3] {
      for filler in [[], [UInt8](repeating: 0, count: ends[3] - length)] as [[UInt8]] {
        try AtomicFile.write(Array(whole[..<length]) + filler, to: path)
        #expect(try read().lines == Array(lines[..<3]), "torn at \(length)")
        #expect(try bytes().count == ends[2])
      }
    }
  }

  @Test func aChangeAnywhereInTheMiddleIsDamage() throws {
    let ends = try fill()
    let whole = try bytes()
    for offset in 0..<ends[2] {
      var changed = whole
      changed[offset] ^= 0x40
      try AtomicFile.write(changed, to: path)
      // A length that now reaches beyond the end looks like a tear: the witness tells them apart.
      let witness = Witness(
        epoch: 1, commits: 1, journalBytes: UInt64(ends[3]), journalChain: [])
      #expect(throws: HubFolderError.self, "changed at \(offset)") { try read(witness: witness) }
    }
    try AtomicFile.write(whole, to: path)
    #expect(try read().lines == lines)
  }

  @Test func linesNobodyMayReadAreSealed() throws {
    _ = try fill()
    let text = String(decoding: try bytes(), as: UTF8.self)
    #expect(!text.contains("Beeston"))
    #expect(throws: HubFolderError.self) {
      let other = try PolicyJournalFile(path: path, key: .random())
      _ = try other.takeIn(witness: nil, log: .silent) { _ in }
    }
  }

  @Test func aWitnessIsHeldOnlyByTheJournalItSaw() throws {
    let ends = try fill()
    let journal = try PolicyJournalFile(path: path, key: key)
    _ = try journal.takeIn(witness: nil, log: .silent) { _ in }
    let seen = Witness(
      epoch: 1, commits: 4, journalBytes: journal.bytes, journalChain: journal.chain)
    try journal.append(lines[0])
    try journal.flush()
    #expect(try read(witness: seen).holds)
    var other = seen
    other.journalChain[0] ^= 1
    #expect(try !read(witness: other).holds)
    try AtomicFile.write(Array(try bytes()[..<ends[2]]), to: path)
    #expect(throws: HubFolderError.journalShorterThanWitness(file: path)) {
      try read(witness: seen)
    }
  }
}
