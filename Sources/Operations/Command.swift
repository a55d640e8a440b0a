/// One command of the executable, with its subcommands: the tree that is parsed against and that
/// `--help` prints.
///
/// A command either has subcommands or runs; the tree is a constant of the program, so a malformed
/// one is a programmer error and stops the process when it is built.
package struct Command: Sendable {
  package typealias Run = @Sendable (Invocation) throws -> ExitCode

  package let name: String
  /// One line, without a full stop, beginning with a verb: "answer the agencies' exchanges".
  package let summary: String
  /// What a manual page would say; paragraphs are separated by an empty line.
  package let discussion: String
  package let parameters: [Parameter]
  package let subcommands: [Command]
  package let run: Run?

  /// A command that does something.
  package init(
    _ name: String, _ summary: String, discussion: String = "", _ parameters: [Parameter] = [],
    run: @escaping Run
  ) {
    self.name = name
    self.summary = summary
    self.discussion = discussion
    self.parameters = parameters
    subcommands = []
    self.run = run
    let named = parameters.map(\.name)
    precondition(Set(named).count == named.count, "\(name): a parameter is declared twice")
    precondition(!named.contains("help"), "\(name): --help is there already")
    let places = arguments
    precondition(
      places.dropLast().allSatisfy { !$0.repeats }, "\(name): only the last argument may repeat")
    precondition(
      zip(places, places.dropFirst()).allSatisfy { $0.isRequired || !$1.isRequired },
      "\(name): a required argument stands after an optional one")
  }

  /// A command that only groups others.
  package init(
    _ name: String, _ summary: String, discussion: String = "", subcommands: [Command]
  ) {
    self.name = name
    self.summary = summary
    self.discussion = discussion
    parameters = []
    self.subcommands = subcommands
    run = nil
    let named = subcommands.map(\.name)
    precondition(Set(named).count == named.count, "\(name): a subcommand is declared twice")
  }

  var arguments: [Parameter] { parameters.filter { $0.shape == .argument } }
  var options: [Parameter] { parameters.filter { $0.shape != .argument } }
}
