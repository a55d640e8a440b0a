/// Something that a command takes on its command line.
package struct Parameter: Sendable {
  enum Shape: Sendable, Equatable {
    /// `--json`: there or not.
    case flag
    /// `--hub URL` or `--hub=URL`.
    case option(placeholder: String)
    /// By its place among the words that begin with no dash.
    case argument
  }

  let shape: Shape
  let name: String
  let help: String
  let isRequired: Bool
  let repeats: Bool
  let standard: String?
  let allowed: [String]?

  /// `--name`, there or not.
  package static func flag(_ name: String, _ help: String) -> Parameter {
    Parameter(
      shape: .flag, name: name, help: help, isRequired: false, repeats: false, standard: nil,
      allowed: nil)
  }

  /// `--name PLACEHOLDER`.
  /// - Parameter standard: the value when it is not given.
  /// - Parameter repeats: whether it may be given more than once.
  /// - Parameter allowed: the only values it may have.
  package static func option(
    _ name: String, _ placeholder: String, _ help: String, standard: String? = nil,
    isRequired: Bool = false, repeats: Bool = false, allowed: [String]? = nil
  ) -> Parameter {
    precondition(standard == nil || !isRequired, "a required option needs no standard")
    return Parameter(
      shape: .option(placeholder: placeholder), name: name, help: help, isRequired: isRequired,
      repeats: repeats, standard: standard, allowed: allowed)
  }

  /// A word by its place; `name` in capitals, as the help shows it. Optional ones after required
  /// ones; only the last may repeat.
  package static func argument(
    _ name: String, _ help: String, isRequired: Bool = true, repeats: Bool = false,
    allowed: [String]? = nil
  ) -> Parameter {
    Parameter(
      shape: .argument, name: name, help: help, isRequired: isRequired, repeats: repeats,
      standard: nil, allowed: allowed)
  }

  /// `--json` on everything that prints data.
  package static let json = flag("json", "Print JSON instead of text.")

  /// As it stands in the list of options.
  var spelling: String {
    switch shape {
    case .flag: "--\(name)"
    case .option(let placeholder): "--\(name) \(placeholder)"
    case .argument: name
    }
  }

  /// As it stands in the usage line.
  var usage: String {
    let once = repeats ? spelling + "…" : spelling
    return isRequired ? once : "[\(once)]"
  }
}
