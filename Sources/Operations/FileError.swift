import Glibc

/// A file operation that the system refused: which file, why, and what somebody can do about it.
package struct FileError: Error, Equatable, Sendable, CustomStringConvertible {
  /// What was tried, as a verb that fits after "cannot".
  package enum Operation: String, Sendable {
    case read, write, create, lock
  }

  /// The cause, as far as callers treat causes differently.
  package enum Cause: Equatable, Sendable {
    case notFound
    case notPermitted
    case readOnly
    case diskFull
    /// The file is longer than the limit in bytes.
    case tooLong(limitBytes: Int)
    /// A folder, socket or device where a plain file is expected.
    case notAPlainFile
    /// Anything else, by its errno.
    case other(Int32)
  }

  package let operation: Operation
  package let path: String
  package let cause: Cause

  package init(_ operation: Operation, _ path: String, _ cause: Cause) {
    self.operation = operation
    self.path = path
    self.cause = cause
  }

  /// - Parameter code: the value of `errno` right after the failed call.
  package init(_ operation: Operation, _ path: String, errno code: Int32) {
    let cause: Cause =
      switch code {
      case ENOENT, ENOTDIR: .notFound
      case EACCES, EPERM: .notPermitted
      case EROFS: .readOnly
      case ENOSPC, EDQUOT: .diskFull
      case EISDIR, ENXIO: .notAPlainFile
      default: .other(code)
      }
    self.init(operation, path, cause)
  }

  package var description: String { "cannot \(operation.rawValue) \(path): \(sentence)" }

  private var sentence: String {
    switch cause {
    case .notFound:
      "there is no such file or folder. Check the path."
    case .notPermitted:
      "this user may not. Run as the owner of the file, or correct the rights with chown and chmod."
    case .readOnly:
      "the file system is read-only. Mount it for writing, or use another folder."
    case .diskFull:
      "the disk is full. Free some space and try again; nothing was changed."
    case .tooLong(let limit):
      "it is longer than the \(limit) bytes allowed. Check that it is the right file."
    case .notAPlainFile:
      "it is not a plain file. Check the path."
    case .other(let code):
      "\(String(cString: strerror(code))) (errno \(code))."
    }
  }
}
