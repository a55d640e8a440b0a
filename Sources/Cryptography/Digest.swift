import CCrypto

/// The length of a SHA-256 digest and of an HMAC-SHA-256.
package let sha256ByteCount = 32

/// SHA-256 of the bytes (FIPS 180-4), 32 bytes.
package func sha256(_ bytes: [UInt8]) -> [UInt8] {
  var digest = SHA256Digest()
  digest.update(bytes)
  return digest.finish()
}

/// SHA-256 of content that comes in pieces.
package struct SHA256Digest: ~Copyable {
  private let context: OpaquePointer

  package init() {
    // libcrypto fails here only without memory, where Swift stops as well.
    guard let context = EVP_MD_CTX_new(),
      EVP_DigestInit_ex2(context, Algorithms.shared.sha256, nil) == 1
    else { fatalError("libcrypto cannot begin a SHA-256: out of memory") }
    self.context = context
  }

  deinit {
    EVP_MD_CTX_free(context)
  }

  package mutating func update(_ bytes: [UInt8]) {
    bytes.withUnsafeBytes { update($0) }
  }

  package mutating func update(_ bytes: UnsafeRawBufferPointer) {
    let code = EVP_DigestUpdate(context, bytes.baseAddress, bytes.count)
    precondition(code == 1, "libcrypto cannot go on with a SHA-256")
  }

  /// The digest, 32 bytes; ends the value.
  package consuming func finish() -> [UInt8] {
    [UInt8](unsafeUninitializedCapacity: sha256ByteCount) { target, filled in
      var written: UInt32 = 0
      let code = EVP_DigestFinal_ex(context, target.baseAddress, &written)
      precondition(code == 1 && written == 32, "libcrypto cannot finish a SHA-256")
      filled = sha256ByteCount
    }
  }
}

/// Whether both are the same, in a time that depends on the lengths only: for proofs and tokens,
/// whose first wrong byte a stranger must not learn.
package func constantTimeEquals(_ left: [UInt8], _ right: [UInt8]) -> Bool {
  left.count == right.count && CRYPTO_memcmp(left, right, left.count) == 0
}
