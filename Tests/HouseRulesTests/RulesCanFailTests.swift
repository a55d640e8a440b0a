import Testing

/// A rule that cannot fail protects nothing: each is shown one text that it must refuse and one
/// that it must accept.
@Suite struct RulesCanFailTests {
  private func source(_ text: String, _ path: String = "Sources/Middle/File.swift") -> SourceText {
    SourceText(path: path, text: text)
  }

  @Test func `text rules refuse the bad and accept the good`() {
    let rules: [(rule: (SourceText) -> [String], bad: [String], good: [String])] = [
      (
        TextRules.columns, [String(repeating: "x", count: 101)],
        [String(repeating: "x", count: 100), String(repeating: "é", count: 100)]
      ),
      (
        TextRules.lines, [String(repeating: "x\n", count: 401)],
        [String(repeating: "x\n", count: 400)]
      ),
      (
        TextRules.promises, ["// TODO: later", "/* FIXME */", "let a = 1  // XXX"],
        ["let a = \"TODO\"", "// TODOS"]
      ),
      (
        TextRules.access, ["public func a() {}", "open class A {}", "  public static let a = 1"],
        ["package func a() {}", "open(path)", "// public func", "let a = \"public func\""]
      ),
      (TextRules.forcedTry, ["let a = try! b()"], ["let a = try b()", "// try! never"]),
      (
        TextRules.fatalErrors, ["fatalError()", "// Far\n\n\n\nfatalError()"],
        ["// The table is a constant.\nfatalError()", "fatalError()  // Cannot be: see above."]
      ),
      (
        TextRules.uncheckedSendable,
        [
          "final class A: @unchecked Sendable {}",
          "// Proof: far\n" + String(repeating: "\n", count: 8) + "class A: @unchecked Sendable {}",
        ],
        [
          "/// Proof: only touched in the lock.\nfinal class A: @unchecked Sendable {}",
          "/// The proof is simple.\n\n\nfinal class A: @unchecked Sendable {}",
        ]
      ),
      (
        TextRules.printing, ["print(1)", "{ print(1) }"],
        ["blueprint(1)", "page.print(1)", "// print(1)", "func print(_ a: Int) {}"]
      ),
    ]
    for (index, (rule, bad, good)) in rules.enumerated() {
      for text in bad { #expect(!rule(source(text)).isEmpty, "rule \(index) accepts: \(text)") }
      for text in good { #expect(rule(source(text)).isEmpty, "rule \(index) refuses: \(text)") }
    }
    #expect(TextRules.printing(source("print(1)", "Sources/cafsync/main.swift")) == [])
  }

  private let architecture = """
    # House
    ```floors
    2  Top   Attic (planned)
    1  Middle   Beside
    0  Ground
    ```
    """
  private let manifest = Manifest(
    """
    .systemLibrary(name: "Ground"),
    .target(name: "Middle", dependencies: ["Ground"]),
    .target(
      name: "Beside"),
    .executableTarget(
      name: "Top",
      dependencies: [
        "Middle", "Ground",
      ]),
    .testTarget(name: "TopTests", dependencies: ["Top"]),
    """)

  @Test func `the manifest is read as it is written`() {
    #expect(manifest.targets.map(\.name) == ["Ground", "Middle", "Beside", "Top", "TopTests"])
    #expect(manifest.targets.map(\.dependencies.count) == [0, 1, 0, 2, 1])
  }

  @Test func `the floor plan refuses what goes up or sideways`() throws {
    let plan = try #require(FloorPlan(architecture: architecture))
    #expect(plan.complaints(aboutTargets: ["Top", "Middle", "Beside", "Ground"]) == [])
    #expect(plan.complaints(aboutTargets: ["Top", "Middle", "Beside", "Ground", "Attic"]) == [])
    #expect(plan.complaints(aboutTargets: ["Top", "Middle", "Beside"]).count == 1)
    #expect(
      plan.complaints(aboutTargets: ["Top", "Middle", "Beside", "Ground", "Shed"]).count == 1)
    #expect(plan.complaints(aboutDependencies: manifest) == [])
    for dependency in ["Top", "Beside", "Middle"] {
      let wrong = Manifest(".target(name: \"Middle\", dependencies: [\"\(dependency)\"]),")
      #expect(plan.complaints(aboutDependencies: wrong).count == 1)
    }
    let cases: [(line: String, complaints: Int)] = [
      ("import Ground", 0), ("package import Ground", 0), ("import Foundation", 0),
      ("import Top", 1), ("  @preconcurrency package import Beside", 1), ("// import Top", 0),
      ("import struct Top.Roof", 1),
    ]
    for (line, complaints) in cases {
      let found = plan.complaints(aboutImportsOf: source(line), manifest: manifest)
      #expect(found.count == complaints, "\(line)")
    }
    let undeclared = plan.complaints(
      aboutImportsOf: source("import Ground", "Sources/Beside/File.swift"), manifest: manifest)
    #expect(undeclared.count == 1)
    #expect(FloorPlan(architecture: "no plan") == nil)
  }

  @Test func `dead things are found`() {
    let stray = source("", "Sources/Nowhere/File.swift")
    #expect(DeadCode.strayFiles([stray, source("")], manifest: manifest).count == 1)
    let declared = source("package func lonely() {}\npackage struct Used {}  // lonely")
    let user = source("let a = \"\\(Used())\"", "Tests/MiddleTests/File.swift")
    #expect(
      DeadCode.unused([declared, user]) == ["Sources/Middle/File.swift:1: nothing uses lonely"])
    #expect(DeadCode.unused([declared, user], allowed: ["lonely"]) == [])
    #expect(DeadCode.topLevel([".ci/run", "Sources/A/a.swift", "README.md"]) == [])
    #expect(DeadCode.topLevel(["notes.txt", "scratch/a", "scratch/b"]).count == 2)
  }

  @Test func `comments, texts and code are told apart`() {
    let cases: [(text: String, code: String)] = [
      ("a // b", "a"), ("a /* b /* c */ d */ e", "a e"), ("a \"b // c\" d", "a d"),
      ("a \"\\(b ? \"c\" : \"d\")\" e", "a e"), ("a #\"b \" c\"# d", "a d"),
      ("a \"\"\"\nb \" c\n\"\"\" d", "a d"), ("`a // b` c", "`a // b` c"), ("a \"\\\"b\" c", "a c"),
    ]
    for (text, code) in cases {
      let words = source(text).code.joined(separator: " ").split(separator: " ")
      #expect(words.joined(separator: " ") == code, "\(text)")
    }
  }
}
