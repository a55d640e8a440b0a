/// How `cafsync` ends, for the scripts that call it. The numbers are part of the interface and
/// never change their meaning.
package enum ExitCode: Int32, Sendable, CaseIterable {
  /// Done; or the question's answer is yes.
  case success = 0
  /// It failed for a reason that no other code names; or the question's answer is no.
  case failure = 1
  /// The command line is wrong.
  case usage = 2
  /// The configuration is wrong.
  case configuration = 3
  /// The daemon is not running, or the hub cannot be reached.
  case unreachable = 4
  /// Not permitted: policy, consent or credentials forbid it.
  case refused = 5
  /// A file is damaged or its key does not fit.
  case damaged = 6
  /// Nothing was lost, but a person has to decide first.
  case conflict = 7
  /// Another process is using the folder or the port.
  case busy = 8
  /// The machine is in the way: full disk, read-only folder, missing rights on a file.
  case system = 9

  /// One line for `--help` and the manual.
  package var meaning: String {
    switch self {
    case .success: "done, or the answer is yes"
    case .failure: "failed, or the answer is no"
    case .usage: "the command line is wrong"
    case .configuration: "the configuration is wrong"
    case .unreachable: "the daemon is not running or the hub cannot be reached"
    case .refused: "not permitted by policy, consent or credentials"
    case .damaged: "a file is damaged or its key does not fit"
    case .conflict: "a person has to decide first; nothing was lost"
    case .busy: "another process is using the folder or the port"
    case .system: "full disk, read-only folder or missing rights"
    }
  }
}
