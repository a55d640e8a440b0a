import CCurl
import HTTPWire

/// What comes back during one `send`; libcurl's callbacks write into it on the sending thread.
final class Transfer {
  /// libcurl itself allows 300 KB of headers; a hub needs a fraction.
  static let headerBytesMax = 65_536

  private(set) var headers = HTTPHeaders()
  private(set) var body: [UInt8] = []
  private(set) var isTooLarge = false
  /// Whether the empty line behind the last head has arrived. libcurl takes a head that is cut
  /// short for a response without a body.
  private(set) var hasWholeHead = false
  private let bodyBytesMax: Int
  private var headerBytes = 0

  init(bodyBytesMax: Int) {
    self.bodyBytesMax = bodyBytesMax
  }

  /// False ends the transfer.
  private func receiveBody(_ bytes: UnsafeRawBufferPointer) -> Bool {
    guard bytes.count <= bodyBytesMax - body.count else {
      isTooLarge = true
      return false
    }
    body.append(contentsOf: bytes)
    return true
  }

  /// One header line with its end; false ends the transfer.
  private func receiveHeader(_ bytes: UnsafeRawBufferPointer) -> Bool {
    guard bytes.count <= Transfer.headerBytesMax - headerBytes else {
      isTooLarge = true
      return false
    }
    headerBytes += bytes.count
    let line = String(decoding: bytes, as: UTF8.self)
    if line.hasPrefix("HTTP/") {
      // An interim response came before; only the last head counts.
      headers = HTTPHeaders()
      hasWholeHead = false
      return true
    }
    if line == "\r\n" || line == "\n" { hasWholeHead = true }
    guard let colon = line.utf8.firstIndex(of: UInt8(ascii: ":")) else { return true }
    let value = line[line.index(after: colon)...].drop { $0 == " " || $0 == "\t" }
    headers.append(
      String(line[..<colon]),
      String(value.reversed().drop { $0.isWhitespace }.reversed()))
    return true
  }

  /// libcurl takes any count but the one it gave as "stop".
  private static func handle(
    _ bytes: UnsafeMutablePointer<CChar>?, _ count: Int, _ context: UnsafeMutableRawPointer?,
    _ body: (Transfer, UnsafeRawBufferPointer) -> Bool
  ) -> Int {
    guard let context else { return 0 }
    let transfer = Unmanaged<Transfer>.fromOpaque(context).takeUnretainedValue()
    return body(transfer, UnsafeRawBufferPointer(start: bytes, count: count)) ? count : 0
  }

  static let bodyCallback: ccurl_data_callback = { bytes, size, count, context in
    Transfer.handle(bytes, size * count, context) { $0.receiveBody($1) }
  }

  static let headerCallback: ccurl_data_callback = { bytes, size, count, context in
    Transfer.handle(bytes, size * count, context) { $0.receiveHeader($1) }
  }
}
