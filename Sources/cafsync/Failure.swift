import HubService
import Operations

/// How the process ends that met an error.
enum Failure {
  static func exit(of error: any Error) -> ExitCode {
    HubFailures.exit(of: error)
  }
}
