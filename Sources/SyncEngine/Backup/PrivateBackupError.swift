/// Why a file is not restored, or not written, and what to do about it. Never with any of the data.
package enum PrivateBackupError: Error, Hashable, Sendable, CustomStringConvertible {
  case notABackup
  case damaged
  case newer(format: UInt64)
  case wrongPassphrase
  case otherAgency
  case tooLarge(limitBytes: Int)
  /// A compartment's vector would count more runs of this program than a vector may.
  case tooManyRuns(max: Int)

  package var description: String {
    switch self {
    case .notABackup:
      "This is no backup of private notes. Name the file that cafsync agency status showed on the "
        + "device that wrote it."
    case .damaged:
      "The backup is damaged: these are not the bytes that were written. Fetch it once more from "
        + "where it was kept, or take another copy. Nothing was changed."
    case .newer(let format):
      "The backup has format \(format), and this program reads up to \(PrivateBackupFile.format). "
        + "Upgrade cafsync and try again. Nothing was changed."
    case .wrongPassphrase:
      "That is not the passphrase of this backup. Nothing was changed; try again as often as "
        + "needed."
    case .otherAgency:
      "This is the backup of another agency. Restore it on a device of that agency. Nothing was "
        + "changed."
    case .tooLarge(let limitBytes):
      "The private notes are more than the \(limitBytes >> 20) MB that a backup may have. Export "
        + "and remove what is not needed any more. Until then the backup stays as it is."
    case .tooManyRuns(let max):
      "Restored, a part of the record would count more than \(max) runs of this program. Keep the "
        + "file, and restore it in a new folder. Nothing was changed."
    }
  }
}
