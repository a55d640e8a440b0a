/// Every bound of the wire format in one place. All lengths are in bytes and inclusive: a length of
/// exactly the limit passes, one byte more is refused.
package struct HTTPLimits: Sendable, Equatable {
  /// The start line without its CR LF (RFC 9112 §3 recommends at least 8000). Beyond it: 414.
  package var requestLineBytesMax: Int
  /// All header lines of a head together, each with its CR LF. Beyond it: 431.
  package var headerBytesMax: Int
  /// Header lines of a head. Beyond it: 431.
  package var headerCountMax: Int
  /// The body after decoding. Beyond it: 413.
  package var bodyBytesMax: Int
  /// Chunk extensions of one message together: they carry nothing, but cost as much as a body
  /// would. Beyond it: 400.
  package var chunkExtensionBytesMax: Int
  /// Trailer lines of one message together, each with its CR LF; they are checked and dropped.
  /// Beyond it: 400.
  package var trailerBytesMax: Int

  package init(
    requestLineBytesMax: Int = 8_192,
    headerBytesMax: Int = 16_384,
    headerCountMax: Int = 64,
    bodyBytesMax: Int = 8 * 1_024 * 1_024,
    chunkExtensionBytesMax: Int = 1_024,
    trailerBytesMax: Int = 4_096
  ) {
    self.requestLineBytesMax = requestLineBytesMax
    self.headerBytesMax = headerBytesMax
    self.headerCountMax = headerCountMax
    self.bodyBytesMax = bodyBytesMax
    self.chunkExtensionBytesMax = chunkExtensionBytesMax
    self.trailerBytesMax = trailerBytesMax
  }

  /// Digits in a Content-Length: 18 decimal digits stay below `Int.max`, so the sum cannot
  /// overflow.
  static let contentLengthDigitsMax = 18
  /// Digits in a chunk size: 15 hexadecimal digits stay below `Int.max`.
  static let chunkSizeDigitsMax = 15
}
