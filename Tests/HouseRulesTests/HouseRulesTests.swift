import Testing

/// The rules of CONTRIBUTING.md, held against this repository. `RulesCanFailTests` shows that each
/// of them can fail.
@Suite struct HouseRulesTests {
  private let house: Repository
  private let plan: FloorPlan

  init() throws {
    house = try Repository.current.get()
    plan = try #require(FloorPlan(architecture: house.architecture))
  }

  @Test func `every module stands on a floor, and builds on lower ones only`() {
    let modules = Set(house.manifest.targets.filter { !$0.isTest }.map(\.name))
    #expect(plan.complaints(aboutTargets: modules) == [])
    #expect(plan.complaints(aboutDependencies: house.manifest) == [])
    let imports = house.files.flatMap {
      plan.complaints(aboutImportsOf: $0, manifest: house.manifest)
    }
    #expect(imports == [])
  }

  @Test func `files and lines are short`() {
    #expect(house.files.flatMap(TextRules.lines) == [])
    #expect(house.files.flatMap(TextRules.columns) == [])
  }

  @Test func `nothing is promised, forced or printed where it does not belong`() {
    #expect(house.files.flatMap(TextRules.promises) == [])
    #expect(house.files.flatMap(TextRules.access) == [])
    #expect(house.files.flatMap(TextRules.forcedTry) == [])
    #expect(house.files.flatMap(TextRules.printing) == [])
  }

  @Test func `a crash has a reason and unchecked Sendable a proof`() {
    #expect(house.files.flatMap(TextRules.fatalErrors) == [])
    #expect(house.files.flatMap(TextRules.uncheckedSendable) == [])
  }

  @Test func `nothing is dead`() {
    #expect(DeadCode.strayFiles(house.files, manifest: house.manifest) == [])
    #expect(DeadCode.unused(house.files) == [])
  }

  @Test func `the top of the repository is tidy`() {
    guard let paths = house.trackedPaths else { return }
    #expect(paths.contains("Package.swift"))
    #expect(DeadCode.topLevel(paths) == [])
  }
}
