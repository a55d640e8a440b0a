import Testing

@testable import Cryptography

@Suite("One-time passwords")
struct OneTimePasswordTests {
  private let key = Array("12345678901234567890".utf8)

  /// RFC 4226, appendix D; RFC 6238, appendix B has eight digits, of which these are the last six.
  private static let standards: [(Int64, String)] = [
    (0, "755224"), (1, "287082"), (2, "359152"), (3, "969429"), (9, "520489"),
    (37_037_036, "081804"), (41_152_263, "005924"), (666_666_666, "353130"),
  ]

  @Test("the codes of the standards' examples", arguments: standards)
  func examples(step: Int64, code: String) throws {
    #expect(try OneTimePassword.code(key: key, step: step) == code)
  }

  @Test("a code counts in its own half minute and those beside it, and once")
  func window() throws {
    let at: Int64 = 1_234_567_890_000
    let step = OneTimePassword.step(atMilliseconds: at)
    for (distance, isTaken) in [(-2, false), (-1, true), (0, true), (1, true), (2, false)] {
      let code = try OneTimePassword.code(key: key, step: step + Int64(distance))
      let found = try OneTimePassword.step(of: code, key: key, atMilliseconds: at, after: -1)
      #expect((found == step + Int64(distance)) == isTaken, "\(distance)")
    }
    let code = try OneTimePassword.code(key: key, step: step)
    #expect(try OneTimePassword.step(of: code, key: key, atMilliseconds: at, after: step) == nil)
    #expect(
      try OneTimePassword.step(of: code, key: key, atMilliseconds: at, after: step + 9) == nil)
    #expect(try OneTimePassword.step(of: "", key: key, atMilliseconds: at, after: -1) == nil)
  }

  /// RFC 4648, section 10, without the padding.
  @Test(
    "base32",
    arguments: [
      ("", ""), ("f", "MY"), ("fo", "MZXQ"), ("foo", "MZXW6"), ("foob", "MZXW6YQ"),
      ("fooba", "MZXW6YTB"), ("foobar", "MZXW6YTBOI"),
    ])
  func letters(text: String, expected: String) { #expect(base32(Array(text.utf8)) == expected) }
}
