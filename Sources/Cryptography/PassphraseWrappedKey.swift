/// A key sealed under a passphrase: what lies on disk when no key may lie there.
///
/// AES-256-GCM under the key that scrypt makes of the passphrase, with salt and cost as associated
/// data: a cost that was lowered in the file does not open it.
package struct PassphraseWrappedKey: Hashable, Sendable {
  package static let saltBytes = 16

  package let cost: PassphraseKey.Cost
  package let salt: [UInt8]
  package let sealed: [UInt8]

  /// As read from a file. Throws `truncated` unless salt and sealed key have their lengths.
  package init(
    cost: PassphraseKey.Cost, salt: [UInt8], sealed: [UInt8]
  ) throws(CryptographyError) {
    guard salt.count == Self.saltBytes,
      sealed.count == SymmetricKey.byteCount + Sealing.overheadBytes
    else { throw .truncated }
    self.cost = cost
    self.salt = salt
    self.sealed = sealed
  }

  /// Blocks the thread for as long as `cost` says.
  package init(
    wrapping key: SymmetricKey, passphrase: [UInt8], cost: PassphraseKey.Cost = .standard
  ) throws(CryptographyError) {
    var random = SecureRandom()
    let salt = random.bytes(Self.saltBytes)
    let outer = try PassphraseKey.derive(passphrase: passphrase, salt: salt, cost: cost)
    try self.init(
      cost: cost, salt: salt,
      sealed: Sealing.seal(
        key.bytes, key: outer, associatedData: Self.associatedData(cost, salt)))
  }

  /// The key; throws `notAuthentic` for another passphrase. Blocks like `init`.
  package func key(passphrase: [UInt8]) throws(CryptographyError) -> SymmetricKey {
    let outer = try PassphraseKey.derive(passphrase: passphrase, salt: salt, cost: cost)
    let bytes = try Sealing.open(
      sealed, key: outer, associatedData: Self.associatedData(cost, salt))
    guard let key = SymmetricKey(bytes: bytes) else { throw .invalidKey }
    return key
  }

  private static func associatedData(_ cost: PassphraseKey.Cost, _ salt: [UInt8]) -> [UInt8] {
    let numbers = "\(cost.iterations),\(cost.blockSize),\(cost.parallelism)"
    return Array("cafsync passphrase \(numbers) ".utf8) + salt
  }
}
