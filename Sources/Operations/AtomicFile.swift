import Glibc

/// Small files that are either wholly the old ones or wholly the new ones, whenever the power goes.
package enum AtomicFile {
  /// Replaces the file at `path` by `bytes`.
  ///
  /// Written to a temporary neighbour, flushed, renamed over the old file, and the folder flushed:
  /// POSIX promises the rename to be atomic, and only the two flushes promise that it survives a
  /// power cut.
  /// - Parameter mode: the permission bits, set exactly whatever the umask is; readable by the
  ///   owner alone if not given.
  /// - Parameter anywhere: also where rights cannot be set or folders not flushed, as on a stick
  ///   that other systems read too: what can be promised there is the rename.
  package static func write(
    _ bytes: [UInt8], to path: String, mode: UInt32 = 0o600, anywhere: Bool = false
  ) throws(FileError) {
    // Its own name per call: two writers must not write into one temporary file.
    let temporary = "\(path).\(getpid())-\(UInt64.random(in: 0 ... .max)).tmp"
    let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
    guard descriptor >= 0 else { throw FileError(.write, path, errno: errno) }
    do throws(FileError) {
      do throws(FileError) {
        try writeAll(bytes, to: descriptor, path: path)
        guard fchmod(descriptor, mode) == 0 || (anywhere && isUnsupported(errno)),
          fsync(descriptor) == 0
        else { throw FileError(.write, path, errno: errno) }
      } catch {
        close(descriptor)
        throw error
      }
      // Network file systems report a full disk only here.
      guard close(descriptor) == 0 else { throw FileError(.write, path, errno: errno) }
      guard rename(temporary, path) == 0 else { throw FileError(.write, path, errno: errno) }
    } catch {
      unlink(temporary)
      throw error
    }
    try flushFolder(of: path, anywhere: anywhere)
  }

  /// The file system has no such thing.
  static func isUnsupported(_ code: Int32) -> Bool {
    [EPERM, EINVAL, EOPNOTSUPP, ENOSYS].contains(code)
  }

  /// The whole file, if it is a plain file of at most `maximumBytes`.
  package static func read(_ path: String, maximumBytes: Int) throws(FileError) -> [UInt8] {
    let bytes = try read(
      path, bytesMax: maximumBytes == .max ? .max : maximumBytes + 1, sizeMax: maximumBytes)
    guard bytes.count <= maximumBytes else {
      throw FileError(.read, path, .tooLong(limitBytes: maximumBytes))
    }
    return bytes
  }

  /// The first bytes of a plain file, all of them when there are not more than so many.
  package static func beginning(of path: String, bytesMax: Int) throws(FileError) -> [UInt8] {
    try read(path, bytesMax: bytesMax, sizeMax: .max)
  }

  private static func read(
    _ path: String, bytesMax: Int, sizeMax: Int
  ) throws(FileError) -> [UInt8] {
    // Without O_NONBLOCK, opening a named pipe would wait for ever.
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { throw FileError(.read, path, errno: errno) }
    defer { close(descriptor) }
    var facts = stat()
    guard fstat(descriptor, &facts) == 0 else { throw FileError(.read, path, errno: errno) }
    guard facts.st_mode & S_IFMT == S_IFREG else { throw FileError(.read, path, .notAPlainFile) }
    guard facts.st_size <= sizeMax else {
      throw FileError(.read, path, .tooLong(limitBytes: sizeMax))
    }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 16_384)
    while true {
      let count = Glibc.read(descriptor, &chunk, chunk.count)
      if count < 0 && errno == EINTR { continue }
      guard count >= 0 else { throw FileError(.read, path, errno: errno) }
      // The size is counted while reading: what fstat said may have grown since.
      bytes.append(contentsOf: chunk[..<min(count, bytesMax - bytes.count)])
      if count == 0 || bytes.count == bytesMax { return bytes }
    }
  }

  static func writeAll(
    _ bytes: [UInt8], to descriptor: Int32, path: String
  ) throws(FileError) {
    var offset = 0
    while offset < bytes.count {
      let count = bytes.withUnsafeBytes { buffer in
        let rest = UnsafeRawBufferPointer(rebasing: buffer[offset...])
        return Glibc.write(descriptor, rest.baseAddress, rest.count)
      }
      if count < 0 && errno == EINTR { continue }
      guard count > 0 else { throw FileError(.write, path, errno: count == 0 ? EIO : errno) }
      offset += count
    }
  }

  private static func flushFolder(of path: String, anywhere: Bool) throws(FileError) {
    let folder = path.lastIndex(of: "/").map { $0 == path.startIndex ? "/" : String(path[..<$0]) }
    let descriptor = open(folder ?? ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { throw FileError(.write, path, errno: errno) }
    defer { close(descriptor) }
    guard fsync(descriptor) == 0 || (anywhere && isUnsupported(errno)) else {
      throw FileError(.write, path, errno: errno)
    }
  }
}
