import CaseRecords
import Causality
import Cryptography
import Operations
import ReplicaStore
import SyncEngine

// What people ask of the backup of private notes. Each is done on the keeper's thread.
extension BackupKeeper {
  static let operations: Set<String> = ["backup-set", "backup-now", "backup-restore"]

  /// Answers one of `operations`, from any thread; `give` is called once.
  func ask(
    _ name: String, _ input: JSON,
    _ give: @escaping @Sendable (Result<JSON, OperationError>) -> Void
  ) {
    let isTaken = perform { [self] in
      do {
        let input = try OperationInput(input)
        switch name {
        case "backup-set": give(.success(try set(input)))
        case "backup-now": give(.success(try now(input)))
        default: give(.success(try restore(input)))
        }
      } catch {
        give(.failure(OperationError(any: error)))
      }
    }
    if !isTaken { give(.failure(OperationError(.busy, "The daemon is stopping."))) }
  }

  /// The old passphrase is not asked for: it opens old files only, and what is here is open.
  private func set(_ input: OperationInput) throws -> JSON {
    let passphrase = try input.required("passphrase")
    try input.finish()
    try AgencyKeys.check(passphrase)
    try engine.setKey(try PrivateBackupKey(passphrase: passphrase))
    do {
      return try written(
        "The passphrase of the backup is set: write it down where the device cannot be lost with "
          + "it, for nothing else opens the backup. ")
    } catch let error as OperationError {
      throw OperationError(
        error.code, "The passphrase is set, but nothing is backed up yet. \(error.sentence)")
    }
  }

  private func now(_ input: OperationInput) throws -> JSON {
    try input.finish()
    return try written("")
  }

  private func written(_ beginning: String) throws -> JSON {
    guard let count = try write(always: true) else {
      throw OperationError(
        .conflict, "No backup is set up. Do it with: cafsync agency backup set.")
    }
    return [
      "sentence": .string(
        beginning + "Backed up: \(count) private \(count == 1 ? "record" : "records"). From now on "
          + "every change is."),
      "file": .string(path), "records": .count(count),
    ]
  }

  private func restore(_ input: OperationInput) throws -> JSON {
    let name = try input.required("file")
    let passphrase = try input.required("passphrase")
    try input.finish()
    let file = try PrivateBackupFile(
      AtomicFile.read(name, maximumBytes: PrivateBackupFile.bytesMax))
    guard file.head.agency == engine.agency else { throw PrivateBackupError.otherAgency }
    let opened = try file.opened(passphrase: passphrase)
    let (restored, isTakenOver) = try engine.restore(opened, file.head)
    tryAgain()
    var sentence =
      "Taken over from the backup of \(restored.writtenMilliseconds.momentText). Private records "
      + "that were missing here, or lacked something: \(restored.changed.count); that were here "
      + "already: \(restored.unchangedCount)"
    if restored.erasedCount > 0 {
      sentence += "; left out, since the child's record is erased: \(restored.erasedCount)"
    }
    sentence += "."
    if isTakenOver { sentence += " Backups go on here under the same passphrase, to \(path)." }
    return [
      "sentence": .string(sentence), "restored": .count(restored.changed.count),
      "unchanged": .count(restored.unchangedCount), "erased": .count(restored.erasedCount),
    ]
  }

  // MARK: Status

  /// On the worker's thread; locked or not.
  func status(_ replica: Replica) throws -> JSON {
    let isSetUp = try replica.engine.hasPrivateBackup
    let last = try replica.engine.lastPrivateBackup
    let isCurrent = try isSetUp && replica.engine.isPrivateBackupCurrent()
    let failure = isSetUp ? failure : nil
    var status = JSON.Object()
    let sentence =
      if !isSetUp {
        try replica.store.compartments(in: .private).isEmpty
          ? "None is set up; there is nothing private here yet."
          : "None is set up: what is private here is on this disk only. Do it with: cafsync agency "
            + "backup set."
      } else if let failure {
        "It failed, and is tried again: \(failure)"
      } else if isCurrent {
        isOnSameDisk
          ? "All that is private is in it, but it lies on the same disk as the data folder. Name a "
            + "file elsewhere in the configuration (privateBackupFile)."
          : "All that is private is in it."
      } else {
        replica.engine.isLocked
          ? "The keys are locked: what has changed is written once they are open."
          : "What has changed is being written."
      }
    status["sentence"] = .string(sentence)
    status["isSetUp"] = .bool(isSetUp)
    status["isCurrent"] = .bool(isCurrent)
    status["last"] = last.map { .string($0.momentText) } ?? .null
    status["file"] = isSetUp ? .string(path) : .null
    status["failure"] = failure.map { .string($0) } ?? .null
    return .object(status)
  }
}

extension Replica {
  func setBackupKey(_ key: PrivateBackupKey) throws {
    guard !engine.isLocked else { throw AgencyOperations.locked }
    try engine.setPrivateBackupKey(key)
  }

  /// Joins what a backup held. Where none is set up, backups go on under its key; whether they do.
  func restorePrivate(
    _ opened: [UInt8], of head: PrivateBackupHead
  ) throws -> (PrivateRestore, Bool) {
    guard !engine.isLocked else { throw AgencyOperations.locked }
    let restored = try engine.restorePrivate(opened, mark: head.mark)
    try invalidate(changed: restored.changed)
    let isTakenOver = try !engine.hasPrivateBackup
    if isTakenOver { try engine.setPrivateBackupKey(head.key) }
    return (restored, isTakenOver)
  }
}
