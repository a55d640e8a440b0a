import Operations
import PageServer
import Pages
import SyncEngine

extension Replica {
  /// A link to the pages on this machine that signs one practitioner in, once.
  func open(
    _ input: OperationInput, sessions: PageSessions, port: UInt16?
  ) throws -> JSON {
    // Who works here cannot be read while the keys are locked; each write looks again.
    let practitioner =
      engine.isLocked
      ? try input.text("as") ?? usualPractitioner : try name(of: author(input))
    try input.finish()
    guard let practitioner else {
      throw OperationError(
        .usage, "Say who opens them, with --as NAME, or set “practitioner” in the configuration.")
    }
    guard let port else {
      throw OperationError(
        .configuration, "The pages are switched off: set api.enabled in the configuration.")
    }
    let path = LocalPath("sign-in", query: [("link", sessions.makeLink(for: practitioner))])
    let url = "http://127.0.0.1:\(port)\(path.text)"
    return [
      "sentence": .string("Open this within two minutes; it is good once: \(url)"),
      "url": .string(url),
    ]
  }
}
