import Cryptography
import HTTPTransport
package import Operations
import ReplicaStore
import SQLite

/// How a command ends that met an error: the one place where errors of all floors become exit
/// codes.
package enum HubFailures {
  package static func exit(of error: any Error) -> ExitCode {
    switch error {
    case let error as LocalFailure: error.exit
    case let error as HubFolderError: error.exit
    case let error as BackupError: error.exit
    case is UsageError: .usage
    case is ConfigurationError: .configuration
    case let error as FolderLockError: exit(of: error)
    case let error as FileError: exit(of: error)
    case let error as HTTPServerError: exit(of: error)
    case let error as HTTPClientError: error.kind == .refusedURL ? .usage : .unreachable
    case let error as StoreError: exit(of: error)
    case let error as SQLiteError: exit(of: StoreError(opening: "", error))
    case is WorkerThreadError: .busy
    case is CryptographyError: .damaged
    default: .failure
    }
  }

  private static func exit(of error: FolderLockError) -> ExitCode {
    switch error {
    case .inUse: .busy
    case .file(let error): exit(of: error)
    }
  }

  private static func exit(of error: FileError) -> ExitCode {
    switch error.cause {
    case .notFound: .configuration
    case .notPermitted, .readOnly, .diskFull, .other: .system
    case .tooLong, .notAPlainFile: .damaged
    }
  }

  private static func exit(of error: HTTPServerError) -> ExitCode {
    switch error {
    case .addressInUse: .busy
    case .notLoopback, .invalidAddress, .pathTooLong: .configuration
    case .notASocket, .notPermitted, .system: .system
    }
  }

  private static func exit(of error: StoreError) -> ExitCode {
    switch error {
    case .damaged, .newer, .keyMissing, .wrongKey, .wrongRole: .damaged
    case .readOnly, .full, .unreadable: .system
    case .locked: .refused
    case .checkpointBusy: .busy
    case .tooLarge: .failure
    }
  }
}
