import CBOR
import Testing

/// RFC 8949, appendix A.
@Suite struct AppendixATests {
  static let deterministic: [(String, CBOR)] = [
    ("00", .unsigned(0)), ("01", .unsigned(1)), ("0a", .unsigned(10)), ("17", .unsigned(23)),
    ("1818", .unsigned(24)), ("1819", .unsigned(25)), ("1864", .unsigned(100)),
    ("1903e8", .unsigned(1000)), ("1a000f4240", .unsigned(1_000_000)),
    ("1b000000e8d4a51000", .unsigned(1_000_000_000_000)), ("1bffffffffffffffff", .unsigned(.max)),
    ("c249010000000000000000", .tagged(2, .bytes([1, 0, 0, 0, 0, 0, 0, 0, 0]))),
    ("3bffffffffffffffff", .negative(.max)),
    ("c349010000000000000000", .tagged(3, .bytes([1, 0, 0, 0, 0, 0, 0, 0, 0]))),
    ("20", CBOR(-1)), ("29", CBOR(-10)), ("3863", CBOR(-100)), ("3903e7", CBOR(-1000)),
    ("f90000", .float(0)), ("f98000", .float(-0.0)), ("f93c00", .float(1)),
    ("fb3ff199999999999a", .float(1.1)), ("f93e00", .float(1.5)), ("f97bff", .float(65504)),
    ("fa47c35000", .float(100_000)), ("fa7f7fffff", .float(3.4028234663852886e+38)),
    ("fb7e37e43c8800759c", .float(1.0e+300)), ("f90001", .float(5.960464477539063e-8)),
    ("f90400", .float(0.00006103515625)), ("f9c400", .float(-4)),
    ("fbc010666666666666", .float(-4.1)), ("f97c00", .float(.infinity)),
    ("f97e00", .float(.nan)), ("f9fc00", .float(-.infinity)),
    ("f4", .bool(false)), ("f5", .bool(true)), ("f6", .null), ("f7", .undefined),
    ("f0", .simple(16)), ("f8ff", .simple(255)),
    ("c074323031332d30332d32315432303a30343a30305a", .tagged(0, .text("2013-03-21T20:04:00Z"))),
    ("c11a514b67b0", .tagged(1, .unsigned(1_363_896_240))),
    ("c1fb41d452d9ec200000", .tagged(1, .float(1_363_896_240.5))),
    ("d74401020304", .tagged(23, .bytes([1, 2, 3, 4]))),
    ("d818456449455446", .tagged(24, .bytes(bytes("6449455446")))),
    (
      "d82076687474703a2f2f7777772e6578616d706c652e636f6d",
      .tagged(32, .text("http://www.example.com"))
    ),
    ("40", .bytes([])), ("4401020304", .bytes([1, 2, 3, 4])), ("60", .text("")),
    ("6161", .text("a")), ("6449455446", .text("IETF")), ("62225c", .text("\"\\")),
    ("62c3bc", .text("\u{fc}")), ("63e6b0b4", .text("\u{6c34}")),
    ("64f0908591", .text("\u{10151}")), ("80", .array([])),
    ("83010203", .array([.unsigned(1), .unsigned(2), .unsigned(3)])),
    (
      "8301820203820405",
      .array([
        .unsigned(1), .array([.unsigned(2), .unsigned(3)]), .array([.unsigned(4), .unsigned(5)]),
      ])
    ),
    (
      "98190102030405060708090a0b0c0d0e0f101112131415161718181819",
      .array((1...25).map { .unsigned($0) })
    ),
    ("a0", .map([])),
    (
      "a201020304",
      .map([
        CBOR.Entry(key: .unsigned(1), value: .unsigned(2)),
        CBOR.Entry(key: .unsigned(3), value: .unsigned(4)),
      ])
    ),
    ("a26161016162820203", CBOR(["a": .unsigned(1), "b": .array([.unsigned(2), .unsigned(3)])])),
    ("826161a161626163", .array([.text("a"), CBOR(["b": .text("c")])])),
    (
      "a56161614161626142616361436164614461656145",
      CBOR(["a": .text("A"), "b": .text("B"), "c": .text("C"), "d": .text("D"), "e": .text("E")])
    ),
  ]

  @Test func deterministicExamplesReadAndWrite() throws {
    for (hexadecimal, value) in Self.deterministic {
      #expect(hex(value.encoded) == hexadecimal)
      let read = try CBOR(decoding: bytes(hexadecimal))
      if case .float(let number) = value, number.isNaN {
        guard case .float(let found) = read else { Issue.record("no float"); continue }
        #expect(found.isNaN)
      } else {
        #expect(read == value, "\(hexadecimal)")
      }
      var decoder = CBORDecoder(bytes(hexadecimal))
      #expect(try hex(decoder.rawItem()) == hexadecimal)
      try decoder.finish()
    }
  }

  @Test func otherExamplesAreRefusedWithTheReason() {
    let refused: [(String, CBORError.Reason)] = [
      ("fa7f800000", .notShortestFloat), ("fa7fc00000", .notShortestFloat),
      ("faff800000", .notShortestFloat), ("fb7ff0000000000000", .notShortestFloat),
      ("fb7ff8000000000000", .notShortestFloat), ("fbfff0000000000000", .notShortestFloat),
      ("5f42010243030405ff", .indefiniteLength), ("7f657374726561646d696e67ff", .indefiniteLength),
      ("9fff", .indefiniteLength), ("9f018202039f0405ffff", .indefiniteLength),
      ("83018202039f0405ff", .indefiniteLength), ("83019f0203ff820405", .indefiniteLength),
      ("bf61610161629f0203ffff", .indefiniteLength), ("826161bf61626163ff", .indefiniteLength),
      ("bf6346756ef563416d7421ff", .indefiniteLength),
      // RFC 7049 still had this one: 24 in two bytes. RFC 8949 makes it ill-formed.
      ("f818", .reserved),
    ]
    for (hexadecimal, reason) in refused {
      #expect(throws: reason, "\(hexadecimal)") { try reasonOf(bytes(hexadecimal)) }
    }
  }
}
