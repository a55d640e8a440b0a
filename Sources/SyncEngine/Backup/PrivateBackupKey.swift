import CBOR
package import Cryptography

/// What a backup is sealed to: a public key, so that nobody need type a passphrase for it to be
/// written; and the private key under the passphrase that opens it again.
///
/// Nothing on the device that writes the backups can open them: not the daemon, nor a thief of the
/// data folder who has no passphrase.
package struct PrivateBackupKey: Hashable, Sendable {
  /// X25519.
  package let publicKey: [UInt8]
  package let wrapped: PassphraseWrappedKey

  init(publicKey: [UInt8], wrapped: PassphraseWrappedKey) {
    self.publicKey = publicKey
    self.wrapped = wrapped
  }

  /// A new pair. Blocks the thread for as long as `cost` says.
  package init(
    passphrase: String, cost: PassphraseKey.Cost = .standard
  ) throws(CryptographyError) {
    let pair = try SealingKeyPair.generate()
    guard let secret = SymmetricKey(bytes: pair.privateKey) else { throw .invalidKey }
    self.init(
      publicKey: pair.publicKey,
      wrapped: try PassphraseWrappedKey(
        wrapping: secret, passphrase: Array(passphrase.utf8), cost: cost))
  }

  /// The pair; blocks like `init`. Throws `notAuthentic` for another passphrase, and when the two
  /// halves do not belong together.
  package func pair(passphrase: String) throws(CryptographyError) -> SealingKeyPair {
    let secret = try wrapped.key(passphrase: Array(passphrase.utf8))
    let pair = try SealingKeyPair(privateKey: secret.bytes)
    guard pair.publicKey == publicKey else { throw .notAuthentic }
    return pair
  }

  /// How many items `write` writes.
  static let itemCount = 6

  func write(to encoder: inout CBOREncoder) {
    encoder.bytes(publicKey)
    encoder.unsigned(UInt64(wrapped.cost.iterations))
    encoder.unsigned(UInt64(wrapped.cost.blockSize))
    encoder.unsigned(UInt64(wrapped.cost.parallelism))
    encoder.bytes(wrapped.salt)
    encoder.bytes(wrapped.sealed)
  }

  /// Throws `CBORError` or `CryptographyError` for anything that `write` does not write.
  init(from decoder: inout CBORDecoder) throws {
    publicKey = try decoder.bytes()
    guard publicKey.count == SymmetricKey.byteCount else { throw CryptographyError.invalidKey }
    let cost = try PassphraseKey.Cost(
      iterations: Int(clamping: decoder.unsigned()), blockSize: Int(clamping: decoder.unsigned()),
      parallelism: Int(clamping: decoder.unsigned()))
    wrapped = try PassphraseWrappedKey(cost: cost, salt: decoder.bytes(), sealed: decoder.bytes())
  }

  /// As it lies in the replica, sealed under the replica's own key.
  var encoded: [UInt8] {
    var encoder = CBOREncoder(reservingBytes: 192)
    encoder.arrayHeader(count: Self.itemCount)
    write(to: &encoder)
    return encoder.bytes
  }

  init(encoded bytes: [UInt8]) throws {
    var decoder = CBORDecoder(bytes)
    guard try decoder.arrayHeader() == Self.itemCount else { throw CryptographyError.truncated }
    try self.init(from: &decoder)
    try decoder.finish()
  }
}
