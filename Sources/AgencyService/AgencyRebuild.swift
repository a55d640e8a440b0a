import Cryptography
import Glibc
package import Operations
import ReplicaStore
import SQLite
import SyncEngine

/// `cafsync agency rebuild`: from a damaged replica to one that works, with the unsent work.
///
/// From a copy of the damaged files, in which single flipped bits are turned back, everything that
/// can be read goes into new files; then the replica starts over with the hub, as one does that was
/// restored from an old copy (8.2 of the protocol): what is missing comes back from there, and what
/// never was there is in the new files.
package enum AgencyRebuild {
  private static let files = ["replica.sqlite", "keys.sqlite"]
  private static let ends = ["", "-wal", "-shm"]

  /// Not while the daemon runs. `passphrase` is called when one lies on the keys.
  package static func rebuild(
    folder: AgencyFolder, passphrase: () throws -> String
  ) throws -> JSON {
    let lock = try FolderLock(folder: folder.path)
    defer { lock.release() }
    let master = try AgencyKeys(folder: folder, credentials: nil).master(askingFor: passphrase)
    let ready = folder.path + "/rebuilt-ready"
    if folder.exists(ready) {
      // Everything had been rescued when the last attempt was cut off.
      let kept = try exchange(folder.path, with: ready)
      return [
        "sentence": .string(
          "Rebuilt. Start it with: cafsync agency serve --folder \(folder.path). The damaged files "
            + "are in \(kept).")
      ]
    }
    let work = folder.path + "/rebuilt"
    try remove(work)
    guard mkdir(work, 0o700) == 0 else { throw FileError(.create, work, errno: errno) }
    var pages = FileRepair.Report()
    for file in files where folder.exists(folder.path + "/" + file) {
      let report = try FileRepair.repair(folder.path + "/" + file, to: work + "/old-" + file)
      pages.pages += report.pages
      pages.corrected += report.corrected
      pages.unreadable += report.unreadable
    }
    let store = try ReplicaStore(folder: work, role: .agency, master: master)
    let salvage = try AgencySalvage(
      database: work + "/old-replica.sqlite", keys: work + "/old-keys.sqlite", into: store)
    let engine: AgencyEngine
    do {
      engine = try AgencyEngine(store: store, random: SecureRandom())
    } catch AgencyError.notEnrolled {
      throw OperationError(
        .damaged,
        "It cannot be read any more who this replica was. Keep \(folder.path), and join the hub "
          + "with a new code in another folder: everything the hub holds comes back there.")
    }
    try engine.startOver()
    let unsent = try engine.unsentCount
    let decisions = try store.unsentPolicyCount()
    try store.checkpoint()
    store.database.close()
    store.vault.close()
    for file in files { unlink("\(work)/old-\(file)") }
    try move(work, to: ready)
    let kept = try exchange(folder.path, with: ready)
    let isWhole = pages.unreadable == 0 && salvage.isWhole
    // What is whole has no use for its damaged copy, which no purge would reach.
    if isWhole { try remove(kept) }
    return [
      "sentence": .string(
        "Rebuilt, with \(unsent) unsent changes and \(decisions) unsent decisions. Start it with: "
          + "cafsync agency serve --folder \(folder.path). "
          + (isWhole
            ? "Nothing was lost."
            : "What could not be read comes back from the hub. The damaged files are in \(kept): "
              + "destroy them once all is synced, since no withdrawal reaches them.")),
      "unsent": .count(unsent), "unsentDecisions": .count(decisions),
      "pages": .count(pages.pages), "pagesCorrected": .count(pages.corrected),
      "pagesUnreadable": .count(pages.unreadable),
      "compartments": .count(salvage.kept["compartments"] ?? 0),
      "rowsLost": .count(salvage.lost),
    ]
  }

  /// File by file the damaged one goes and the new one comes. Cut off in between, the next attempt
  /// goes on with those that are still waiting.
  private static func exchange(_ folder: String, with ready: String) throws -> String {
    var number = 1
    while access("\(folder)/damaged-\(number)", F_OK) == 0 { number += 1 }
    let kept = "\(folder)/damaged-\(number)"
    guard mkdir(kept, 0o700) == 0 else { throw FileError(.create, kept, errno: errno) }
    for file in files where access("\(ready)/\(file)", F_OK) == 0 {
      for end in ends where access("\(folder)/\(file)\(end)", F_OK) == 0 {
        try move("\(folder)/\(file)\(end)", to: "\(kept)/\(file)\(end)")
      }
      try move("\(ready)/\(file)", to: "\(folder)/\(file)")
    }
    try remove(ready)
    return kept
  }

  private static func move(_ file: String, to target: String) throws {
    guard rename(file, target) == 0 else { throw FileError(.write, target, errno: errno) }
  }

  /// A folder of this program's own making.
  private static func remove(_ folder: String) throws {
    for file in files + files.map({ "old-" + $0 }) {
      for end in ends { unlink("\(folder)/\(file)\(end)") }
    }
    guard rmdir(folder) == 0 || errno == ENOENT else {
      throw FileError(.write, folder, errno: errno)
    }
  }
}
