import Glibc

/// What happened, one line per event, for the operator.
///
/// The hub's operator must be able to see everything work without seeing a child. So a line never
/// holds a child's name, a family's words, or anything else that a practitioner typed: the type
/// helps by taking only a constant as message, and as metadata our own texts, numbers and
/// identifiers. What remains is a habit: `.text` is for *our* sentences.
///
/// Lines are logfmt (for people and `grep`) or JSON (for collectors), and go to standard error,
/// which systemd keeps. A line is written whole or not at all; no value can break out of its line,
/// whoever sent it.
package struct Log: Sendable {
  package enum Level: String, Sendable, Comparable, CaseIterable {
    /// For us, while searching.
    case debug
    /// Normal, and worth knowing tomorrow.
    case info
    /// The daemon helped itself, but somebody should look some day.
    case warning
    /// Something was not done.
    case error

    package static func < (left: Level, right: Level) -> Bool { left.rank < right.rank }

    private var rank: Int {
      switch self {
      case .debug: 0
      case .info: 1
      case .warning: 2
      case .error: 3
      }
    }
  }

  package enum Form: String, Sendable, CaseIterable {
    case logfmt, json
  }

  /// Takes a finished line without its newline; called from any thread, one line at a time.
  package typealias Sink = @Sendable (String) -> Void

  package typealias Metadata = KeyValuePairs<StaticString, Value>

  private let minimum: Level
  private let form: Form
  private let clock: any Clock
  private let sink: Lock<Sink>
  /// What it was told, whether written or not.
  package let counts = LogCounts()

  package init(
    minimum: Level = .info, form: Form = .logfmt, clock: any Clock = SystemClock(),
    sink: @escaping Sink = Log.standardError
  ) {
    self.minimum = minimum
    self.form = form
    self.clock = clock
    self.sink = Lock(sink)
  }

  /// Writes to standard error. A line that cannot be written is lost: there is nowhere left to
  /// complain to.
  package static let standardError: Sink = { line in
    var bytes = Array((line + "\n").utf8)[...]
    while !bytes.isEmpty {
      let count = bytes.withUnsafeBytes { Glibc.write(STDERR_FILENO, $0.baseAddress, $0.count) }
      if count < 0 && errno == EINTR { continue }
      guard count > 0 else { return }
      bytes = bytes.dropFirst(count)
    }
  }

  /// A log that says nothing, for tests and tools.
  package static let silent = Log(minimum: .error, sink: { _ in })

  package func debug(_ message: StaticString, _ metadata: Metadata = [:]) {
    write(.debug, message, metadata)
  }

  package func info(_ message: StaticString, _ metadata: Metadata = [:]) {
    write(.info, message, metadata)
  }

  package func warning(_ message: StaticString, _ metadata: Metadata = [:]) {
    write(.warning, message, metadata)
  }

  package func error(_ message: StaticString, _ metadata: Metadata = [:]) {
    write(.error, message, metadata)
  }

  private func write(_ level: Level, _ message: StaticString, _ metadata: Metadata) {
    counts.add(level)
    guard level >= minimum else { return }
    let line = Self.line(
      form: form, wallMilliseconds: clock.wallMilliseconds(), level: level,
      message: message.description,
      metadata: metadata.map { (name: $0.key.description, value: $0.value) })
    sink.withLock { $0(line) }
  }
}
