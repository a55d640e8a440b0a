/// What a checker found.
package struct SimulationFailure: Error, Hashable, Sendable, CustomStringConvertible {
  /// The invariant's name: a shrunk history has to fail by the same.
  package let invariant: String
  package let detail: String

  init(_ invariant: String, _ detail: String) {
    self.invariant = invariant
    self.detail = detail
  }

  package var description: String { "\(invariant): \(detail)" }
}
