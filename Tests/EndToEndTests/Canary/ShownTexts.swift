import HTTPTransport
import Operations

/// All that somebody at the hub got to see, each under a name that a failure says.
final class ShownTexts {
  struct Shown {
    let name: String
    let text: String
  }

  private(set) var all: [Shown] = []
  /// What lets somebody in, and by which answer it was given out.
  private(set) var secrets: [(value: String, by: String)] = []

  func add(_ name: String, _ text: String) { all.append(Shown(name: name, text: text)) }

  func addSecret(_ value: String, givenBy name: String) { secrets.append((value, name)) }

  /// What the operation answers; nil when it refuses, which is a text too.
  func add(_ name: String, refusing: () throws -> JSON) throws -> JSON? {
    do {
      let answer = try refusing()
      add(name, answer.text())
      return answer
    } catch let failure as LocalFailure {
      add(name, failure.sentence + (failure.details?.text() ?? ""))
      return nil
    }
  }
}
