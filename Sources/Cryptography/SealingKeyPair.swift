import CCrypto

/// A pair of keys to seal content *to* somebody: whoever has the public key can seal, only the
/// holder of the private key can open. The sender needs no key of its own and cannot open it
/// either.
///
/// The construction is that of ECIES and of HPKE's base mode (RFC 9180), with our framing: a fresh
/// X25519 pair for every message, HKDF-SHA-256 over the shared secret with both public keys as
/// salt, AES-256-GCM. The sealed form is ephemeral public key (32 bytes) || `Sealing` form.
package struct SealingKeyPair: Sendable {
  /// How much longer the sealed form is.
  package static let overheadBytes = X25519.keyBytes + Sealing.overheadBytes
  /// Separates these keys from all other uses of the same pair.
  private static let purpose = Array("cafsync sealing to a public key, version 1".utf8)

  /// 32 bytes, to be given to everybody.
  package let publicKey: [UInt8]
  private let secret: SymmetricKey

  /// 32 bytes, to be wrapped and stored. The array is the caller's and is not overwritten.
  package var privateKey: [UInt8] { secret.bytes }

  /// - Throws: `invalidKey` unless there are 32 bytes.
  package init(privateKey: [UInt8]) throws(CryptographyError) {
    guard let secret = SymmetricKey(bytes: privateKey) else { throw .invalidKey }
    self.secret = secret
    publicKey = try X25519.publicKey(ofPrivateKey: privateKey)
  }

  /// A new pair. With any generator but `SecureRandom` for repeatable tests only.
  package static func generate(
    using random: inout some RandomNumberGenerator
  ) throws(CryptographyError) -> SealingKeyPair {
    try SealingKeyPair(privateKey: SymmetricKey.random(using: &random).bytes)
  }

  package static func generate() throws(CryptographyError) -> SealingKeyPair {
    var random = SecureRandom()
    return try generate(using: &random)
  }

  /// - Throws: `invalidKey` for a public key that is none; `tooLong` as `Sealing.seal`.
  package static func seal(
    _ plaintext: [UInt8], to publicKey: [UInt8], associatedData: [UInt8] = []
  ) throws(CryptographyError) -> [UInt8] {
    let ephemeral = try generate()
    let key = try messageKey(
      privateKey: ephemeral.privateKey, publicKey: publicKey,
      salt: ephemeral.publicKey + publicKey)
    return try ephemeral.publicKey
      + Sealing.seal(plaintext, key: key, associatedData: associatedData)
  }

  /// - Throws: `truncated`, and `notAuthentic` for anything that was not sealed to this pair with
  ///   this associated data.
  package func open(
    _ sealed: [UInt8], associatedData: [UInt8] = []
  ) throws(CryptographyError) -> [UInt8] {
    guard sealed.count >= SealingKeyPair.overheadBytes else { throw .truncated }
    let ephemeralKey = Array(sealed.prefix(X25519.keyBytes))
    let key: SymmetricKey
    do {
      key = try SealingKeyPair.messageKey(
        privateKey: privateKey, publicKey: ephemeralKey, salt: ephemeralKey + publicKey)
    } catch .invalidKey {
      // The key in the message is the sender's word: a bad one means a bad message, not our key.
      throw .notAuthentic
    }
    return try Sealing.open(
      Array(sealed.dropFirst(X25519.keyBytes)), key: key, associatedData: associatedData)
  }

  private static func messageKey(
    privateKey: [UInt8], publicKey: [UInt8], salt: [UInt8]
  ) throws(CryptographyError) -> SymmetricKey {
    var shared = try X25519.sharedSecret(privateKey: privateKey, publicKey: publicKey)
    defer { shared.withUnsafeMutableBytes { OPENSSL_cleanse($0.baseAddress, $0.count) } }
    return try KeyDerivation.key(secret: shared, salt: salt, info: purpose)
  }
}
