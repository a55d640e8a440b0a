import Cryptography
import Testing

@Suite struct PassphraseWrappedKeyTests {
  private func cheap() throws -> PassphraseKey.Cost {
    try PassphraseKey.Cost(iterations: 16, blockSize: 8, parallelism: 1)
  }

  @Test func onlyThePassphraseOpensIt() throws {
    let key = SymmetricKey.random()
    let words = Array("two words and a third".utf8)
    let wrapped = try PassphraseWrappedKey(wrapping: key, passphrase: words, cost: cheap())
    #expect(try wrapped.key(passphrase: words) == key)
    for wrong in [[], Array("Two words and a third".utf8), words + [1]] {
      #expect(throws: CryptographyError.notAuthentic) { try wrapped.key(passphrase: wrong) }
    }
    // The same again is other bytes: nobody sees whether two passphrases are the same.
    let again = try PassphraseWrappedKey(wrapping: key, passphrase: words, cost: cheap())
    #expect(again.salt != wrapped.salt && again.sealed != wrapped.sealed)
  }

  @Test func whatWasChangedDoesNotOpen() throws {
    let words = Array("two words and a third".utf8)
    let wrapped = try PassphraseWrappedKey(wrapping: .random(), passphrase: words, cost: cheap())
    var salt = wrapped.salt
    salt[0] ^= 1
    var sealed = wrapped.sealed
    sealed[20] ^= 1
    let cheaper = try PassphraseKey.Cost(iterations: 8, blockSize: 8, parallelism: 1)
    let changed = [
      try PassphraseWrappedKey(cost: wrapped.cost, salt: salt, sealed: wrapped.sealed),
      try PassphraseWrappedKey(cost: wrapped.cost, salt: wrapped.salt, sealed: sealed),
      try PassphraseWrappedKey(cost: cheaper, salt: wrapped.salt, sealed: wrapped.sealed),
    ]
    for other in changed {
      #expect(throws: CryptographyError.notAuthentic) { try other.key(passphrase: words) }
    }
    let cut = [
      (wrapped.salt.dropLast(), wrapped.sealed[...]),
      (wrapped.salt[...], wrapped.sealed.dropLast()),
    ]
    for (salt, sealed) in cut {
      #expect(throws: CryptographyError.truncated) {
        try PassphraseWrappedKey(cost: wrapped.cost, salt: Array(salt), sealed: Array(sealed))
      }
    }
  }
}
