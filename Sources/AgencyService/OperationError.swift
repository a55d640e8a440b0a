package import Operations

/// Why an operation was not done: a sentence that says what to do, and the code that scripts see.
package struct OperationError: Error, Equatable, Sendable, CustomStringConvertible {
  package let code: ExitCode
  package let sentence: String
  /// What a program may want to know besides: the problems of each field, the choices there are.
  package let details: JSON?
  /// The value of the input that is at fault, for a page to lead there; nil when it is none alone.
  let field: String?

  package init(_ code: ExitCode, _ sentence: String, details: JSON? = nil) {
    self.init(code, sentence, details: details, field: nil)
  }

  init(_ code: ExitCode, _ sentence: String, details: JSON? = nil, field: String?) {
    self.code = code
    self.sentence = sentence
    self.details = details
    self.field = field
  }

  package var description: String { sentence }

  /// As it crosses the local API.
  package var json: JSON {
    var error = JSON.Object()
    error["code"] = .count(code.rawValue)
    error["sentence"] = .string(sentence)
    error["details"] = details
    return ["error": .object(error)]
  }

  /// Read back by the command line; nil when the answer is no error.
  package init?(json: JSON) {
    guard let error = json["error"], let number = error["code"]?.integerValue,
      let sentence = error["sentence"]?.stringValue
    else { return nil }
    let code = Int32(exactly: number).flatMap(ExitCode.init(rawValue:)) ?? .failure
    self.init(code, sentence, details: error["details"])
  }

  package var httpStatus: Int {
    switch code {
    case .success: 200
    case .usage, .configuration: 400
    case .refused: 403
    case .failure: 404
    case .conflict: 409
    case .busy, .unreachable: 503
    case .damaged, .system: 500
    }
  }
}
