import Foundation
import Glibc
import TestSupport

/// A temporary folder, removed when it is let go.
package final class TestFolder {
  package let path: String

  package init() throws {
    path = FileManager.default.temporaryDirectory.path + "/cafsync-e2e-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
  }

  deinit {
    // What cannot be removed is in nobody's way.
    try? FileManager.default.removeItem(atPath: path)
  }

  /// The paths of every plain file below, with what it contains.
  package static func files(in folder: String) throws -> [(path: String, bytes: [UInt8])] {
    let names = FileManager.default.enumerator(atPath: folder)?.allObjects as? [String] ?? []
    return names.compactMap { name in
      let path = folder + "/" + name
      var facts = stat()
      guard lstat(path, &facts) == 0, facts.st_mode & S_IFMT == S_IFREG else { return nil }
      // A temporary file may be gone again since the folder was read.
      return (try? Data(contentsOf: URL(fileURLWithPath: path))).map { (path, Array($0)) }
    }
  }

  /// Copies the plain files directly in a folder: sockets cannot be copied, and need not be.
  package static func copyFiles(
    of folder: String, to target: String, where isWanted: (String) -> Bool = { _ in true }
  ) throws {
    try FileManager.default.createDirectory(
      atPath: target, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    for name in try FileManager.default.contentsOfDirectory(atPath: folder) where isWanted(name) {
      var facts = stat()
      guard lstat(folder + "/" + name, &facts) == 0, facts.st_mode & S_IFMT == S_IFREG else {
        continue
      }
      try FileManager.default.copyItem(atPath: folder + "/" + name, toPath: target + "/" + name)
    }
  }

  /// Which of the secrets stand in which of the folders' files.
  package static func search(
    _ folders: [String], for secrets: [String: [UInt8]]
  ) throws -> [(name: String, path: String)] {
    let search = ByteSearch(secrets.map { .init($0.key, $0.value) })
    return try folders.flatMap { try files(in: $0) }.flatMap { file in
      search.found(in: file.bytes).sorted().map { ($0, file.path) }
    }
  }

  package static func search(
    _ folders: [String], forWords words: [String]
  ) throws -> [(name: String, path: String)] {
    try search(
      folders, for: Dictionary(uniqueKeysWithValues: words.map { ($0, Array($0.utf8)) }))
  }
}
