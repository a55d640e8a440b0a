import Cryptography
import Testing

@Suite struct SealingTests {
  /// McGrew and Viega, "The Galois/Counter Mode of Operation", test cases 13 to 16 (also NIST's).
  @Test func opensThePublishedVectors() throws {
    let zeroKey = String(repeating: "00", count: 32)
    let key = String(repeating: "feffe9928665731c6d6a8f9467308308", count: 2)
    let plaintext =
      "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
      + "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b391aafd255"
    let ciphertext =
      "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa"
      + "8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662898015ad"
    let vectors = [
      (zeroKey, "000000000000000000000000", "", "", "", "530f8afbc74536b9a963b4f1c4cb738b"),
      (
        zeroKey, "000000000000000000000000", "", String(repeating: "00", count: 16),
        "cea7403d4d606b6e074ec5d3baf39d18", "d0d1c8a799996bf0265b98b5d48ab919"
      ),
      (
        key, "cafebabefacedbaddecaf888", "", plaintext, ciphertext,
        "b094dac5d93471bdec1a502270e3cc6c"
      ),
      (
        key, "cafebabefacedbaddecaf888", "feedfacedeadbeeffeedfacedeadbeefabaddad2",
        String(plaintext.prefix(120)), String(ciphertext.prefix(120)),
        "76fc6ece0f4e1768cddf8853bb2d551b"
      ),
    ]
    let sealer = Sealer()
    for (key, nonce, associatedData, plaintext, ciphertext, tag) in vectors {
      let key = try #require(SymmetricKey(bytes: try hex(key)))
      let opened = try sealer.open(
        try hex(nonce + ciphertext + tag), key: key, associatedData: try hex(associatedData))
      #expect(opened == (try hex(plaintext)))
    }
  }

  @Test func everySizeComesBackAndNeverLooksTheSameTwice() throws {
    let sealer = Sealer()
    let key = SymmetricKey.random()
    for count in [0, 1, 15, 16, 17, 255, 300, 4_096, 50_000] {
      let plaintext = (0..<count).map { UInt8(truncatingIfNeeded: $0) }
      for associatedData in [[], [1], [UInt8](repeating: 2, count: 1_000)] {
        let sealed = try sealer.seal(plaintext, key: key, associatedData: associatedData)
        #expect(sealed.count == count + Sealing.overheadBytes)
        let again = try Sealing.seal(plaintext, key: key, associatedData: associatedData)
        #expect(sealed != again)
        #expect(
          try Sealing.open(sealed, key: key, associatedData: associatedData) == plaintext)
        #expect(try sealer.open(again, key: key, associatedData: associatedData) == plaintext)
      }
    }
  }

  @Test func everyChangedBitIsRefusedAndTheSealerStaysUsable() throws {
    let sealer = Sealer()
    let key = SymmetricKey.random()
    let sealed = try sealer.seal(utf8("a child's record"), key: key, associatedData: [1, 2])
    for index in sealed.indices {
      for bit in 0..<8 {
        var changed = sealed
        changed[index] ^= 1 << UInt8(bit)
        #expect(throws: CryptographyError.notAuthentic) {
          try sealer.open(changed, key: key, associatedData: [1, 2])
        }
      }
    }
    let opened = try sealer.open(sealed, key: key, associatedData: [1, 2])
    #expect(opened == utf8("a child's record"))
  }

  @Test func oneSealerKeepsKeysInTurnApart() throws {
    let sealer = Sealer()
    let keys = (0..<3).map { _ in SymmetricKey.random() }
    let sealed = try keys.map { try Sealing.seal([1, 2, 3], key: $0, associatedData: [7]) }
    for (own, other) in [(0, 1), (1, 1), (1, 0), (2, 0), (0, 2), (0, 0)] {
      #expect(try sealer.open(sealed[own], key: keys[own], associatedData: [7]) == [1, 2, 3])
      if own != other {
        #expect(throws: CryptographyError.notAuthentic) {
          try sealer.open(sealed[own], key: keys[other], associatedData: [7])
        }
      }
      let made = try sealer.seal([4], key: keys[other], associatedData: [])
      #expect(try Sealing.open(made, key: keys[other], associatedData: []) == [4])
    }
  }

  @Test func anotherKeyOrOtherAssociatedDataIsRefused() throws {
    let key = SymmetricKey.random()
    let sealed = try Sealing.seal([1, 2, 3], key: key, associatedData: [7])
    #expect(throws: CryptographyError.notAuthentic) {
      try Sealing.open(sealed, key: .random(), associatedData: [7])
    }
    for other in [[], [8], [7, 0]] as [[UInt8]] {
      #expect(throws: CryptographyError.notAuthentic) {
        try Sealing.open(sealed, key: key, associatedData: other)
      }
    }
  }

  @Test func cutAndLengthenedFormsAreRefused() throws {
    let key = SymmetricKey.random()
    let sealed = try Sealing.seal([1, 2, 3], key: key, associatedData: [])
    for count in 0..<sealed.count {
      let expected: CryptographyError =
        count < Sealing.overheadBytes ? .truncated : .notAuthentic
      #expect(throws: expected) {
        try Sealing.open(Array(sealed.prefix(count)), key: key, associatedData: [])
      }
    }
    #expect(throws: CryptographyError.notAuthentic) {
      try Sealing.open(sealed + [0], key: key, associatedData: [])
    }
  }

  @Test func lengthsHoldAtTheLimitAndNotBeyond() throws {
    let key = SymmetricKey.random()
    let longest = [UInt8](repeating: 5, count: Sealing.plaintextBytesMax)
    let sealed = try Sealing.seal(longest, key: key, associatedData: [])
    #expect(try Sealing.open(sealed, key: key, associatedData: []) == longest)
    let plaintextLimit = CryptographyError.tooLong(limitBytes: Sealing.plaintextBytesMax)
    #expect(throws: plaintextLimit) {
      try Sealing.seal(longest + [5], key: key, associatedData: [])
    }
    #expect(throws: plaintextLimit) {
      try Sealing.open(sealed + [5], key: key, associatedData: [])
    }

    let context = [UInt8](repeating: 6, count: Sealing.associatedDataBytesMax)
    let bound = try Sealing.seal([1], key: key, associatedData: context)
    #expect(try Sealing.open(bound, key: key, associatedData: context) == [1])
    let contextLimit = CryptographyError.tooLong(limitBytes: Sealing.associatedDataBytesMax)
    #expect(throws: contextLimit) {
      try Sealing.seal([1], key: key, associatedData: context + [6])
    }
    #expect(throws: contextLimit) {
      try Sealing.open(bound, key: key, associatedData: context + [6])
    }
  }
}
