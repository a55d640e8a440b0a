import Glibc

/// What the audience sees: a heading per scene, a line per claim with its mark. Counts what failed.
final class DemoDisplay {
  private(set) var checks = 0
  private(set) var failures: [String] = []
  private let isTerminal = isatty(STDOUT_FILENO) == 1
  private var scene = 0

  func title(_ text: String) {
    line(bold(text))
  }

  func heading(_ text: String) {
    scene += 1
    line("")
    line(bold("\(scene)  \(text)"))
  }

  /// What is being done, or what somebody answered.
  func tell(_ text: String) {
    line("   · " + text)
  }

  /// A claim, and whether it held just now.
  func check(_ claim: String, _ holds: Bool) {
    checks += 1
    if !holds { failures.append(claim) }
    line("   " + (holds ? colour("✔", 32) : colour("✘", 31)) + " " + claim)
  }

  func line(_ text: String) {
    Terminal.print(text)
    // A pipe would otherwise show everything at the end.
    fflush(nil)
  }

  private func bold(_ text: String) -> String { colour(text, 1) }

  private func colour(_ text: String, _ code: Int) -> String {
    isTerminal ? "\u{1b}[\(code)m\(text)\u{1b}[0m" : text
  }
}
