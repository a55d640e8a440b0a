package import Operations
package import ReplicaStore

/// What the upkeep has done, as it is written into the store: in a transaction of the worker's.
package enum HubNote: Sendable {
  /// A backup was taken: when, by whom, and the answer to whoever asked for it.
  case backedUp(atMilliseconds: UInt64, who: String, answer: JSON)
  case backupFailed(atMilliseconds: UInt64, who: String)
  /// How large everything is today.
  case measured([CapacitySample])

  /// The names under which the store keeps when a backup was last taken, and last failed.
  static let backupName = "backup_at_ms"
  static let failureName = "backup_failed_at_ms"

  func write(to store: ReplicaStore, now: UInt64) throws -> JSON {
    switch self {
    case .backedUp(let at, let who, let answer):
      try store.setInteger(Self.backupName, at)
      try store.audit(
        who: who, action: "backup taken", subject: BackupShelf.stamp(at), atMilliseconds: now)
      return answer
    case .backupFailed(let at, let who):
      try store.setInteger(Self.failureName, at)
      try store.audit(
        who: who, action: "backup failed", subject: BackupShelf.stamp(at), atMilliseconds: now)
      return [:]
    case .measured(let samples):
      try store.saveCapacity(samples)
      return [:]
    }
  }
}
