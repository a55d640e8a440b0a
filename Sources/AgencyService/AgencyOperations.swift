package import Operations
import ReplicaStore
import SQLite
import SyncEngine

/// What people and pages may ask of an agency's daemon, by name.
package enum AgencyOperations {
  typealias Operation = @Sendable (Replica, OperationInput) throws -> JSON

  /// `status` and `sync` are missing here: they concern the line, and the daemon answers them; so
  /// are those of `KeyOperations`, which need its folder, and of `BackupKeeper`, which has a
  /// thread.
  static let table: [String: Operation] = [
    "devices": { try $0.devices($1) },
    "agency-list": { try $0.agencyList($1) },
    "practitioner-add": { try $0.practitionerAdd($1) },
    "practitioner-list": { try $0.practitionerList($1) },
    "practitioner-end": { try $0.practitionerEnd($1) },
    "child-add": { try $0.childAdd($1) },
    "child-find": { try $0.childFind($1) },
    "child-show": { try $0.childShow($1) },
    "who-holds": { try $0.whoHolds($1) },
    "child-pair": { try $0.childPair($1) },
    "duplicates": { try $0.duplicates($1) },
    "child-differ": { try $0.childDiffer($1) },
    "family-join": { try $0.familyJoin($1) },
    "family-show": { try $0.familyShow($1) },
    "chronology": { try $0.chronology($1) },
    "child-alias": { try $0.childAlias($1) },
    "child-import": { try $0.childImport($1) },
    "check": { try $0.check($1) },
    "check-form": { try $0.checkForm($1) },
    "check-list": { try $0.checkList($1) },
    "worklist": { try $0.worklist($1) },
    "task-list": { try $0.taskList($1) },
    "task-answer": { try $0.taskAnswer($1) },
    "caf-start": { try $0.cafStart($1) },
    "caf-show": { try $0.cafShow($1) },
    "caf-write": { try $0.cafWrite($1) },
    "caf-complete": { try $0.cafComplete($1) },
    "consent-give": { try $0.consentGive($1) },
    "consent-withdraw": { try $0.consentWithdraw($1) },
    "consent-refuse": { try $0.consentRefuse($1) },
    "consent-show": { try $0.consentShow($1) },
    "consent-form": { try $0.consentForm($1) },
    "agreement-show": { try $0.agreementShow($1) },
    "override-add": { try $0.overrideAdd($1) },
    "shield": { try $0.shield($1) },
    "unshield": { try $0.unshield($1) },
    "erase": { try $0.erase($1) },
    "may-share": { try $0.mayShare($1) },
    "lead-list": { try $0.leadList($1) },
    "lead-set": { try $0.leadSet($1) },
    "lead-accept": { try $0.leadAccept($1) },
    "lead-end": { try $0.leadEnd($1) },
    "involvement-add": { try $0.involvementAdd($1) },
    "conflict-list": { try $0.conflictList($1) },
    "conflict-show": { try $0.conflictShow($1) },
    "conflict-resolve": { try $0.conflictResolve($1) },
    "why": { try $0.why($1) },
    "export": { try $0.export($1) },
    "part-list": { try $0.partList($1) },
    "returned-list": { try $0.returnedList($1) },
    "quarantine-list": { try $0.quarantineList($1) },
    "quarantine-take-up": { try $0.quarantineTakeUp($1) },
    "quarantine-discard": { try $0.quarantineDiscard($1) },
    "child-revision": { try $0.childRevision($1) },
    "caf-tasks": { try $0.cafTasks($1) },
    "child-version": { try $0.childVersion($1) },
    "child-version-write": { try $0.childVersionWrite($1) },
    "record-list": { try $0.recordList($1) },
    "record-form": { try $0.recordForm($1) },
    "record-write": { try $0.recordWrite($1) },
    "record-remove": { try $0.recordRemove($1) },
    "note-add": { try $0.noteAdd($1) },
    "note-list": { try $0.noteList($1) },
    "load-sample": { try $0.loadSample($1) },
  ]

  /// The names that the columns of an imported list may have.
  package static var importColumns: [String] { Replica.childFields }
  package static var importBytesMax: Int { CSV.bytesMax / 2 }

  /// Runs one operation; every failure becomes a sentence with an exit code.
  package static func run(
    _ name: String, _ input: JSON, on replica: Replica
  ) throws(OperationError) -> JSON {
    guard let operation = table[name] else {
      throw OperationError(.usage, "There is no operation “\(name)”.")
    }
    guard !replica.engine.isLocked || openWhenLocked.contains(name) else { throw locked }
    do {
      return try operation(replica, OperationInput(input))
    } catch {
      throw OperationError(any: error)
    }
  }
}

extension OperationError {
  /// Whatever went wrong below, as something to tell a person.
  package init(any error: any Error) {
    switch error {
    case let error as OperationError: self = error
    case let error as AgencyError:
      switch error {
      case .revoked: self.init(.refused, "\(error)")
      default: self.init(.failure, "\(error)")
      }
    case let error as StoreError:
      switch error {
      case .readOnly, .full: self.init(.system, "\(error)")
      case .tooLarge: self.init(.usage, "\(error)")
      case .locked: self.init(.refused, "\(error)")
      default: self.init(.damaged, "\(error)")
      }
    case let error as PrivateBackupError:
      switch error {
      case .damaged, .notABackup: self.init(.damaged, "\(error)")
      case .wrongPassphrase, .otherAgency: self.init(.refused, "\(error)")
      case .newer, .tooLarge, .tooManyRuns: self.init(.failure, "\(error)")
      }
    case let error as FileError:
      switch error.cause {
      case .notPermitted, .readOnly, .diskFull: self.init(.system, "\(error)")
      default: self.init(.failure, "\(error)")
      }
    case let error as SQLiteError:
      self.init(error.isFull || error.isReadOnly ? .system : .damaged, "\(error)")
    default: self.init(.failure, "\(error)")
    }
  }
}
