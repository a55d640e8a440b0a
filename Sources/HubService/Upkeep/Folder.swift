import Glibc
import Operations

/// What this module does with whole folders.
enum Folder {
  /// The names in it, without "." and "..".
  static func names(in folder: String) throws(FileError) -> [String] {
    guard let listing = opendir(folder) else { throw FileError(.read, folder, errno: errno) }
    defer { closedir(listing) }
    var names: [String] = []
    while let entry = readdir(listing) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if name != "." && name != ".." { names.append(name) }
    }
    return names.sorted()
  }

  /// Overwrites a plain file with zeros, and removes it.
  static func shred(_ path: String) throws(FileError) {
    var facts = stat()
    guard lstat(path, &facts) == 0 else { throw FileError(.write, path, errno: errno) }
    if facts.st_mode & S_IFMT == S_IFREG {
      let descriptor = open(path, O_WRONLY | O_CLOEXEC | O_NOFOLLOW)
      guard descriptor >= 0 else { throw FileError(.write, path, errno: errno) }
      defer { close(descriptor) }
      let zeros = [UInt8](repeating: 0, count: 1 << 16)
      var left = Int(facts.st_size)
      while left > 0 {
        let count = Glibc.write(descriptor, zeros, min(left, zeros.count))
        if count < 0 && errno == EINTR { continue }
        guard count > 0 else { throw FileError(.write, path, errno: errno) }
        left -= count
      }
      guard fsync(descriptor) == 0 else { throw FileError(.write, path, errno: errno) }
    }
    guard unlink(path) == 0 else { throw FileError(.write, path, errno: errno) }
  }

  /// Makes what was named or removed in it durable.
  static func flush(_ folder: String) throws(FileError) {
    let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { throw FileError(.write, folder, errno: errno) }
    defer { close(descriptor) }
    guard fsync(descriptor) == 0 else { throw FileError(.write, folder, errno: errno) }
  }

  static func move(_ source: String, to target: String) throws(FileError) {
    guard rename(source, target) == 0 else { throw FileError(.write, target, errno: errno) }
  }

  /// Copies a plain file, readable by its owner alone, until it is on the disk.
  static func copy(_ source: String, to target: String) throws(FileError) {
    let from = open(source, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
    guard from >= 0 else { throw FileError(.read, source, errno: errno) }
    defer { close(from) }
    let to = open(target, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
    guard to >= 0 else { throw FileError(.write, target, errno: errno) }
    defer { close(to) }
    var chunk = [UInt8](repeating: 0, count: 1 << 20)
    while true {
      let got = read(from, &chunk, chunk.count)
      if got < 0 && errno == EINTR { continue }
      guard got >= 0 else { throw FileError(.read, source, errno: errno) }
      if got == 0 { break }
      try write(chunk[..<got], to: to, target)
    }
    guard fsync(to) == 0 else { throw FileError(.write, target, errno: errno) }
  }

  private static func write(
    _ bytes: ArraySlice<UInt8>, to descriptor: Int32, _ path: String
  ) throws(FileError) {
    var rest = bytes
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
      if count < 0 && errno == EINTR { continue }
      guard count > 0 else { throw FileError(.write, path, errno: count == 0 ? ENOSPC : errno) }
      rest = rest.dropFirst(count)
    }
  }

  /// Whether one of the two lies in the other, or they are the same. Both are there.
  static func overlap(_ first: String, _ second: String) throws(FileError) -> Bool {
    let (first, second) = (try resolved(first) + "/", try resolved(second) + "/")
    return first.hasPrefix(second) || second.hasPrefix(first)
  }

  private static func resolved(_ path: String) throws(FileError) -> String {
    guard let found = realpath(path, nil) else { throw FileError(.read, path, errno: errno) }
    defer { free(found) }
    return String(cString: found)
  }
}
