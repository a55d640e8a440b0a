import Foundation
import Operations
import Testing

/// A folder of its own for one test, removed afterwards.
final class TemporaryFolder {
  let path: String

  init() throws {
    let url = FileManager.default.temporaryDirectory.appending(path: "cafsync-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    path = url.path
  }

  // A folder that cannot be removed is no failure of the test.
  deinit { try? FileManager.default.removeItem(atPath: path) }

  func names() throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: path).sorted()
  }
}

@Suite struct AtomicFileTests {
  @Test func `a file is replaced whole, with its mode and nothing left beside it`() throws {
    let folder = try TemporaryFolder()
    let path = folder.path + "/key"
    for (bytes, mode) in [
      ([1, 2, 3], 0o600), ([], 0o644), ([UInt8](repeating: 7, count: 40_000), 0o600),
    ] as [([UInt8], UInt32)] {
      try AtomicFile.write(bytes, to: path, mode: mode)
      #expect(try AtomicFile.read(path, maximumBytes: 40_000) == bytes)
      let attributes = try FileManager.default.attributesOfItem(atPath: path)
      #expect(attributes[.posixPermissions] as? Int == Int(mode))
      #expect(try folder.names() == ["key"])
    }
  }

  @Test func `reading is bounded at the limit`() throws {
    let folder = try TemporaryFolder()
    let path = folder.path + "/file"
    for size in [0, 1, 16_384, 20_000] {
      try AtomicFile.write([UInt8](repeating: 1, count: size), to: path)
      #expect(try AtomicFile.read(path, maximumBytes: size).count == size)
      guard size > 0 else { continue }
      #expect(throws: FileError(.read, path, .tooLong(limitBytes: size - 1))) {
        try AtomicFile.read(path, maximumBytes: size - 1)
      }
    }
  }

  @Test func `the beginning of a file is as much as was asked for, or all there is`() throws {
    let folder = try TemporaryFolder()
    let path = folder.path + "/file"
    let bytes = (0..<40_000).map { UInt8(truncatingIfNeeded: $0) }
    try AtomicFile.write(bytes, to: path)
    for count in [0, 1, 16_384, 16_385, 39_999, 40_000, 40_001, Int.max] {
      let expected = Array(bytes[..<min(count, bytes.count)])
      #expect(try AtomicFile.beginning(of: path, bytesMax: count) == expected)
    }
    #expect(throws: FileError(.read, folder.path, .notAPlainFile)) {
      try AtomicFile.beginning(of: folder.path, bytesMax: 1)
    }
  }

  @Test func `what cannot be done says why and leaves nothing behind`() throws {
    let folder = try TemporaryFolder()
    #expect(throws: FileError(.read, folder.path + "/a", .notFound)) {
      try AtomicFile.read(folder.path + "/a", maximumBytes: 1)
    }
    #expect(throws: FileError(.read, folder.path, .notAPlainFile)) {
      try AtomicFile.read(folder.path, maximumBytes: 1)
    }
    #expect(mkfifo(folder.path + "/pipe", 0o600) == 0)
    #expect(throws: FileError(.read, folder.path + "/pipe", .notAPlainFile)) {
      try AtomicFile.read(folder.path + "/pipe", maximumBytes: 1)
    }
    #expect(throws: FileError(.write, folder.path + "/b/c", .notFound)) {
      try AtomicFile.write([1], to: folder.path + "/b/c")
    }
    try FileManager.default.createDirectory(
      atPath: folder.path + "/d", withIntermediateDirectories: true)
    #expect(throws: FileError(.write, folder.path + "/d", .notAPlainFile)) {
      try AtomicFile.write([1], to: folder.path + "/d")
    }
    #expect(try folder.names() == ["d", "pipe"])
    // /proc refuses new files to everybody, root included.
    #expect(throws: FileError.self) { try AtomicFile.write([1], to: "/proc/cafsync") }
  }

  @Test func `each cause has its sentence`() {
    let cases: [(code: Int32, cause: FileError.Cause, words: String)] = [
      (ENOENT, .notFound, "no such file"), (EACCES, .notPermitted, "chown"),
      (EROFS, .readOnly, "read-only"), (ENOSPC, .diskFull, "disk is full"),
      (EISDIR, .notAPlainFile, "not a plain file"), (EIO, .other(EIO), "errno 5"),
    ]
    for (code, cause, words) in cases {
      let error = FileError(.write, "/data/key", errno: code)
      #expect(error.cause == cause)
      #expect(error.description.hasPrefix("cannot write /data/key: "))
      #expect(error.description.contains(words))
    }
  }
}

@Suite struct FolderLockTests {
  @Test func `a folder has one holder at a time, who is named`() throws {
    let folder = try TemporaryFolder()
    let first = try FolderLock(folder: folder.path)
    let error = FolderLockError.inUse(folder: folder.path, processId: getpid())
    #expect(throws: error) { try FolderLock(folder: folder.path) }
    #expect(error.description.contains("another cafsync (process \(getpid())) is using"))
    first.release()
    first.release()
    let second = try FolderLock(folder: folder.path)
    #expect(throws: FolderLockError.self) { try FolderLock(folder: folder.path) }
    second.release()
    #expect(try folder.names() == ["lock"])
  }

  /// A process that is being started holds a copy of every descriptor until it runs its program.
  @Test func `given back, a folder is free although a copy of the descriptor is open`() throws {
    let folder = try TemporaryFolder()
    let first = try FolderLock(folder: folder.path)
    let names = try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")
    let name = names.first { name in
      // Other tests open and close descriptors meanwhile.
      let link = "/proc/self/fd/\(name)"
      let target = try? FileManager.default.destinationOfSymbolicLink(atPath: link)
      return target == folder.path + "/lock"
    }
    let copy = dup(try #require(name.flatMap { Int32($0) }))
    #expect(copy >= 0)
    defer { close(copy) }
    first.release()
    let second = try FolderLock(folder: folder.path)
    second.release()
  }

  @Test func `a missing folder is a file error`() {
    #expect(throws: FolderLockError.file(FileError(.lock, "/nowhere/lock", .notFound))) {
      try FolderLock(folder: "/nowhere")
    }
  }
}
