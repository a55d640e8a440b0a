import Cryptography
import Testing

@Suite struct KeyTests {
  @Test func aKeyIsExactlyThirtyTwoBytes() throws {
    for count in [0, 16, 31, 33] {
      #expect(SymmetricKey(bytes: [UInt8](repeating: 1, count: count)) == nil)
    }
    let bytes = [UInt8](0..<32)
    let key = try #require(SymmetricKey(bytes: bytes))
    #expect(key.bytes == bytes)
    #expect(key == SymmetricKey(bytes: bytes) && key.hashValue == key.hashValue)
    #expect(key != SymmetricKey(bytes: bytes.reversed()))
    #expect(Set([key, key, .random(), .random()]).count == 3)
  }

  @Test func aKeyDoesNotPrintItsBytes() throws {
    let key = try #require(SymmetricKey(bytes: [UInt8](repeating: 201, count: 32)))
    var dumped = ""
    dump(key, to: &dumped)
    for text in ["\(key)", String(reflecting: key), dumped] {
      #expect(!text.contains("201"))
    }
  }

  @Test func keysFromARepeatableGeneratorRepeat() {
    struct Counter: RandomNumberGenerator {
      var value: UInt64 = 0
      mutating func next() -> UInt64 {
        value += 1
        return value
      }
    }
    var first = Counter()
    var second = Counter()
    #expect(SymmetricKey.random(using: &first) == SymmetricKey.random(using: &second))
    #expect(SymmetricKey.random(using: &first) != SymmetricKey.random(using: &first))
  }

  /// RFC 7914, section 12. Its outputs have 64 bytes; those of 32 are their first halves.
  @Test func scryptMatchesThePublishedVectors() throws {
    let vectors = [
      ("", "", 16, 1, 1, "77d6576238657b203b19ca42c18a0497f16b4844e3074ae8dfdffa3fede21442"),
      (
        "password", "NaCl", 1_024, 8, 16,
        "fdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b373162"
      ),
      (
        "pleaseletmein", "SodiumChloride", 16_384, 8, 1,
        "7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2"
      ),
    ]
    for (passphrase, salt, iterations, blockSize, parallelism, expected) in vectors {
      let cost = try PassphraseKey.Cost(
        iterations: iterations, blockSize: blockSize, parallelism: parallelism)
      let key = try PassphraseKey.derive(
        passphrase: utf8(passphrase), salt: utf8(salt), cost: cost)
      #expect(key.bytes == (try hex(expected)))
    }
  }

  @Test func theStandardCostWorksAndSaltAndPassphraseCount() throws {
    let salt = [UInt8](repeating: 3, count: 16)
    let key = try PassphraseKey.derive(passphrase: utf8("correct"), salt: salt)
    #expect(try PassphraseKey.derive(passphrase: utf8("correct"), salt: salt) == key)
    #expect(try PassphraseKey.derive(passphrase: utf8("Correct"), salt: salt) != key)
    #expect(try PassphraseKey.derive(passphrase: utf8("correct"), salt: salt + [0]) != key)
    #expect(PassphraseKey.Cost.standard.iterations == 32_768)
  }

  @Test func costsHoldAtTheirLimitsAndNotBeyond() throws {
    typealias Cost = PassphraseKey.Cost
    let accepted = [
      (2, 1, 1), (Cost.iterationsMax, Cost.blockSizeMax, Cost.parallelismMax),
    ]
    for (iterations, blockSize, parallelism) in accepted {
      let cost = try Cost(
        iterations: iterations, blockSize: blockSize, parallelism: parallelism)
      #expect(cost.iterations == iterations)
    }
    let refused = [
      (1, 8, 1), (0, 8, 1), (-2, 8, 1), (3, 8, 1), (2 * Cost.iterationsMax, 8, 1),
      (16, 0, 1), (16, Cost.blockSizeMax + 1, 1), (16, 8, 0), (16, 8, Cost.parallelismMax + 1),
      (.max, .max, .max),
    ]
    for (iterations, blockSize, parallelism) in refused {
      #expect(throws: CryptographyError.invalidCost) {
        try Cost(iterations: iterations, blockSize: blockSize, parallelism: parallelism)
      }
    }
    // libcrypto is allowed enough memory for the widest costs: those with the most of r and p.
    let wide = try Cost(
      iterations: 2, blockSize: Cost.blockSizeMax, parallelism: Cost.parallelismMax)
    #expect(try PassphraseKey.derive(passphrase: [1], salt: [2], cost: wide).bytes.count == 32)
  }

  /// RFC 5869, appendix A, test cases 1 to 3.
  @Test func hkdfMatchesThePublishedVectors() throws {
    let short = [UInt8](repeating: 0x0b, count: 22)
    let vectors: [([UInt8], [UInt8], [UInt8], String)] = [
      (
        short, [UInt8](0...0x0c), [UInt8](0xf0...0xf9),
        "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865"
      ),
      (
        [UInt8](0...0x4f), [UInt8](0x60...0xaf), [UInt8](0xb0...0xff),
        "b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c"
          + "59045a99cac7827271cb41c65e590e09da3275600c2f09b8367793a9aca3db71"
          + "cc30c58179ec3e87c14c01d5c1f3434f1d87"
      ),
      (
        short, [], [],
        "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8"
      ),
    ]
    for (secret, salt, info, expected) in vectors {
      let expected = try hex(expected)
      let output = try KeyDerivation.hkdf(
        secret: secret, salt: salt, info: info, byteCount: expected.count)
      #expect(output == expected)
      let key = try KeyDerivation.key(secret: secret, salt: salt, info: info)
      #expect(key.bytes == Array(expected.prefix(32)))
    }
    let longest = KeyDerivation.outputBytesMax
    let output = try KeyDerivation.hkdf(secret: [1], salt: [], info: [], byteCount: longest)
    #expect(output.count == longest)
    #expect(throws: CryptographyError.tooLong(limitBytes: longest)) {
      try KeyDerivation.hkdf(secret: [1], salt: [], info: [], byteCount: longest + 1)
    }
  }
}
