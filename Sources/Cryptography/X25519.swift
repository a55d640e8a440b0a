import CCrypto

/// Diffie-Hellman on Curve25519 (RFC 7748).
package enum X25519 {
  package static let keyBytes = 32

  /// - Throws: `invalidKey` for wrong lengths and for points of small order, whose secret a
  ///   stranger would know.
  package static func sharedSecret(
    privateKey: [UInt8], publicKey: [UInt8]
  ) throws(CryptographyError) -> [UInt8] {
    guard privateKey.count == keyBytes, publicKey.count == keyBytes else { throw .invalidKey }
    let own = EVP_PKEY_new_raw_private_key(EVP_PKEY_X25519, nil, privateKey, keyBytes)
    defer { EVP_PKEY_free(own) }
    let peer = EVP_PKEY_new_raw_public_key(EVP_PKEY_X25519, nil, publicKey, keyBytes)
    defer { EVP_PKEY_free(peer) }
    guard own != nil, peer != nil, let context = EVP_PKEY_CTX_new(own, nil) else {
      throw .library("X25519")
    }
    defer { EVP_PKEY_CTX_free(context) }
    guard EVP_PKEY_derive_init(context) == 1, EVP_PKEY_derive_set_peer(context, peer) == 1 else {
      throw .library("X25519")
    }
    var secret = [UInt8](repeating: 0, count: keyBytes)
    var written = keyBytes
    // libcrypto refuses a secret of zeros, which is what points of small order give.
    guard EVP_PKEY_derive(context, &secret, &written) == 1, written == keyBytes else {
      ERR_clear_error()
      throw .invalidKey
    }
    return secret
  }

  /// The public key of a private one.
  package static func publicKey(
    ofPrivateKey privateKey: [UInt8]
  ) throws(CryptographyError) -> [UInt8] {
    guard privateKey.count == keyBytes else { throw .invalidKey }
    let own = EVP_PKEY_new_raw_private_key(EVP_PKEY_X25519, nil, privateKey, keyBytes)
    defer { EVP_PKEY_free(own) }
    var publicKey = [UInt8](repeating: 0, count: keyBytes)
    var written = keyBytes
    guard own != nil, EVP_PKEY_get_raw_public_key(own, &publicKey, &written) == 1,
      written == keyBytes
    else { throw .library("X25519") }
    return publicKey
  }
}
