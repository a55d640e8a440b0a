/// A command together with what it was given. Asking for a name that the command does not declare
/// is a programmer error.
package struct Invocation: Sendable {
  package let command: Command
  /// The words of the command: "cafsync hub serve".
  package let path: String
  private let values: [String: [String]]

  init(command: Command, path: String, values: [String: [String]]) {
    self.command = command
    self.path = path
    self.values = values
  }

  package func flag(_ name: String) -> Bool { !all(name).isEmpty }

  /// The value of an option or argument; nil when it is not given and has no standard.
  package func value(_ name: String) -> String? { all(name).first }

  /// The value of an option or argument that is required or has a standard.
  package func required(_ name: String) -> String {
    guard let value = all(name).first else {
      preconditionFailure("\(path): \(name) is declared neither required nor with a standard")
    }
    return value
  }

  /// All values of what may repeat, in order.
  package func all(_ name: String) -> [String] {
    precondition(
      command.parameters.contains { $0.name == name }, "\(path) declares no \(name)")
    return values[name] ?? []
  }

  /// Everything that was given, or has a standard, for a program that passes it on: a flag is true,
  /// the rest is text. In order of declaration.
  package var given: [(name: String, value: JSON)] {
    command.parameters.compactMap { parameter in
      guard let value = value(parameter.name) else { return nil }
      return (parameter.name, parameter.shape == .flag ? true : .string(value))
    }
  }

  /// The value as a whole number within a range; nil when it is not given.
  package func integer(_ name: String, in range: ClosedRange<Int>) throws(UsageError) -> Int? {
    guard let text = value(name) else { return nil }
    guard let number = Int(text), range.contains(number) else {
      throw UsageError(
        "\(name) should be a whole number from \(range.lowerBound) to \(range.upperBound)",
        path: path)
    }
    return number
  }
}
