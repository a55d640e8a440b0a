import Glibc
import Operations

/// What the demonstration does to folders behind the daemons' backs: a thief, a backup and an
/// examiner of disks would do the same.
enum DemoFolder {
  private static let fileBytesMax = 256 << 20

  /// The names in a folder, but for itself and its parent.
  private static func names(in folder: String) throws(FileError) -> [String] {
    guard let directory = opendir(folder) else { throw FileError(.read, folder, errno: errno) }
    defer { closedir(directory) }
    var names: [String] = []
    while let entry = readdir(directory) {
      let name = withUnsafePointer(to: entry.pointee.d_name) { pointer in
        pointer.withMemoryRebound(to: CChar.self, capacity: Int(NAME_MAX) + 1) {
          String(cString: $0)
        }
      }
      if name != "." && name != ".." { names.append(name) }
    }
    return names.sorted()
  }

  /// Every plain file below a folder.
  static func files(in folder: String) throws(FileError) -> [String] {
    var found: [String] = []
    for name in try names(in: folder) {
      let path = folder + "/" + name
      var facts = stat()
      // A temporary file may be gone again since the folder was read.
      guard lstat(path, &facts) == 0 else { continue }
      switch facts.st_mode & S_IFMT {
      case S_IFDIR: found += try files(in: path)
      case S_IFREG: found.append(path)
      default: continue
      }
    }
    return found
  }

  /// Copies the plain files of a folder that has no folders in it, as a backup does.
  static func copy(_ source: String, to target: String) throws(FileError) {
    guard mkdir(target, 0o700) == 0 else { throw FileError(.create, target, errno: errno) }
    for file in try files(in: source) {
      let name = file.dropFirst(source.count)
      try AtomicFile.write(
        try AtomicFile.read(file, maximumBytes: fileBytesMax), to: target + name)
    }
  }

  /// Removes a folder with all that is in it.
  static func remove(_ folder: String) throws(FileError) {
    for name in try names(in: folder) {
      let path = folder + "/" + name
      if unlink(path) != 0 { try remove(path) }
    }
    guard rmdir(folder) == 0 else { throw FileError(.write, folder, errno: errno) }
  }

  /// The files among these that contain any of the patterns.
  static func search(_ files: [String], for patterns: [[UInt8]]) throws -> [String] {
    try files.filter { file in
      let content = try AtomicFile.read(file, maximumBytes: fileBytesMax)
      return patterns.contains { contains(content, $0) }
    }
  }

  private static func contains(_ content: [UInt8], _ pattern: [UInt8]) -> Bool {
    guard let first = pattern.first else { return false }
    return content.withUnsafeBytes { content in
      pattern.withUnsafeBytes { pattern in
        guard let end = content.baseAddress?.advanced(by: content.count),
          var rest = content.baseAddress, let wanted = pattern.baseAddress
        else { return false }
        while end - rest >= pattern.count,
          let found = memchr(rest, Int32(first), end - rest - pattern.count + 1)
        {
          if memcmp(found, wanted, pattern.count) == 0 { return true }
          rest = UnsafeRawPointer(found).advanced(by: 1)
        }
        return false
      }
    }
  }
}
