import CaseRecords
import Causality
import Cryptography
import Foundation
import HTTPTransport
import Operations
import ReplicaStore
import SQLite
import TestDaemons
import Testing

/// What the compartments of a device are on its disk: what a purge has to leave nothing of. Words
/// alone prove little, since they are sealed from the first moment.
struct SealedParts {
  /// Each key, as it is wrapped by the master key.
  var wrapped: [String: [UInt8]] = [:]
  /// Each key itself, which should never be on the disk.
  var keys: [String: [UInt8]] = [:]
  /// Pieces of the sealed registers, each short enough to lie in one page in most places.
  var contents: [String: [UInt8]] = [:]

  var all: [String: [UInt8]] {
    wrapped.merging(keys) { first, _ in first }.merging(contents) { first, _ in first }
  }

  private static let pieceBytes = 64
  private static let stepBytes = 512

  /// Those of a child that other agencies keep, in the device's files as they are now.
  init(of agency: TestAgency, ofOthersOn child: String) throws {
    let own = try #require(
      try agency.ask("agency-list")["agencies"]?.arrayValue?
        .first { $0["name"]?.stringValue == agency.name }?["agency"]?.stringValue)
    let readOnly = DatabaseOptions(readOnly: true)
    let replica = try Database(path: agency.folder + "/replica.sqlite", options: readOnly)
    let vault = try KeyVault(
      database: Database(path: agency.folder + "/keys.sqlite", options: readOnly),
      master: agency.masterKey())
    // Closed before anybody else waits for them: a purge needs the files to itself.
    defer {
      vault.close()
      replica.close()
    }
    let rows = try replica.query(
      "SELECT number, content FROM compartments WHERE child = ? AND custodian <> ?",
      .blob(try #require(ChildID(text: child)).bytes),
      .blob(try #require(AgencyID(text: own)).bytes)
    ) { (number: $0.int(0), content: $0.blob(1)) }
    for (number, content) in rows {
      wrapped["wrapped key \(number)"] = try vault.wrapped(number)
      keys["key \(number)"] = try vault.key(number).bytes
      for start in stride(from: 0, to: content.count - Self.pieceBytes, by: Self.stepBytes) {
        contents["content \(number) from \(start)"] = Array(
          content[start..<start + Self.pieceBytes])
      }
    }
  }

  /// The search can fail: what is there is found.
  func expectFound(in folder: String) throws {
    let found = Set(try TestFolder.search([folder], for: all).map(\.name))
    #expect(!wrapped.isEmpty && found.isSuperset(of: wrapped.keys))
    #expect(contents.keys.count { found.contains($0) } * 2 > contents.count)
    #expect(found.isDisjoint(with: keys.keys), "an unwrapped key is on the disk")
  }

  func expectGone(from folder: String, _ when: String) throws {
    let left = try TestFolder.search([folder], for: all).map { "\($0.name) in \($0.path)" }
    #expect(left.isEmpty, "\(when)")
  }
}

extension TestAgency {
  func masterKey() throws -> SymmetricKey {
    let text = try String(contentsOfFile: folder + "/master.key", encoding: .utf8)
    let digits = Array(text.filter(\.isHexDigit))
    let bytes = stride(from: 0, to: digits.count - 1, by: 2).compactMap {
      UInt8(String(digits[$0...$0 + 1]), radix: 16)
    }
    return try #require(SymmetricKey(bytes: bytes))
  }

  /// The replica of a device whose daemon does not run.
  func openStore() throws -> ReplicaStore {
    try ReplicaStore(folder: folder, role: .agency, master: masterKey())
  }
}
