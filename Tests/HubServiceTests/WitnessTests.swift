import Cryptography
import Foundation
import Operations
import Testing

@testable import HubService

@Suite struct WitnessTests {
  let folder = TemporaryFolder()
  var path: String { folder.path + "/witness" }

  init() throws {
    try FileManager.default.createDirectory(
      atPath: folder.path, withIntermediateDirectories: true)
    try Witness.create(at: path)
  }

  private func witness(_ commits: UInt64) -> Witness {
    Witness(
      epoch: 3, commits: commits, journalBytes: 8,
      journalChain: [UInt8](repeating: UInt8(commits), count: 32))
  }

  @Test func theLastOneWrittenIsFound() throws {
    #expect(try WitnessFile(path: path).found == nil)
    for commits in 1...5 as ClosedRange<UInt64> {
      // Opened anew each time, as after a restart.
      try WitnessFile(path: path).write(witness(commits))
      #expect(try WitnessFile(path: path).found == witness(commits))
    }
  }

  @Test func aTornWriteLeavesTheOneBefore() throws {
    let file = try WitnessFile(path: path)
    try file.write(witness(1))
    try file.write(witness(2))
    let whole = try AtomicFile.read(path, maximumBytes: 1_000)
    for length in 1..<Witness.slotBytes {
      // The third goes over the first.
      let torn = Array(witness(3).slot[..<length]) + Array(whole[length...])
      try AtomicFile.write(torn, to: path)
      let found = try WitnessFile(path: path).found
      #expect(found == witness(2), "torn at \(length)")
    }
  }

  @Test func garbageIsDamageAndNoWitnessIsNone() throws {
    try AtomicFile.write([UInt8](repeating: 9, count: 144), to: path)
    #expect(throws: HubFolderError.damagedWitness(file: path)) { try WitnessFile(path: path) }
    try FileManager.default.removeItem(atPath: path)
    let file = try WitnessFile(path: path)
    #expect(file.wasMissing && file.found == nil)
  }
}
