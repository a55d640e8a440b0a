import CCrypto

/// HKDF with SHA-256 (RFC 5869): keys for a named purpose from one secret.
package enum KeyDerivation {
  /// The most HKDF can give: 255 digests.
  package static let outputBytesMax = 255 * sha256ByteCount

  /// - Parameters:
  ///   - secret: The input keying material.
  ///   - salt: Random or public context; may be empty.
  ///   - info: Names the purpose, so that keys for different purposes differ.
  ///   - byteCount: 1 to `outputBytesMax`.
  package static func hkdf(
    secret: [UInt8], salt: [UInt8], info: [UInt8], byteCount: Int
  ) throws(CryptographyError) -> [UInt8] {
    var output = [UInt8](repeating: 0, count: try checked(byteCount))
    let isDone = output.withUnsafeMutableBytes {
      derive(secret: secret, salt: salt, info: info, into: $0)
    }
    guard isDone else { throw .library("HKDF") }
    return output
  }

  /// The same with 32 bytes, as a key.
  package static func key(
    secret: [UInt8], salt: [UInt8], info: [UInt8]
  ) throws(CryptographyError) -> SymmetricKey {
    var isDone = false
    let key = SymmetricKey { isDone = derive(secret: secret, salt: salt, info: info, into: $0) }
    guard isDone else { throw .library("HKDF") }
    return key
  }

  private static func checked(_ byteCount: Int) throws(CryptographyError) -> Int {
    precondition(byteCount > 0, "a key has at least one byte")
    guard byteCount <= outputBytesMax else { throw .tooLong(limitBytes: outputBytesMax) }
    return byteCount
  }

  private static func derive(
    secret: [UInt8], salt: [UInt8], info: [UInt8], into target: UnsafeMutableRawBufferPointer
  ) -> Bool {
    guard let context = EVP_KDF_CTX_new(Algorithms.shared.hkdf) else { return false }
    defer { EVP_KDF_CTX_free(context) }
    return ccrypto_hkdf_sha256(
      context, secret, secret.count, salt, salt.count, info, info.count,
      target.baseAddress?.assumingMemoryBound(to: UInt8.self), target.count) == 1
  }
}
