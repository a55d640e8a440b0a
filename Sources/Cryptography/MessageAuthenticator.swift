import CCrypto

/// HMAC-SHA-256 of the message (RFC 2104), 32 bytes. Any key length, also none.
package func hmacSHA256(key: [UInt8], _ message: [UInt8]) -> [UInt8] {
  MessageAuthenticator(key: key).authenticate(message)
}

/// HMAC-SHA-256 of many messages under one key: a third of the cost of `hmacSHA256`.
///
/// Belongs to one thread. The key stays inside libcrypto's context, which clears it at the end.
package final class MessageAuthenticator {
  private let context: OpaquePointer

  package init(key: [UInt8]) {
    let context = EVP_MAC_CTX_new(Algorithms.shared.hmac)
    // An address of null would mean "the key from before", also for a key without bytes.
    let isReady = ccrypto_hmac_sha256_init(context, key.isEmpty ? [0] : key, key.count) == 1
    // libcrypto fails here only without memory, where Swift stops as well.
    guard let context, isReady else { fatalError("libcrypto cannot begin an HMAC: out of memory") }
    self.context = context
  }

  package convenience init(key: SymmetricKey) {
    self.init(key: key.bytes)
  }

  deinit {
    EVP_MAC_CTX_free(context)
  }

  package func authenticate(_ message: [UInt8]) -> [UInt8] {
    [UInt8](unsafeUninitializedCapacity: sha256ByteCount) { target, filled in
      var written = 0
      let isDone =
        EVP_MAC_init(context, nil, 0, nil) == 1
        && EVP_MAC_update(context, message, message.count) == 1
        && EVP_MAC_final(context, target.baseAddress, &written, sha256ByteCount) == 1
      precondition(isDone && written == sha256ByteCount, "libcrypto cannot finish an HMAC")
      filled = sha256ByteCount
    }
  }
}
