import Cryptography
import Testing

@Suite struct SealingKeyPairTests {
  /// RFC 7748, sections 5.2 and 6.1.
  @Test func x25519MatchesThePublishedVectors() throws {
    let bobPrivate = "5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb"
    let vectors = [
      (
        "a546e36bf0527c9d3b16154b82465edd62144c0ac1fc5a18506a2244ba449ac4",
        "e6db6867583030db3594c1a424b15f7c726624ec26b3353b10a903a6d0ab1c4c",
        "c3da55379de9c6908e94ea4df28d084f32eccf03491c71f754b4075577a28552"
      ),
      (
        "4b66e9d4d1b4673c5ad22691957d6af5c11b6421e0ea01d42ca4169e7918ba0d",
        "e5210f12786811d3f4b7959d0538ae2c31dbe7106fc03c3efc4cd549c715a493",
        "95cbde9476e8907d7aade45cb4b873f88b595a68799fa152e6f8f7647aac7957"
      ),
      (
        bobPrivate, "8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a",
        "4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742"
      ),
    ]
    for (privateKey, publicKey, shared) in vectors {
      let secret = try X25519.sharedSecret(
        privateKey: try hex(privateKey), publicKey: try hex(publicKey))
      #expect(secret == (try hex(shared)))
    }
    let bob = try SealingKeyPair(privateKey: try hex(bobPrivate))
    #expect(
      bob.publicKey
        == (try hex("de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f")))
    #expect(bob.privateKey == (try hex(bobPrivate)))
  }

  @Test func keysOfWrongLengthOrSmallOrderAreRefused() throws {
    let good = SymmetricKey.random().bytes
    for count in [0, 31, 33] {
      let wrong = [UInt8](repeating: 9, count: count)
      #expect(throws: CryptographyError.invalidKey) { try SealingKeyPair(privateKey: wrong) }
      #expect(throws: CryptographyError.invalidKey) { try SealingKeyPair.seal([1], to: wrong) }
      #expect(throws: CryptographyError.invalidKey) {
        try X25519.sharedSecret(privateKey: wrong, publicKey: good)
      }
    }
    // The points 0 and 1 (RFC 7748, section 6.1: the all-zero check).
    for first in [0, 1] as [UInt8] {
      let point = [first] + [UInt8](repeating: 0, count: 31)
      #expect(throws: CryptographyError.invalidKey) { try SealingKeyPair.seal([1], to: point) }
    }
  }

  @Test func onlyTheHolderOpensAndOnlyUnchanged() throws {
    let pair = try SealingKeyPair.generate()
    let stranger = try SealingKeyPair.generate()
    for plaintext in [[], [1], [UInt8](repeating: 4, count: 10_000)] as [[UInt8]] {
      let sealed = try SealingKeyPair.seal(plaintext, to: pair.publicKey, associatedData: [5])
      #expect(sealed.count == plaintext.count + SealingKeyPair.overheadBytes)
      #expect(try pair.open(sealed, associatedData: [5]) == plaintext)
      let again = try SealingKeyPair.seal(plaintext, to: pair.publicKey, associatedData: [5])
      #expect(again.prefix(32) != sealed.prefix(32))
      #expect(throws: CryptographyError.notAuthentic) { try pair.open(sealed) }
      #expect(throws: CryptographyError.notAuthentic) {
        try stranger.open(sealed, associatedData: [5])
      }
    }
    let reloaded = try SealingKeyPair(privateKey: pair.privateKey)
    let sealed = try SealingKeyPair.seal([1, 2], to: pair.publicKey)
    #expect(try reloaded.open(sealed) == [1, 2])
    for index in sealed.indices {
      var changed = sealed
      changed[index] ^= 1
      #expect(throws: CryptographyError.notAuthentic) { try pair.open(changed) }
    }
    for count in 0..<sealed.count {
      let expected: CryptographyError =
        count < SealingKeyPair.overheadBytes ? .truncated : .notAuthentic
      #expect(throws: expected) { try pair.open(Array(sealed.prefix(count))) }
    }
    // A message with a small-order key is a bad message, not a bad key of ours.
    let small = [UInt8](repeating: 0, count: 32) + sealed.dropFirst(32)
    #expect(throws: CryptographyError.notAuthentic) { try pair.open(small) }
  }
}
