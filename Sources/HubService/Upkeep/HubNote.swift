package import Operations
package import ReplicaStore

/// What the upkeep has done, as it is written into the store: in a transaction of the worker's.
package enum HubNote: Sendable {
  /// A backup was taken: when, by whom, and the answer to whoever asked for it.
  case backedUp(atMilliseconds: UInt64, who: String, answer: JSON)
  case backupFailed(atMilliseconds: UInt64, who: String, sentence: String)
  /// All was looked at, and this was the answer.
  case checked(who: String, answer: JSON)
  /// How large everything is today.
  case measured([CapacitySample])

  /// The names under which the store keeps when a backup was last taken, and last failed.
  static let backupName = "backup_at_ms"
  static let failureName = "backup_failed_at_ms"
  /// … and what they said, a check among them.
  static let backupAnswerName = "backup_answer"
  static let failureSentenceName = "backup_failure"
  static let checkAnswerName = "check_answer"
  /// And the first changed line of the audit log that the last backup has met.
  static let auditBrokenName = "audit_broken_line"

  /// What a walk along the audit log has found: nil when it is whole.
  static func noteAudit(
    _ brokenLine: Int64?, who: String, in store: ReplicaStore, now: UInt64
  ) throws {
    guard let brokenLine else { return try store.remove(auditBrokenName) }
    try store.setInteger(auditBrokenName, UInt64(clamping: brokenLine))
    try store.audit(
      who: who, action: "audit log found changed", subject: "line \(brokenLine)",
      atMilliseconds: now)
  }

  func write(to store: ReplicaStore, now: UInt64) throws -> JSON {
    switch self {
    case .backedUp(let at, let who, let answer):
      try store.setInteger(Self.backupName, at)
      try store.setText(Self.backupAnswerName, answer.text())
      try store.audit(
        who: who, action: "backup taken", subject: Moment.stamp(at), atMilliseconds: now)
      try Self.noteAudit(answer["auditBrokenLine"]?.integerValue, who: who, in: store, now: now)
      return answer
    case .backupFailed(let at, let who, let sentence):
      try store.setInteger(Self.failureName, at)
      try store.setText(Self.failureSentenceName, sentence)
      try store.audit(
        who: who, action: "backup failed", subject: Moment.stamp(at), atMilliseconds: now)
      return [:]
    case .checked(let who, let answer):
      try store.setText(Self.checkAnswerName, answer.with("who", .string(who)).text())
      let isWhole = answer["isWhole"]?.boolValue == true
      try store.audit(
        who: who, action: "checked", subject: isWhole ? "whole" : "something is wrong",
        atMilliseconds: now)
      return answer
    case .measured(let samples):
      try store.saveCapacity(samples)
      return [:]
    }
  }
}
