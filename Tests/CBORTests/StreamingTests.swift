import CBOR
import Testing

@Suite struct StreamingTests {
  @Test func whatIsWrittenIsReadItemByItem() throws {
    var encoder = CBOREncoder(reservingBytes: 64)
    encoder.mapHeader(count: 3)
    encoder.unsigned(1)
    encoder.arrayHeader(count: 3)
    encoder.integer(.min)
    encoder.integer(.max)
    encoder.negative(0)
    encoder.unsigned(2)
    encoder.tag(1000)
    encoder.text("Grüße")
    encoder.unsigned(3)
    encoder.arrayHeader(count: 5)
    encoder.bytes([1, 2, 3])
    encoder.bool(true)
    encoder.null()
    encoder.float(0.5)
    encoder.raw(CBOR(["x": .undefined]).encoded)

    var decoder = CBORDecoder(encoder.bytes)
    #expect(try decoder.mapHeader() == 3)
    #expect(try decoder.unsigned() == 1)
    #expect(try decoder.arrayHeader() == 3)
    #expect(try decoder.integer() == .min)
    #expect(try decoder.integer() == .max)
    #expect(try decoder.peekMajor() == .negative)
    #expect(try decoder.integer() == -1)
    #expect(try decoder.unsigned() == 2)
    #expect(try decoder.tag() == 1000)
    #expect(try decoder.text() == "Grüße")
    #expect(try decoder.unsigned() == 3)
    #expect(try decoder.arrayHeader() == 5)
    #expect(try decoder.byteSlice().elementsEqual([1, 2, 3]))
    #expect(try decoder.bool())
    #expect(decoder.isNull)
    try decoder.null()
    #expect(!decoder.isNull)
    #expect(try decoder.float() == 0.5)
    #expect(try decoder.rawItem() == bytes("a16178f7"))
    #expect(decoder.isAtEnd)
    try decoder.finish()
  }

  @Test func anotherTypeThanExpectedIsRefused() {
    var decoder = CBORDecoder(bytes("6161"))
    #expect(throws: CBORError(.unexpectedType(expected: .unsigned, found: .text), offset: 0)) {
      try decoder.unsigned()
    }
    decoder = CBORDecoder(bytes("f4"))
    #expect(throws: CBORError(.unexpectedSimple, offset: 0)) { try decoder.null() }
    for head in ["1b8000000000000000", "3b8000000000000000"] {
      decoder = CBORDecoder(bytes(head))
      #expect(throws: CBORError(.integerOutOfRange, offset: 0)) { try decoder.integer() }
    }
  }

  @Test func keysAreCheckedThoughReadOneByOne() throws {
    var decoder = CBORDecoder(bytes("a2 02 8101 01 00"))
    #expect(try decoder.mapHeader() == 2)
    #expect(try decoder.unsigned() == 2)
    #expect(try decoder.arrayHeader() == 1)
    #expect(try decoder.unsigned() == 1)
    #expect(throws: CBORError(.unsortedKey, offset: 4)) { try decoder.unsigned() }
  }

  @Test func stoppingInsideAContainerIsNoticed() throws {
    var decoder = CBORDecoder(bytes("820101"))
    #expect(try decoder.arrayHeader() == 2)
    #expect(try decoder.unsigned() == 1)
    #expect(throws: CBORError(.unfinishedContainer, offset: 2)) { try decoder.finish() }
    #expect(try decoder.unsigned() == 1)
    try decoder.finish()
  }

  @Test func aPartOfAnArrayIsReadWithinItsBounds() throws {
    let input = bytes("ff 820102 ff")
    var decoder = CBORDecoder(input, range: 1..<4)
    #expect(try decoder.value() == .array([.unsigned(1), .unsigned(2)]))
    #expect(decoder.offset == 4)
    try decoder.finish()
    decoder = CBORDecoder(input, range: 1..<3)
    #expect(throws: CBORError(.lengthBeyondEnd, offset: 1)) { try decoder.arrayHeader() }
  }

  @Test func itemsMayFollowEachOther() throws {
    var decoder = CBORDecoder(bytes("01 80 a0 f6"))
    #expect(try decoder.rawItem() == [0x01])
    #expect(try decoder.arrayHeader() == 0)
    #expect(try decoder.mapHeader() == 0)
    try decoder.null()
    try decoder.finish()
  }

  @Test func mapsAreSortedByEncodedKeyAndLookedUpByKey() {
    let map = CBOR.map([
      CBOR.Entry(key: .text("aa"), value: .unsigned(1)), CBOR.Entry(key: CBOR(-1), value: .null),
      CBOR.Entry(key: .bool(false), value: .null), CBOR.Entry(key: .text("b"), value: .unsigned(2)),
      CBOR.Entry(key: .unsigned(100), value: .unsigned(3)),
      CBOR.Entry(key: .unsigned(10), value: .unsigned(4)),
      CBOR.Entry(key: .array([.unsigned(100)]), value: .null),
      CBOR.Entry(key: .array([CBOR(-1)]), value: .null),
    ])
    // The order of RFC 8949, section 4.2.1: 10, 100, -1, "b", "aa", [100], [-1], false.
    #expect(hex(map.encoded) == "a80a04186403" + "20f6616202" + "62616101811864f68120f6f4f6")
    #expect(map["aa"] == .unsigned(1))
    #expect(map[100] == .unsigned(3))
    #expect(map["absent"] == nil)
    #expect(CBOR.null[0] == nil)
    #expect(map.canonical.encoded == map.encoded)
    #expect(map.canonical != map)
  }
}
