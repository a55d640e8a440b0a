import Cryptography
import Testing

@Suite struct DigestTests {
  /// FIPS 180-4 examples.
  @Test func sha256MatchesThePublishedVectors() throws {
    let vectors: [([UInt8], String)] = [
      ([], "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
      (utf8("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
      (
        [UInt8](repeating: 0x61, count: 1_000_000),
        "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"
      ),
    ]
    for (message, digest) in vectors {
      #expect(sha256(message) == (try hex(digest)))
    }
  }

  @Test func piecesGiveTheDigestOfTheWhole() {
    let message = (0..<200).map { UInt8($0) }
    for cut in 0...message.count {
      var digest = SHA256Digest()
      digest.update(Array(message[..<cut]))
      digest.update(Array(message[cut...]))
      let pieces = digest.finish()
      #expect(pieces == sha256(message))
    }
  }

  /// RFC 4231, test cases 1 to 4, 6 and 7, and the well-known empty one.
  @Test func hmacMatchesThePublishedVectors() throws {
    let longKey = [UInt8](repeating: 0xaa, count: 131)
    let vectors: [([UInt8], [UInt8], String)] = [
      (
        [UInt8](repeating: 0x0b, count: 20), utf8("Hi There"),
        "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"
      ),
      (
        utf8("Jefe"), utf8("what do ya want for nothing?"),
        "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
      ),
      (
        [UInt8](repeating: 0xaa, count: 20), [UInt8](repeating: 0xdd, count: 50),
        "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"
      ),
      (
        [UInt8](0x01...0x19), [UInt8](repeating: 0xcd, count: 50),
        "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b"
      ),
      (
        longKey, utf8("Test Using Larger Than Block-Size Key - Hash Key First"),
        "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"
      ),
      (
        longKey,
        utf8(
          "This is a test using a larger than block-size key and a larger than block-size data. "
            + "The key needs to be hashed before being used by the HMAC algorithm."),
        "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2"
      ),
      ([], [], "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad"),
    ]
    for (key, message, expected) in vectors {
      #expect(hmacSHA256(key: key, message) == (try hex(expected)))
      let authenticator = MessageAuthenticator(key: key)
      for other in [utf8("something else"), [], message] {
        #expect(authenticator.authenticate(other) == hmacSHA256(key: key, other))
      }
    }
  }

  @Test func aSymmetricKeyAuthenticatesLikeItsBytes() {
    let key = SymmetricKey.random()
    #expect(
      MessageAuthenticator(key: key).authenticate([1]) == hmacSHA256(key: key.bytes, [1]))
  }

  @Test func constantTimeEqualityIsEquality() {
    let values: [[UInt8]] = [[], [0], [1], [0, 0], [0, 1], [1, 0]]
    for left in values {
      for right in values {
        #expect(constantTimeEquals(left, right) == (left == right))
      }
    }
  }
}
