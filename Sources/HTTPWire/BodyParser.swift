/// Where a body ends (RFC 9112 §6.3).
enum BodyFraming: Sendable, Equatable {
  case none
  case length(Int)
  case chunked
  /// Responses only: until the connection closes.
  case untilClose
}

/// Collects one body under any framing. Memory follows what has arrived, never what was announced.
struct BodyParser: Sendable {
  private enum State: Sendable {
    case fixed(left: Int)
    case chunkSize
    case chunk(left: Int)
    case chunkEnd
    case trailers
    case untilClose
    case done
  }

  private var state: State
  private var line: [UInt8] = []
  private var extensionBytes = 0
  private var trailerBytes = 0
  private(set) var body: [UInt8] = []

  init(_ framing: BodyFraming) {
    state =
      switch framing {
      case .none: .done
      case .length(let length): length == 0 ? .done : .fixed(left: length)
      case .chunked: .chunkSize
      case .untilClose: .untilClose
      }
  }

  /// Whether the end of the stream is a proper end of this body.
  var endsWithStream: Bool {
    if case .untilClose = state { true } else { false }
  }

  /// Takes bytes up to the end of the body. Returns true when the body is complete.
  mutating func consume(
    _ bytes: inout ArraySlice<UInt8>, limits: HTTPLimits
  ) throws(HTTPWireError) -> Bool {
    while true {
      switch state {
      case .done:
        return true
      case .fixed(let left):
        guard let rest = try take(&bytes, left: left, limits: limits) else { return false }
        state = rest == 0 ? .done : .fixed(left: rest)
      case .untilClose:
        if bytes.isEmpty { return false }
        _ = try take(&bytes, left: bytes.count, limits: limits)
      case .chunkSize:
        guard let size = try chunkSize(&bytes, limits: limits) else { return false }
        guard size <= limits.bodyBytesMax - body.count else {
          throw .bodyTooLong(bytesMax: limits.bodyBytesMax)
        }
        state = size == 0 ? .trailers : .chunk(left: size)
      case .chunk(let left):
        guard let rest = try take(&bytes, left: left, limits: limits) else { return false }
        state = rest == 0 ? .chunkEnd : .chunk(left: rest)
      case .chunkEnd:
        guard
          let end = try LineReader.take(&bytes, into: &line, bytesMax: 0, tooLong: .invalidChunkEnd)
        else { return false }
        guard end.isEmpty else { throw .invalidChunkEnd }
        state = .chunkSize
      case .trailers:
        guard try trailer(&bytes, limits: limits) else { return false }
      }
    }
  }

  /// Moves up to `left` bytes into the body and returns what is left then; `nil` if there were
  /// none.
  private mutating func take(
    _ bytes: inout ArraySlice<UInt8>, left: Int, limits: HTTPLimits
  ) throws(HTTPWireError) -> Int? {
    if bytes.isEmpty { return nil }
    let part = bytes.prefix(left)
    guard part.count <= limits.bodyBytesMax - body.count else {
      throw .bodyTooLong(bytesMax: limits.bodyBytesMax)
    }
    body.append(contentsOf: part)
    bytes = bytes[part.endIndex...]
    return left - part.count
  }

  /// `chunk-size [ chunk-ext ] CRLF` (RFC 9112 §7.1). White space before an extension is refused.
  private mutating func chunkSize(
    _ bytes: inout ArraySlice<UInt8>, limits: HTTPLimits
  ) throws(HTTPWireError) -> Int? {
    let extensionsLeft = limits.chunkExtensionBytesMax - extensionBytes
    let tooLong = HTTPWireError.chunkExtensionsTooLong(bytesMax: limits.chunkExtensionBytesMax)
    guard
      let complete = try LineReader.take(
        &bytes, into: &line, bytesMax: HTTPLimits.chunkSizeDigitsMax + extensionsLeft,
        tooLong: tooLong)
    else { return nil }
    let digits = complete.prefix { ASCII.hexadecimalValue($0) != nil }
    let extensions = complete[digits.endIndex...]
    guard !digits.isEmpty, digits.count <= HTTPLimits.chunkSizeDigitsMax,
      extensions.first ?? ASCII.semicolon == ASCII.semicolon,
      extensions.allSatisfy(ASCII.isFieldValue)
    else { throw .invalidChunkSize }
    guard extensions.count <= extensionsLeft else { throw tooLong }
    extensionBytes += extensions.count
    return digits.reduce(0) { $0 << 4 | (ASCII.hexadecimalValue($1) ?? 0) }
  }

  /// One trailer line: checked like a header, then dropped (RFC 9112 §7.1.2 permits it). False if
  /// bytes are missing.
  private mutating func trailer(
    _ bytes: inout ArraySlice<UInt8>, limits: HTTPLimits
  ) throws(HTTPWireError) -> Bool {
    let tooLong = HTTPWireError.trailersTooLong(bytesMax: limits.trailerBytesMax)
    let left = limits.trailerBytesMax - trailerBytes
    guard let complete = try LineReader.take(&bytes, into: &line, bytesMax: left, tooLong: tooLong)
    else { return false }
    if complete.isEmpty {
      state = .done
    } else {
      guard complete.count + 2 <= left else { throw tooLong }
      trailerBytes += complete.count + 2
      _ = try HeadParser.field(complete)
    }
    return true
  }
}

extension BodyFraming {
  /// What Content-Length and Transfer-Encoding say together; `nil` if neither is there. Anything a
  /// proxy could read otherwise is refused (RFC 9112 §6.3, §11.2).
  static func announced(
    _ headers: HTTPHeaders, limits: HTTPLimits
  ) throws(HTTPWireError) -> BodyFraming? {
    let lengths = headers.values("Content-Length")
    let encodings = headers.values("Transfer-Encoding")
    if !lengths.isEmpty && !encodings.isEmpty { throw .contentLengthWithTransferEncoding }
    if let encoding = encodings.first {
      guard encodings.count == 1 else { throw .duplicateTransferEncoding }
      guard HTTPHeaders.areEqual(encoding, "chunked") else { throw .unsupportedTransferEncoding }
      return .chunked
    }
    guard let length = lengths.first else { return nil }
    guard lengths.count == 1 else { throw .duplicateContentLength }
    guard !length.isEmpty, length.utf8.allSatisfy(ASCII.isDigit) else {
      throw .invalidContentLength
    }
    guard length.utf8.count <= HTTPLimits.contentLengthDigitsMax,
      let bytes = Int(length), bytes <= limits.bodyBytesMax
    else { throw .bodyTooLong(bytesMax: limits.bodyBytesMax) }
    return .length(bytes)
  }
}
