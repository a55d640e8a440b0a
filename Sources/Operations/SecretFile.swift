import Glibc

/// A file with a secret that is replaced by another, and must not be found afterwards.
///
/// The old content keeps a second name until the new file stands; then it is overwritten and
/// removed. Whenever this is cut off, the file under its own name is whole, the old or the new one,
/// and `finishReplacing` does the rest. Overwriting reaches the old bytes on file systems that
/// write in place; copy-on-write file systems, flash and backups may keep them.
package enum SecretFile {
  private static let oldSuffix = ".old"

  /// Replaces the file at `path`, readable by the owner alone, and destroys what was there.
  ///
  /// - Parameter anywhere: also where a file has one name only, and rights are not kept
  ///   (`AtomicFile.write`). What was there is then removed without being overwritten.
  package static func replace(
    _ bytes: [UInt8], at path: String, anywhere: Bool = false
  ) throws(FileError) {
    try finishReplacing(path)
    let old = path + oldSuffix
    let isLinked = link(path, old) == 0
    guard isLinked || errno == ENOENT || (anywhere && AtomicFile.isUnsupported(errno)) else {
      throw FileError(.create, old, errno: errno)
    }
    try AtomicFile.write(bytes, to: path, anywhere: anywhere)
    try finishReplacing(path)
  }

  /// What a replacing that was cut off has left behind: the old content, or a new one that did not
  /// come to stand under the name. Call before the first use of the file, with the folder taken.
  package static func finishReplacing(_ path: String) throws(FileError) {
    for name in try leftovers(of: path) { try destroy(name, sparing: path) }
  }

  /// Names in the same folder that begin with the file's own and a dot: its old content, and the
  /// temporary neighbours of `AtomicFile`.
  private static func leftovers(of path: String) throws(FileError) -> [String] {
    let end = path.lastIndex(of: "/")
    let folder = end.map { String(path[...$0]) } ?? ""
    let beginning = String(end.map { path[path.index(after: $0)...] } ?? path[...]) + "."
    guard let listing = opendir(folder.isEmpty ? "." : folder) else {
      throw FileError(.read, folder, errno: errno)
    }
    defer { closedir(listing) }
    var found: [String] = []
    while let entry = readdir(listing) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      guard name.hasPrefix(beginning) else { continue }
      let rest = name.dropFirst(beginning.count)
      if rest == oldSuffix.dropFirst() || rest.hasSuffix(".tmp") { found.append(folder + name) }
    }
    return found.sorted()
  }

  private static func destroy(_ name: String, sparing path: String) throws(FileError) {
    var facts = stat()
    guard lstat(name, &facts) == 0 else {
      if errno == ENOENT { return }
      throw FileError(.write, name, errno: errno)
    }
    var current = stat()
    let isCurrent =
      stat(path, &current) == 0 && current.st_ino == facts.st_ino
      && current.st_dev == facts.st_dev
    // Cut off between the second name and the new file: the content is still the file's own.
    if !isCurrent, facts.st_mode & S_IFMT == S_IFREG { try overwrite(name, size: facts.st_size) }
    guard unlink(name) == 0 else { throw FileError(.write, name, errno: errno) }
  }

  private static func overwrite(_ name: String, size: Int) throws(FileError) {
    let descriptor = open(name, O_WRONLY | O_CLOEXEC | O_NOFOLLOW)
    guard descriptor >= 0 else { throw FileError(.write, name, errno: errno) }
    defer { close(descriptor) }
    try AtomicFile.writeAll([UInt8](repeating: 0, count: size), to: descriptor, path: name)
    guard fsync(descriptor) == 0 else { throw FileError(.write, name, errno: errno) }
  }
}
