/// All that is wrong with a configuration, at once: nobody likes to hear of one mistake per
/// attempt.
package struct ConfigurationError: Error, Equatable, Sendable, CustomStringConvertible {
  /// A sentence each, beginning with `file:line`.
  package let problems: [String]

  package var description: String { problems.joined(separator: "\n") }
}

/// Reads settings out of a JSON5 file, strictly: whatever a person wrote is either used or
/// reported.
///
/// Ask for each setting with its default; then `finish()` throws everything that was wrong,
/// including the settings that nobody asked for, which are usually spelling mistakes. A wrong value
/// reads as its default until then, so the code that asks stays straight.
///
///     let file = try ConfigurationReader(path: "/etc/cafsync/hub.json5") let port =
///     file.integer("port", default: 8700, in: 1...65_535) let log = file.object("log") let form =
///     log.string("form", default: "logfmt", oneOf: ["logfmt", "json"]) try file.finish()
package final class ConfigurationReader {
  /// A configuration is typed by people; what is longer is another file.
  package static let maximumBytes = 262_144

  private let file: String
  private let document: JSONDocument
  private let object: JSON.Object
  private let pointer: String
  private let report: Report
  private var asked: [String] = []
  private var children: [ConfigurationReader] = []

  /// What one file's readers have found so far.
  private final class Report {
    var problems: [(line: Int, sentence: String)] = []
  }

  /// Reads a file. What is not JSON5 at all is thrown here.
  package convenience init(path: String) throws {
    let bytes = try AtomicFile.read(path, maximumBytes: Self.maximumBytes)
    try self.init(bytes: bytes, file: path)
  }

  /// - Parameter file: the name to use in messages.
  package init(bytes: [UInt8], file: String) throws(ConfigurationError) {
    let document: JSONDocument
    do throws(JSONError) {
      document = try JSON.document(
        bytes, JSON.Reading(json5: true, maximumBytes: Self.maximumBytes))
    } catch {
      throw ConfigurationError(problems: ["\(file):\(error)"])
    }
    guard case .object(let object) = document.value else {
      throw ConfigurationError(problems: [
        "\(file):1: the file should hold one object: { name: value, … }"
      ])
    }
    self.file = file
    self.document = document
    self.object = object
    pointer = ""
    report = Report()
  }

  private init(parent: ConfigurationReader, pointer: String, object: JSON.Object) {
    file = parent.file
    document = parent.document
    self.object = object
    self.pointer = pointer
    report = parent.report
  }

  // MARK: Settings

  /// Whether the setting is there; does not count as asking for it.
  package func has(_ key: String) -> Bool { object[key] != nil }

  package func string(_ key: String, default value: String, oneOf allowed: [String]? = nil)
    -> String
  {
    text(key, oneOf: allowed) ?? value
  }

  /// A text that may be left out.
  package func optionalString(_ key: String) -> String? { text(key, oneOf: nil) }

  /// A text that must be there; empty until `finish()` throws.
  package func requiredString(_ key: String) -> String {
    if object[key] == nil { complain(nil, "\(name(key)) is missing; it must be given") }
    return text(key, oneOf: nil) ?? ""
  }

  /// - Parameter range: what is allowed, both ends included.
  package func integer(_ key: String, default value: Int, in range: ClosedRange<Int>) -> Int {
    guard let given = take(key) else { return value }
    let allowed = "a whole number from \(range.lowerBound) to \(range.upperBound)"
    guard let exact = given.integerValue else {
      wrong(key, allowed, given)
      return value
    }
    guard let small = Int(exactly: exact), range.contains(small) else {
      complain(key, "\(name(key)) should be \(allowed), not \(exact)")
      return value
    }
    return small
  }

  package func bool(_ key: String, default value: Bool) -> Bool {
    guard let given = take(key) else { return value }
    guard let flag = given.boolValue else {
      wrong(key, "true or false", given)
      return value
    }
    return flag
  }

  /// A list of texts.
  package func list(_ key: String, default value: [String] = []) -> [String] {
    guard let given = take(key) else { return value }
    let texts = given.arrayValue.map { $0.compactMap(\.stringValue) }
    guard let texts, texts.count == given.arrayValue?.count else {
      wrong(key, "a list of texts", given)
      return value
    }
    return texts
  }

  /// Settings inside a setting; without it, all of them have their defaults.
  package func object(_ key: String) -> ConfigurationReader {
    guard let given = take(key) else { return child("/" + JSONParser.escaped(key), JSON.Object()) }
    guard let object = given.objectValue else {
      wrong(key, "an object", given)
      return child("/" + JSONParser.escaped(key), JSON.Object())
    }
    return child("/" + JSONParser.escaped(key), object)
  }

  /// A list of objects.
  package func objects(_ key: String) -> [ConfigurationReader] {
    guard let given = take(key) else { return [] }
    let objects = given.arrayValue.map { $0.compactMap(\.objectValue) }
    guard let objects, objects.count == given.arrayValue?.count else {
      wrong(key, "a list of objects", given)
      return []
    }
    return objects.enumerated().map { index, object in
      child("/" + JSONParser.escaped(key) + "/\(index)", object)
    }
  }

  /// Reports a value that the reader's own checks accept and the caller's do not.
  package func reject(_ key: String, _ reason: String) {
    complain(key, "\(name(key)) \(reason)")
  }

  /// Throws all that was wrong, in the file's order. Ask for every setting first.
  package func finish() throws(ConfigurationError) {
    findUnknown()
    guard !report.problems.isEmpty else { return }
    throw ConfigurationError(
      problems: report.problems.sorted { $0.line < $1.line }.map {
        "\(file):\($0.line): \($0.sentence)"
      })
  }

  // MARK: Inside

  private func take(_ key: String) -> JSON? {
    asked.append(key)
    return object[key]
  }

  private func text(_ key: String, oneOf allowed: [String]?) -> String? {
    guard let given = take(key) else { return nil }
    guard let text = given.stringValue else {
      wrong(key, "a text", given)
      return nil
    }
    if let allowed, !allowed.contains(text) {
      complain(key, "\(name(key)) should be one of \(allowed.joined(separator: ", "))")
      return nil
    }
    return text
  }

  private func child(_ step: String, _ object: JSON.Object) -> ConfigurationReader {
    let child = ConfigurationReader(parent: self, pointer: pointer + step, object: object)
    children.append(child)
    return child
  }

  private func findUnknown() {
    let known = Set(asked)
    for key in object.names where !known.contains(key) {
      let guess = Suggestion.nearest(to: key, among: asked)
      let help =
        guess.map { "did you mean \"\($0)\"?" }
        ?? "known here: \(known.sorted().joined(separator: ", "))"
      complain(key, "\(name(key)) is not a setting; \(help)")
    }
    for child in children { child.findUnknown() }
  }

  private func wrong(_ key: String, _ allowed: String, _ given: JSON) {
    complain(key, "\(name(key)) should be \(allowed), not \(given.kind)")
  }

  /// - Parameter key: whose line to name; nil for what is missing, which belongs to the line of its
  ///   object.
  private func complain(_ key: String?, _ sentence: String) {
    let place = key.map { pointer + "/" + JSONParser.escaped($0) } ?? pointer
    report.problems.append((document.position(of: place)?.line ?? 1, sentence))
  }

  /// The key with the objects around it, like "log.form".
  private func name(_ key: String) -> String {
    let around = pointer.dropFirst().replacing("/", with: ".")
    return "\"" + (around.isEmpty ? "" : around + ".") + key + "\""
  }
}
