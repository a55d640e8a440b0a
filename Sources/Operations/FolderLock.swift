import Glibc

/// Why a data folder could not be taken.
package enum FolderLockError: Error, Equatable, Sendable, CustomStringConvertible {
  /// Another process holds it; its id, when the lock file tells.
  case inUse(folder: String, processId: Int32?)
  case file(FileError)

  package var description: String {
    switch self {
    case .inUse(let folder, let processId):
      "another cafsync (\(processId.map { "process \($0)" } ?? "process unknown")) is using "
        + "\(folder). Stop it first, or name another folder."
    case .file(let error): error.description
    }
  }
}

/// A data folder taken for this process alone, so that two daemons never write one database.
///
/// An `flock` on the file `lock` in the folder: the kernel drops it when the process dies, however
/// it dies, so there is no stale lock to clean up. The file itself is never removed; removing it
/// would let two processes each lock a different file of the same name.
///
/// Swift may drop an object after its last use, so keep it with `defer { folderLock.release() }`.
package final class FolderLock: Sendable {
  private let descriptor: Lock<Int32?>

  /// Takes the folder, or says who has it. Never waits.
  package init(folder: String) throws(FolderLockError) {
    let path = "\(folder)/lock"
    let opened = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
    guard opened >= 0 else { throw .file(FileError(.lock, path, errno: errno)) }
    do throws(FolderLockError) {
      guard flock(opened, LOCK_EX | LOCK_NB) == 0 else {
        if errno == EWOULDBLOCK {
          throw .inUse(folder: folder, processId: Self.holder(opened))
        }
        throw .file(FileError(.lock, path, errno: errno))
      }
      guard ftruncate(opened, 0) == 0 else { throw .file(FileError(.lock, path, errno: errno)) }
      do throws(FileError) {
        try AtomicFile.writeAll(Array("\(getpid())\n".utf8), to: opened, path: path)
      } catch {
        throw .file(error)
      }
    } catch {
      close(opened)
      throw error
    }
    descriptor = Lock(opened)
  }

  deinit { release() }

  /// Gives the folder back. Doing it twice is harmless.
  package func release() {
    descriptor.withLock {
      if let open = $0 {
        // Closing alone would leave it taken while a process that is just being started still has
        // its copy of the descriptor.
        flock(open, LOCK_UN)
        close(open)
      }
      $0 = nil
    }
  }

  private static func holder(_ descriptor: Int32) -> Int32? {
    var buffer = [UInt8](repeating: 0, count: 16)
    let count = pread(descriptor, &buffer, buffer.count, 0)
    guard count > 0 else { return nil }
    let digits = buffer[..<count].prefix { $0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9") }
    return Int32(String(decoding: digits, as: UTF8.self))
  }
}
