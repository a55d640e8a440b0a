import Glibc
import HTTPTransport
import Operations

/// How every command of an agency asks its daemon: the options become the operation's input, by the
/// same names, and the answer is printed.
enum AgencyClient {
  static let folder = Parameter.option(
    "folder", "FOLDER", "The agency's data folder; else CAFSYNC_AGENCY in the environment says it.")
  static let author = Parameter.option(
    "as", "PRACTITIONER", "Who writes this; else the configuration says it.")

  /// A command that is one operation.
  /// - Parameter choosing: another operation, by what was given.
  /// - Parameter ending: the exit code of an answer; a question may be answered “no”.
  /// - Parameter prepare: what the options alone do not say.
  static func command(
    _ name: String, _ summary: String, _ operation: String, _ parameters: [Parameter] = [],
    discussion: String = "",
    choosing: @escaping @Sendable (Invocation) -> String? = { _ in nil },
    ending: @escaping @Sendable (JSON) -> ExitCode = { _ in .success },
    prepare: @escaping @Sendable (Invocation, inout JSON.Object) throws -> Void = { _, _ in }
  ) -> Command {
    Command(
      name, summary, discussion: discussion, parameters + [folder, .json]
    ) { invocation in
      var input = JSON.Object()
      for (name, value) in invocation.given where !["folder", "json"].contains(name) {
        input[camelCase(name)] = value
      }
      try prepare(invocation, &input)
      do throws(LocalFailure) {
        let folder = try folder(of: invocation)
        let answer = try LocalControl.ask(
          folder: folder, operation: choosing(invocation) ?? operation, arguments: .object(input))
        Terminal.show(answer, invocation, AgencyPrinting.text)
        return ending(answer)
      } catch {
        // What goes with the refusal (the rows that are wrong) is data like any other.
        if let details = error.details { Terminal.show(details, invocation, AgencyPrinting.text) }
        throw error
      }
    }
  }

  static func folder(of invocation: Invocation) throws(LocalFailure) -> String {
    if let folder = invocation.value("folder") { return folder }
    if let folder = getenv("CAFSYNC_AGENCY") { return String(cString: folder) }
    throw LocalFailure(
      .usage, "Name the agency's data folder with --folder, or in CAFSYNC_AGENCY.")
  }

  /// `ledTo` of `--led-to`, `child` of `CHILD`.
  private static func camelCase(_ name: String) -> String {
    let words = name.lowercased().split(separator: "-")
    return words.enumerated().map { index, word in
      index == 0 ? String(word) : word.prefix(1).uppercased() + word.dropFirst()
    }.joined()
  }
}
