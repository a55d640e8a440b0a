import CLinux
import Glibc
import Operations

/// A process that this one started: the demonstration's hub and agencies are processes like any
/// other, so that killing one is no play.
final class ChildProcess {
  let identifier: pid_t
  private var status: Int32?

  /// Starts `executable`, with everything that it prints appended to the file `log`.
  ///
  /// It ends when this process does, even when that is killed. It stands in a process group of its
  /// own, so that Ctrl-C reaches only whoever started it, and it inherits no environment but the
  /// loader's path: the same demonstration on every machine.
  init(_ executable: String, _ arguments: [String], log: String) throws(FileError) {
    var environment: [String] = []
    if let path = getenv("LD_LIBRARY_PATH") {
      environment.append("LD_LIBRARY_PATH=" + String(cString: path))
    }
    let child: pid_t = Self.withStrings([executable] + arguments) { words in
      Self.withStrings(environment) { clinux_spawn_bound(executable, words, $0, log) }
    }
    guard child > 0 else { throw FileError(.create, executable, errno: errno) }
    identifier = child
  }

  /// The strings as C wants them: pointers, and nil after the last.
  private static func withStrings(
    _ strings: [String], _ body: (UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>) -> Int32
  ) -> Int32 {
    var pointers: [UnsafeMutablePointer<CChar>?] = strings.map { strdup($0) }
    pointers.append(nil)
    defer { for pointer in pointers { free(pointer) } }
    return pointers.withUnsafeMutableBufferPointer { buffer in
      buffer.baseAddress.map(body) ?? EINVAL
    }
  }

  func signal(_ number: Int32) {
    if status == nil { kill(identifier, number) }
  }

  var isRunning: Bool { exitStatus(waiting: false) == nil }

  /// How it ended: its exit code, or minus the signal that ended it; nil while it runs.
  /// - Parameter waiting: stays until it has ended.
  @discardableResult
  func exitStatus(waiting: Bool) -> Int32? {
    if status == nil {
      var raw: Int32 = 0
      var ended: pid_t
      repeat {
        ended = waitpid(identifier, &raw, waiting ? 0 : WNOHANG)
      } while ended < 0 && errno == EINTR
      if ended == identifier { status = raw & 0x7f == 0 ? raw >> 8 & 0xff : -(raw & 0x7f) }
    }
    return status
  }

  /// Ends at once, whatever it is doing: SIGKILL.
  func destroy() {
    signal(SIGKILL)
    exitStatus(waiting: true)
  }
}
