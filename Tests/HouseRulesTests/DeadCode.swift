/// What nobody uses.
enum DeadCode {
  /// Every Swift file of Sources belongs to a target.
  static func strayFiles(_ files: [SourceText], manifest: Manifest) -> [String] {
    let targets = Set(manifest.targets.map(\.name))
    return files.filter { file in
      file.path.hasPrefix("Sources/") && !(file.module.map(targets.contains) ?? false)
    }.map { "\($0.path): belongs to no target" }
  }

  /// Every function and type declared `package` in Sources is mentioned in code somewhere besides
  /// its declarations. A search for words: it misses a name that something else also carries, and
  /// never accuses wrongly.
  static func unused(_ files: [SourceText], allowed: Set<String> = []) -> [String] {
    let declaration =
      #/\bpackage\s+(?:\w+\s+)*?(func|struct|enum|class|protocol|actor|typealias)\s+(\w+)/#
    var declared: [String: String] = [:]
    var mentioned: Set<Substring> = []
    for file in files {
      let declaring = Set(
        file.path.hasPrefix("Sources/") ? file.indices(of: "package ", in: file.code) : [])
      for (index, line) in file.uncommented.enumerated() {
        var own: Substring?
        if declaring.contains(index), let match = file.code[index].firstMatch(of: declaration) {
          own = match.2
          declared[String(match.2)] = "\(file.path):\(index + 1)"
        }
        for word in line.utf8.split(whereSeparator: { !isWordByte($0) }) {
          let word = Substring(word)
          if word != own { mentioned.insert(word) }
        }
      }
    }
    return declared.filter { !mentioned.contains($0.key[...]) && !allowed.contains($0.key) }
      .map { "\($0.value): nothing uses \($0.key)" }.sorted()
  }

  private static func isWordByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), 0x80...:
      true
    default: false
    }
  }

  /// The top of the repository holds what a visitor expects, and nothing else.
  static func topLevel(_ trackedPaths: [String]) -> [String] {
    let expected: Set<Substring> = [
      "Package.swift", "Sources", "Tests", "Protocol", "Configs", "LICENSE", "README.md",
      "ARCHITECTURE.md", "CONTRIBUTING.md", "Makefile",
    ]
    let found = Set(trackedPaths.compactMap { $0.split(separator: "/").first })
    return found.filter { !expected.contains($0) && !$0.hasPrefix(".") }.sorted().map {
      "\($0): does not belong at the top of the repository"
    }
  }
}
