/// A command line that cannot be understood; exit code `usage`.
package struct UsageError: Error, Equatable, Sendable, CustomStringConvertible {
  package let problem: String
  /// The words up to the command that was being parsed: "cafsync hub serve".
  package let path: String

  package init(_ problem: String, path: String) {
    self.problem = problem
    self.path = path
  }

  package var description: String { "\(path): \(problem)\nSee: \(path) --help" }
}

/// What a command line asks for.
package enum Request: Sendable {
  case run(Invocation)
  /// Print this text and succeed.
  case help(String)
  /// Print the version and succeed.
  case version
}

/// Understands the command line of one executable with nested subcommands. Pure: it neither prints
/// nor exits.
///
/// GNU habits: `--option value` or `--option=value`, options and arguments in any order, `--`
/// before arguments that begin with a dash, a single `-` is an argument. `-h` and `--help` at every
/// level; `--version` at the first.
package enum Arguments {
  /// - Parameter words: without the program's own name.
  package static func parse(_ words: [String], root: Command) throws(UsageError) -> Request {
    var command = root
    var path = root.name
    var rest = words[...]
    while command.run == nil {
      guard let word = rest.popFirst() else {
        let names = command.subcommands.map(\.name).joined(separator: ", ")
        throw UsageError("a subcommand is missing: \(names)", path: path)
      }
      if word == "--help" || word == "-h" || word == "help" {
        return .help(Help.text(for: command, path: path))
      }
      if word == "--version" && path == root.name { return .version }
      guard let next = command.subcommands.first(where: { $0.name == word }) else {
        let kind = word.hasPrefix("-") ? "option" : "subcommand"
        throw UsageError(
          "unknown \(kind) \"\(word)\"" + hint(word, command.subcommands.map(\.name)), path: path)
      }
      command = next
      path += " " + word
    }
    return try parameters(of: command, rest, path: path)
  }

  private static func parameters(
    of command: Command, _ words: ArraySlice<String>, path: String
  ) throws(UsageError) -> Request {
    var rest = words
    var values: [String: [String]] = [:]
    var places: [String] = []
    while let word = rest.popFirst() {
      if word == "--" {
        places += rest
        break
      }
      if word == "--help" || word == "-h" {
        return .help(Help.text(for: command, path: path))
      }
      guard word.hasPrefix("-"), word != "-" else {
        places.append(word)
        continue
      }
      let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      let option = try self.option(String(parts[0]), of: command, path: path)
      let attached = parts.count > 1 ? String(parts[1]) : nil
      if option.shape == .flag {
        if attached != nil { throw UsageError("--\(option.name) takes no value", path: path) }
        values[option.name] = [""]
        continue
      }
      guard let value = attached ?? rest.popFirst() else {
        throw UsageError("--\(option.name) needs a value", path: path)
      }
      if values[option.name] != nil && !option.repeats {
        throw UsageError("--\(option.name) is given twice", path: path)
      }
      try check(value, option, path: path)
      values[option.name, default: []].append(value)
    }
    try assign(places, to: command, &values, path: path)
    for option in command.options where values[option.name] == nil {
      if option.isRequired { throw UsageError("\(option.spelling) is missing", path: path) }
      if let standard = option.standard { values[option.name] = [standard] }
    }
    return .run(Invocation(command: command, path: path, values: values))
  }

  private static func option(
    _ word: String, of command: Command, path: String
  ) throws(UsageError) -> Parameter {
    let name = word.drop { $0 == "-" }
    if word.hasPrefix("--"), let option = command.options.first(where: { $0.name == name }) {
      return option
    }
    let known = command.options.map { "--" + $0.name } + ["--help"]
    throw UsageError("unknown option \"\(word)\"" + hint("--" + name, known), path: path)
  }

  private static func assign(
    _ places: [String], to command: Command, _ values: inout [String: [String]], path: String
  ) throws(UsageError) {
    var rest = places[...]
    for argument in command.arguments {
      repeat {
        guard let value = rest.popFirst() else { break }
        try check(value, argument, path: path)
        values[argument.name, default: []].append(value)
      } while argument.repeats
      if argument.isRequired && values[argument.name] == nil {
        throw UsageError("\(argument.name) is missing", path: path)
      }
    }
    if let extra = rest.first { throw UsageError("\"\(extra)\" is one word too many", path: path) }
  }

  private static func check(
    _ value: String, _ parameter: Parameter, path: String
  ) throws(UsageError) {
    guard let allowed = parameter.allowed, !allowed.contains(value) else { return }
    throw UsageError(
      "\(parameter.spelling) should be one of \(allowed.joined(separator: ", "))"
        + hint(value, allowed), path: path)
  }

  private static func hint(_ word: String, _ known: [String]) -> String {
    Suggestion.nearest(to: word, among: known).map { "; did you mean \"\($0)\"?" } ?? ""
  }
}
