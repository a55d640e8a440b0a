/// The fenced block `floors` of ARCHITECTURE.md: a line per floor, its number and its modules.
/// "(planned)" after a module lets it be absent.
struct FloorPlan {
  private(set) var floors: [String: Int] = [:]
  private(set) var planned: Set<String> = []

  init?(architecture: String) {
    var inside = false
    for line in architecture.split(separator: "\n", omittingEmptySubsequences: false) {
      if line == "```floors" {
        inside = true
      } else if inside && line == "```" {
        return
      } else if inside {
        let words = line.split(separator: " ").map(String.init)
        guard let floor = words.first.flatMap(Int.init) else { return nil }
        for (index, word) in words.enumerated().dropFirst() {
          switch word {
          case "(planned)": planned.insert(words[index - 1])
          default: floors[word] = floor
          }
        }
      }
    }
    return nil
  }

  /// Every target stands on a floor, and every floor's module exists unless it is planned.
  func complaints(aboutTargets targets: Set<String>) -> [String] {
    let unplanned = targets.subtracting(floors.keys).map {
      "Package.swift: \($0) stands on no floor of ARCHITECTURE.md"
    }
    let absent = Set(floors.keys).subtracting(targets).subtracting(planned).map {
      "ARCHITECTURE.md: \($0) is no target; mark it (planned)"
    }
    return (unplanned + absent).sorted()
  }

  /// Dependencies as Package.swift declares them go downwards.
  func complaints(aboutDependencies manifest: Manifest) -> [String] {
    manifest.targets.filter { floors[$0.name] != nil }.flatMap { target in
      target.dependencies.filter { !isDownwards(from: target.name, to: $0) }.map {
        "Package.swift: \(target.name) depends on \($0), which is not below it"
      }
    }
  }

  /// Imports go downwards, and only to declared dependencies: the compiler lets transitive ones
  /// pass.
  func complaints(aboutImportsOf file: SourceText, manifest: Manifest) -> [String] {
    guard let module = file.module else { return [] }
    let declared = manifest.targets.first { $0.name == module }?.dependencies ?? []
    return file.indices(of: "import", in: file.code).flatMap { index -> [String] in
      let pattern =
        #/^\s*(?:\S+\s+)*?import\s+(?:(?:struct|class|enum|func|protocol)\s+)?(\w+)/#
      guard let match = file.code[index].firstMatch(of: pattern) else { return [] }
      let imported = String(match.1)
      guard floors[imported] != nil else { return [] }
      let place = "\(file.path):\(index + 1): imports \(imported), which is not"
      if !isDownwards(from: module, to: imported) { return [place + " below \(module)"] }
      return declared.contains(imported) ? [] : [place + " a dependency of \(module)"]
    }
  }

  private func isDownwards(from upper: String, to lower: String) -> Bool {
    guard let from = floors[upper], let to = floors[lower] else { return false }
    return to < from
  }
}

/// The targets of Package.swift, as far as its own layout lets a simple reader see them.
struct Manifest {
  struct Target {
    let name: String
    let dependencies: [String]
    let isTest: Bool
  }

  let targets: [Target]

  init(_ text: String) {
    let declaration =
      #/\.(target|executableTarget|testTarget|systemLibrary)\(\s*name:\s*"(\w+)"/#
    targets = text.matches(of: declaration).map { match in
      let rest = text[match.range.upperBound...]
      // A target's dependencies follow its name directly.
      let list = rest.prefixMatch(of: #/\s*,\s*dependencies:\s*\[([^\]]*)\]/#)?.1 ?? ""
      // What several test targets share lies in Tests as well, and stands on no floor.
      let isShared =
        rest.prefixMatch(of: #/\s*,\s*dependencies:\s*\[[^\]]*\],\s*path:\s*"Tests\//#) != nil
      return Target(
        name: String(match.2), dependencies: list.matches(of: #/"(\w+)"/#).map { String($0.1) },
        isTest: match.1 == "testTarget" || isShared)
    }
  }
}
