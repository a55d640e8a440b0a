import AgencyService
import HubService
import Operations

/// How the process ends that met an error.
enum Failure {
  static func exit(of error: any Error) -> ExitCode {
    if let error = error as? OperationError { return error.code }
    return HubFailures.exit(of: error)
  }
}
