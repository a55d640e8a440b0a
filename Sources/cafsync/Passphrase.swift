import AgencyService
import Glibc
import Operations

/// Reads a passphrase from whoever sits at the terminal, without showing it; or, when standard
/// input is no terminal, the next line of it.
enum Passphrase {
  private static let bytesMax = 1_024

  static func read(_ prompt: String, _ signals: Signals) throws -> String {
    guard isatty(STDIN_FILENO) == 1 else { return try line(signals) }
    var shown = termios()
    guard tcgetattr(STDIN_FILENO, &shown) == 0 else {
      throw FileError(.read, "the terminal", errno: errno)
    }
    var hidden = shown
    hidden.c_lflag &= ~tcflag_t(ECHO)
    prompt.withCString { _ = write(STDERR_FILENO, $0, strlen($0)) }
    guard tcsetattr(STDIN_FILENO, TCSAFLUSH, &hidden) == 0 else {
      throw FileError(.read, "the terminal", errno: errno)
    }
    // Whatever happens, the terminal shows again what is typed.
    defer {
      tcsetattr(STDIN_FILENO, TCSAFLUSH, &shown)
      Log.standardError("")
    }
    return try line(signals)
  }

  /// At a terminal, asked twice: a slip would lock its owner out.
  static func repeated(_ prompt: String, _ signals: Signals, is first: String) throws -> Bool {
    isatty(STDIN_FILENO) == 1 ? try read(prompt, signals) == first : true
  }

  /// Byte by byte: the next line belongs to the next question.
  private static func line(_ signals: Signals) throws -> String {
    var bytes: [UInt8] = []
    while try !isInterrupted(signals) {
      var byte: UInt8 = 0
      let count = Glibc.read(STDIN_FILENO, &byte, 1)
      if count < 0 && errno == EINTR { continue }
      guard count >= 0 else { throw FileError(.read, "standard input", errno: errno) }
      if count == 0 || byte == UInt8(ascii: "\n") { return try text(bytes) }
      if byte == UInt8(ascii: "\r") { continue }
      bytes.append(byte)
      guard bytes.count <= bytesMax else {
        throw OperationError(.usage, "A passphrase has at most \(bytesMax) bytes.")
      }
    }
    throw OperationError(.failure, "Interrupted; nothing was changed.")
  }

  private static func text(_ bytes: [UInt8]) throws -> String {
    guard !bytes.isEmpty else {
      throw OperationError(.usage, "No passphrase was given. Nothing was changed.")
    }
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw OperationError(.usage, "The passphrase is not UTF-8: set the terminal to UTF-8.")
    }
    return text
  }

  /// Signals are blocked in this process, so Ctrl-C is waited for beside the terminal.
  private static func isInterrupted(_ signals: Signals) throws -> Bool {
    var queries = [
      pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0),
      pollfd(fd: signals.descriptor, events: Int16(POLLIN), revents: 0),
    ]
    while poll(&queries, 2, -1) < 0 {
      guard errno == EINTR else { throw FileError(.read, "standard input", errno: errno) }
    }
    return queries[1].revents != 0
  }
}
