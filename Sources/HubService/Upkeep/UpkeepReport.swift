import Operations
import ReplicaStore

/// The last backup and the last check: when, by whom, and what they said.
extension HubReports {
  func upkeep() throws -> JSON {
    let running = core.upkeep.running
    return [
      "running": running.map {
        [
          "operation": .string($0.operation), "who": .string($0.who),
          "sinceMilliseconds": .count($0.sinceMilliseconds),
        ]
      } ?? .null,
      "backup": try remembered(HubNote.backupAnswerName),
      "backupMilliseconds": .optional(try core.store.integer(HubNote.backupName)),
      "backupFailedMilliseconds": .optional(try core.store.integer(HubNote.failureName)),
      "backupFailure": try core.store.text(HubNote.failureSentenceName).map { .string($0) }
        ?? .null,
      "check": try remembered(HubNote.checkAnswerName),
      "canBackUp": .bool(!core.configuration.backupFolder.isEmpty),
    ]
  }

  private func remembered(_ name: String) throws -> JSON {
    try core.store.text(name).map { try JSON.parse($0) } ?? .null
  }
}
