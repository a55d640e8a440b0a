import Causality
import Testing

@Suite struct IdentifierTests {
  enum Child {}

  @Test func bytesAndTextAreBigEndianAndComeBack() {
    let name = Identifier<Child>(high: 0x0123_4567_89ab_cdef, low: 0xfedc_ba98_7654_3210)
    #expect(name.text == "0123456789abcdeffedcba9876543210")
    #expect(name.bytes.first == 0x01)
    #expect(name.bytes.last == 0x10)
    #expect(Identifier(bytes: name.bytes) == name)
    #expect(Identifier(text: name.text.uppercased()) == name)
  }

  @Test func otherLengthsAndDigitsAreRefused() {
    for count in [0, 15, 17] {
      #expect(Identifier<Child>(bytes: [UInt8](repeating: 0, count: count)) == nil)
    }
    for text in ["", String(repeating: "0", count: 31), String(repeating: "g", count: 32)] {
      #expect(Identifier<Child>(text: text) == nil)
    }
  }
}
