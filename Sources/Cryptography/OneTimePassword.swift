import CCrypto

/// One-time passwords by time (RFC 6238), as authenticator apps make them: six digits, HMAC-SHA-1,
/// a new one every 30 seconds.
package enum OneTimePassword {
  package static let stepMilliseconds: Int64 = 30_000
  /// RFC 4226, section 4, R6: the recommended length.
  package static let keyByteCount = 20
  private static let modulus: UInt32 = 1_000_000

  package static func step(atMilliseconds milliseconds: Int64) -> Int64 {
    max(milliseconds, 0) / stepMilliseconds
  }

  /// The six digits of a step.
  package static func code(key: [UInt8], step: Int64) throws(CryptographyError) -> String {
    let counter = (0..<8).map { UInt8(truncatingIfNeeded: step >> (56 - 8 * $0)) }
    let mac = try hmacSHA1(key: key, counter)
    // Dynamic truncation (RFC 4226, section 5.3).
    let offset = Int(mac[19] & 0x0f)
    let number = mac[offset..<(offset + 4)].reduce(UInt32(0)) { $0 << 8 | UInt32($1) } & 0x7fff_ffff
    let digits = String(number % modulus)
    return String(repeating: "0", count: 6 - digits.count) + digits
  }

  /// The step whose code this is, of those next to the present one (RFC 6238, section 5.2: clocks
  /// differ a little); nil when it is none of them, or not after `last`, the step that was used
  /// before: a code that was seen over a shoulder is worth nothing.
  package static func step(
    of code: String, key: [UInt8], atMilliseconds milliseconds: Int64, after last: Int64
  ) throws(CryptographyError) -> Int64? {
    let now = step(atMilliseconds: milliseconds)
    for step in max(now - 1, last + 1)...max(now + 1, last + 1) where step <= now + 1 {
      let right = try self.code(key: key, step: step)
      if constantTimeEquals(Array(right.utf8), Array(code.utf8)) { return step }
    }
    return nil
  }

  private static func hmacSHA1(key: [UInt8], _ message: [UInt8]) throws(CryptographyError)
    -> [UInt8]
  {
    var written = 0
    let mac = [UInt8](unsafeUninitializedCapacity: 20) { target, filled in
      let isMade = EVP_Q_mac(
        nil, "HMAC", nil, "SHA1", nil, key, key.count, message, message.count,
        target.baseAddress, 20, &written)
      filled = isMade == nil ? 0 : written
    }
    guard mac.count == 20 else { throw .library("HMAC-SHA-1") }
    return mac
  }
}

/// Bytes as the capital letters and digits that people type into an authenticator (RFC 4648,
/// section 6), without padding.
package func base32(_ bytes: [UInt8]) -> String {
  let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".utf8)
  var text: [UInt8] = []
  var (bits, count) = (UInt32(0), 0)
  for byte in bytes {
    bits = bits << 8 | UInt32(byte)
    count += 8
    while count >= 5 {
      count -= 5
      text.append(alphabet[Int(bits >> UInt32(count) & 31)])
    }
    bits &= (1 << UInt32(count)) - 1
  }
  if count > 0 { text.append(alphabet[Int(bits << UInt32(5 - count) & 31)]) }
  return String(decoding: text, as: UTF8.self)
}
