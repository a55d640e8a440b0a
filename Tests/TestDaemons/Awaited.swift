import Glibc

/// What a test waits for in vain.
package struct Overdue: Error, CustomStringConvertible {
  package let description: String

  package init(description: String) { self.description = description }
}

/// Asks again every few milliseconds until there is an answer; throws when the deadline has passed.
/// It is generous: nothing that works comes near it on a loaded machine.
package func awaited<Answer>(
  _ what: String, seconds: Double = 60, _ answer: () throws -> Answer?
) throws -> Answer {
  let deadline = ContinuousClock.now + .seconds(seconds)
  while true {
    if let found = try answer() { return found }
    if ContinuousClock.now > deadline {
      throw Overdue(description: "Waited \(seconds) s in vain for \(what).")
    }
    poll(nil, 0, 5)
  }
}

/// Returns when it is so.
package func awaited(_ what: String, until isSo: () throws -> Bool) throws {
  _ = try awaited(what) { try isSo() ? true : nil }
}
