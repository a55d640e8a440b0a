import CBOR
import Testing

extension CBORError.Reason: Error {}

/// Reads one item both ways, as a tree and raw, and throws the reason for which both refuse it.
func reasonOf(_ input: [UInt8], limits: CBORLimits = .standard) throws {
  var raw: CBORError?
  do {
    var decoder = CBORDecoder(input, limits: limits)
    _ = try decoder.rawItem()
    try decoder.finish()
  } catch { raw = error }
  do {
    _ = try CBOR(decoding: input, limits: limits)
    #expect(raw == nil)
  } catch {
    #expect(raw == error)
    throw error.reason
  }
}

@Suite struct RefusalTests {
  @Test func secondSpellingsAreRefused() {
    let refused: [(String, CBORError.Reason)] = [
      ("1817", .notShortestInteger), ("1900ff", .notShortestInteger),
      ("1a0000ffff", .notShortestInteger), ("1b00000000ffffffff", .notShortestInteger),
      ("3817", .notShortestInteger), ("5800", .notShortestInteger),
      ("780161", .notShortestInteger), ("9800", .notShortestInteger),
      ("b800", .notShortestInteger), ("d80100", .notShortestInteger),
      ("fa3f800000", .notShortestFloat), ("fb3ff0000000000000", .notShortestFloat),
      ("f97e01", .notShortestFloat), ("f9fe00", .notShortestFloat),
      ("a2010001 00", .duplicateKey), ("a2020001 00", .unsortedKey),
      ("a3 0100 0200 0200", .duplicateKey), ("a2 6162 00 6161 00", .unsortedKey),
      // Length-first (RFC 7049) order: 00 before 0xf4 before 0x1818 is not bytewise.
      ("a2 f4 00 1818 00", .unsortedKey), ("a2 8101 00 8100 00", .unsortedKey),
      ("a2 c101 00 c101 00", .duplicateKey), ("81 a2 a10101 00 a10100 00", .unsortedKey),
      ("a1 00 a2 01 01 01 01", .duplicateKey), ("1c", .reserved), ("fd", .reserved),
      ("fe", .reserved), ("f800", .reserved), ("f81f", .reserved), ("ff", .indefiniteLength),
      ("61ff", .invalidUTF8), ("62c080", .invalidUTF8), ("63eda080", .invalidUTF8),
      ("64f4908080", .invalidUTF8), ("0000", .trailingBytes), ("8000", .trailingBytes),
      ("", .truncated), ("18", .truncated), ("c1", .truncated), ("8200", .lengthBeyondEnd),
      ("f93c", .truncated), ("f8", .truncated), ("a100", .lengthBeyondEnd),
    ]
    for (hexadecimal, reason) in refused {
      #expect(throws: reason, "\(hexadecimal)") { try reasonOf(bytes(hexadecimal)) }
    }
  }

  @Test func everyTruncationIsRefused() throws {
    let sample = CBOR([
      "name": .text("Zoë Example"), "list": .array([.null, .float(1.1), .tagged(4, .bytes([1]))]),
      "map": .map([CBOR.Entry(key: CBOR(-70_000), value: .bool(true))]), "n": .simple(99),
      "long": .text(String(repeating: "x", count: 300)), "big": .unsigned(.max),
    ]).encoded
    #expect(try CBOR(decoding: sample).encoded == sample)
    for length in 0..<sample.count {
      #expect(throws: CBORError.Reason.self, "\(length)") {
        try reasonOf(Array(sample[..<length]))
      }
    }
  }

  @Test func claimedLengthsAreHeldAgainstTheInput() {
    for major: UInt8 in 2...5 {
      for length in ["1a7fffffff", "1b7fffffffffffffff", "1bffffffffffffffff"] {
        var bomb = bytes(length)
        bomb[0] |= major << 5
        #expect(throws: CBORError.Reason.lengthBeyondEnd) { try reasonOf(bomb) }
        #expect(throws: CBORError.Reason.lengthBeyondEnd) { try reasonOf([0x82] + bomb + [0]) }
      }
    }
  }

  @Test func depthIsLimitedForEveryContainer() throws {
    let openings: [[UInt8]] = [[0x81], [0xa1, 0x00], [0xc1]]
    for opening in openings {
      let atLimit = Array(Array(repeating: opening, count: 32).joined()) + [0]
      #expect(throws: Never.self) { try reasonOf(atLimit) }
      #expect(throws: CBORError.Reason.tooDeep(depthMax: 32)) { try reasonOf(opening + atLimit) }
      let bomb = Array(Array(repeating: opening, count: 100_000).joined()) + [0]
      #expect(throws: CBORError.Reason.tooDeep(depthMax: 32)) { try reasonOf(bomb) }
    }
    // Siblings do not add up.
    let wide: [UInt8] = [0x98, 100] + Array(repeating: 0x80, count: 100)
    #expect(throws: Never.self) { try reasonOf(wide) }
  }

  @Test func treesAreLimitedInItems() throws {
    let limits = CBORLimits(treeItemsMax: 4)
    #expect(try CBOR(decoding: bytes("83000000"), limits: limits).encoded == bytes("83000000"))
    #expect(throws: CBORError(.tooManyItems(treeItemsMax: 4), offset: 4)) {
      try CBOR(decoding: bytes("8400000000"), limits: limits)
    }
  }

  @Test func errorsSayWhereAndWhat() {
    #expect(throws: CBORError(.duplicateKey, offset: 4)) {
      try CBOR(decoding: bytes("81a2010001 00"))
    }
    let error = CBORError(.unexpectedType(expected: .text, found: .map), offset: 7)
    #expect("\(error)" == "At byte 7 of the CBOR input: expected text, found map.")
  }
}
