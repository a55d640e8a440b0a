import Cryptography
import Operations
import ReplicaStore
import SQLite

/// What the two files of a hub's store say, read from copies that nobody writes: how much there is,
/// and what is wrong with it.
struct StoreFacts {
  private(set) var epoch: UInt64 = 0
  private(set) var commits: UInt64 = 0
  private(set) var compartments = 0
  private(set) var keys = 0
  /// Compartments that do not open, and are not about to be destroyed either.
  private(set) var closed: [Int64] = []
  /// The first line of the audit log that does not fit its chain. No fault of the copy: the log is
  /// as somebody has made it, and that is just when a hub needs its backups.
  private(set) var auditBrokenLine: Int64?
  /// What is wrong, each in a few words; the first is told.
  private(set) var faults: [String] = []

  init(database: String, keys keyFile: String, master: SymmetricKey) throws {
    do {
      for file in [database, keyFile] {
        let inspection = try PageInspection(of: file)
        if inspection.damaged > 0 {
          faults.append("\(inspection.damaged) of \(inspection.pages) pages of \(file)")
        }
      }
      let store = try ReplicaStore(readingDatabase: database, keys: keyFile, master: master)
      defer { store.close() }
      faults += try store.database.integrityCheck()
      faults += try store.vault.integrityCheck()
      auditBrokenLine = try store.auditChain().firstBroken
      epoch = try store.integer("epoch") ?? 0
      commits = try store.integer("commits") ?? 0
      keys = try store.vault.numbers().count
      let numbers = try store.compartmentNumbers()
      compartments = numbers.count
      let ending = Set(try store.scheduledHubPurges().map(\.compartment))
      closed = try numbers.filter { try !ending.contains($0) && !Self.opens($0, in: store) }
    } catch let error as SQLiteError where error.isCorrupt || error.isNotADatabase {
      faults.append(error.message)
    }
  }

  /// Its registers open under its key, and can be read.
  static func opens(_ number: Int64, in store: ReplicaStore) throws -> Bool {
    guard let stored = try store.compartment(number: number) else { return true }
    do {
      _ = try store.content(of: stored)
      return true
    } catch let error as SQLiteError {
      throw error
    } catch {
      // Its key is missing or another one, or what it opens is not what was sealed.
      return false
    }
  }

  func requireWhole(database: String) throws {
    if let fault = faults.first { throw BackupError.damaged(path: database, detail: fault) }
    if let first = closed.first {
      throw BackupError.damaged(
        path: database,
        detail: "\(closed.count) compartments do not open under their keys, the first is \(first)")
    }
  }
}
