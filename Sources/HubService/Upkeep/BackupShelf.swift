import Cryptography
import Glibc
import Operations

/// A folder of backups of one kind: each a folder of its own, named for its time, that appears
/// whole or not at all.
struct BackupShelf {
  /// One that lies there.
  struct Item {
    let path: String
    let manifest: BackupManifest

    var file: String { path + "/" + manifest.content.file }
  }

  let path: String
  let content: BackupManifest.Content
  let authenticator: MessageAuthenticator

  private var prefix: String { content.rawValue + "-" }
  /// Of what was begun; nobody else's files begin like this.
  private var partialPrefix: String { ".partial-" + prefix }

  /// Makes the folder, readable by its owner alone, if it is not there.
  func make() throws(FileError) {
    if mkdir(path, 0o700) != 0 && errno != EEXIST { throw FileError(.create, path, errno: errno) }
  }

  func name(at milliseconds: UInt64) -> String { prefix + Moment.stamp(milliseconds) }

  /// A folder to write into; what a backup that was cut off has left is destroyed before.
  func begin(at milliseconds: UInt64) throws -> String {
    let name = name(at: milliseconds)
    guard access(path + "/" + name, F_OK) != 0 else {
      throw BackupError.taken(path: path + "/" + name)
    }
    if let newest = try own().first, newest.manifest.createdMilliseconds > milliseconds {
      throw BackupError.clockIsBehind(newest: newest.path)
    }
    for left in try names() where left.hasPrefix(partialPrefix) { try destroy(left) }
    let partial = path + "/" + partialPrefix + Moment.stamp(milliseconds)
    guard mkdir(partial, 0o700) == 0 else { throw FileError(.create, partial, errno: errno) }
    return partial
  }

  /// Gives what was begun its name, durably. The manifest is written last.
  func place(_ partial: String, _ manifest: BackupManifest) throws -> String {
    try AtomicFile.write(
      manifest.encoded(authenticator), to: partial + "/" + BackupManifest.file)
    let target = path + "/" + name(at: manifest.createdMilliseconds)
    // Without replacing: a folder that is not empty is not renamed over.
    guard rename(partial, target) == 0 else {
      if errno == EEXIST || errno == ENOTEMPTY { throw BackupError.taken(path: target) }
      throw FileError(.write, target, errno: errno)
    }
    try Folder.flush(path)
    return target
  }

  /// What lies there, the newest first. Folders without a manifest are none; one whose manifest is
  /// not this hub's is told of, since somebody may have changed it.
  func items() throws -> [Item] {
    try candidates().map { try item(at: $0) }.sorted {
      $0.manifest.createdMilliseconds > $1.manifest.createdMilliseconds
    }
  }

  /// Those that this hub has written, as their manifests prove, the newest first. Whatever else
  /// lies there is nobody's to touch.
  private func own() throws -> [Item] {
    try candidates().compactMap { folder in
      // What proves nothing is not ours, whatever is wrong with it.
      try? item(at: folder)
    }.sorted { $0.manifest.createdMilliseconds > $1.manifest.createdMilliseconds }
  }

  private func candidates() throws -> [String] {
    try names().filter { $0.hasPrefix(prefix) }.map { path + "/" + $0 }
      .filter { access($0 + "/" + BackupManifest.file, F_OK) == 0 }
  }

  func item(at folder: String) throws -> Item {
    let path = folder + "/" + BackupManifest.file
    let manifest = try BackupManifest(file: path, authenticator)
    guard manifest.content == content else { throw BackupError.unreadableManifest(path: path) }
    return Item(path: folder, manifest: manifest)
  }

  /// Destroys this hub's own but for the newest so many, and never `placed`, which has just been
  /// put there; the names of those destroyed.
  func prune(keeping count: Int, with placed: String) throws -> [String] {
    let old = try own().filter { $0.path != placed }.dropFirst(max(count - 1, 0))
      .map { String($0.path.dropFirst(path.utf8.count + 1)) }
    for name in old { try destroy(name) }
    if !old.isEmpty { try Folder.flush(path) }
    return old
  }

  func discard(_ partial: String) {
    // The next one that is begun tries again, and says why it cannot.
    if let name = partial.split(separator: "/").last { try? destroy(String(name)) }
  }

  /// Overwrites the files, then removes them: they hold keys, or what keys would open. Overwriting
  /// reaches the bytes on file systems that write in place.
  private func destroy(_ name: String) throws {
    let folder = path + "/" + name
    for file in try Folder.names(in: folder) {
      try Folder.shred(folder + "/" + file)
    }
    guard rmdir(folder) == 0 else { throw FileError(.write, folder, errno: errno) }
  }

  private func names() throws(FileError) -> [String] { try Folder.names(in: path) }
}
