import Foundation
import Operations
import Testing

@Suite struct SecretFileTests {
  private static let old = Array("the old secret".utf8)
  private static let new = Array("the new one".utf8)

  @Test func `the new content stands alone, for its owner, and the old bytes are overwritten`()
    throws
  {
    let folder = try TemporaryFolder()
    let path = folder.path + "/key"
    try AtomicFile.write(Self.old, to: path)
    // Another name shows what became of the old content itself.
    try FileManager.default.createDirectory(
      atPath: folder.path + "/aside", withIntermediateDirectories: false)
    try FileManager.default.linkItem(atPath: path, toPath: folder.path + "/aside/seen")
    // Where everything is supported, asking for less makes no difference.
    try SecretFile.replace(Self.new, at: path, anywhere: true)
    #expect(try AtomicFile.read(path, maximumBytes: 100) == Self.new)
    #expect(try folder.names() == ["aside", "key"])
    let seen = try AtomicFile.read(folder.path + "/aside/seen", maximumBytes: 100)
    #expect(seen == [UInt8](repeating: 0, count: Self.old.count))
    let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
    #expect(mode == 0o600)
  }

  /// Every step of a replacing, cut off after it: the folder as it then is, and what counts.
  @Test func `cut off after any step, the file is whole and the rest is done later`() throws {
    typealias Step = (name: String, arrange: (String) throws -> Void, stands: [UInt8])
    let steps: [Step] = [
      ("nothing", { _ in }, Self.old),
      ("second name", { link($0, $0 + ".old") }, Self.old),
      (
        "temporary neighbour",
        {
          link($0, $0 + ".old")
          try AtomicFile.write(Self.new, to: $0 + ".77-123.tmp")
        }, Self.old
      ),
      (
        "renamed",
        {
          link($0, $0 + ".old")
          try AtomicFile.write(Self.new, to: $0)
        }, Self.new
      ),
      (
        "overwritten",
        {
          try AtomicFile.write(Self.new, to: $0)
          try AtomicFile.write([0, 0], to: $0 + ".old")
        }, Self.new
      ),
    ]
    for step in steps {
      let folder = try TemporaryFolder()
      let path = folder.path + "/key"
      try AtomicFile.write(Self.old, to: path)
      try AtomicFile.write([9], to: folder.path + "/key2.old")
      try step.arrange(path)
      #expect(try AtomicFile.read(path, maximumBytes: 100) == step.stands, "\(step.name)")
      try SecretFile.finishReplacing(path)
      #expect(try AtomicFile.read(path, maximumBytes: 100) == step.stands, "\(step.name)")
      #expect(try folder.names() == ["key", "key2.old"], "\(step.name)")
    }
  }

  @Test func `a folder that cannot be read is an error`() {
    #expect(throws: FileError.self) { try SecretFile.finishReplacing("/nonexistent/folder/key") }
  }
}
