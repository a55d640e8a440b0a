import Foundation

/// The package's own files, found from where this file stands.
struct Repository {
  let files: [SourceText]
  let manifest: Manifest
  let architecture: String
  /// What git tracks; nil in an export without git.
  let trackedPaths: [String]?

  /// Read once: all rules look at the same texts.
  static let current = Result { try Repository() }

  private init() throws {
    let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    func text(_ path: String) throws -> String {
      try String(contentsOf: root.appending(path: path), encoding: .utf8)
    }
    manifest = Manifest(try text("Package.swift"))
    architecture = try text("ARCHITECTURE.md")
    files = try ["Sources", "Tests"].flatMap { folder in
      try FileManager.default.subpathsOfDirectory(atPath: root.appending(path: folder).path)
        .filter { $0.hasSuffix(".swift") || $0.hasSuffix(".h") || $0.hasSuffix(".sql") }
        .sorted()
        .map { SourceText(path: "\(folder)/\($0)", text: try text("\(folder)/\($0)")) }
    }
    let isClone = FileManager.default.fileExists(atPath: root.appending(path: ".git").path)
    trackedPaths = isClone ? try Self.tracked(in: root) : nil
  }

  private static func tracked(in root: URL) throws -> [String] {
    let git = Process()
    git.executableURL = URL(filePath: "/usr/bin/env")
    git.arguments = ["git", "-c", "safe.directory=*", "-C", root.path, "ls-files"]
    let output = Pipe()
    git.standardOutput = output
    try git.run()
    let bytes = try output.fileHandleForReading.readToEnd() ?? Data()
    git.waitUntilExit()
    return String(decoding: bytes, as: UTF8.self).split(separator: "\n").map(String.init)
  }
}
