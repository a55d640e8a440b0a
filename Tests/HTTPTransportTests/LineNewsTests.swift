import Testing

@testable import HTTPTransport

/// What the kernel says, as recorded in a network namespace with a pair of virtual links. Of
/// messages about links the head alone: their attributes fill a kilobyte and are not read.
@Suite("What the kernel's messages mean for a line")
struct LineNewsTests {
  private static func bytes(_ hex: String) -> [UInt8] {
    let digits = hex.utf8.map { UInt8(String(decoding: [$0], as: UTF8.self), radix: 16) ?? 0 }
    return stride(from: 0, to: digits.count - 1, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
  }

  private static let linkDown =
    "20000000100000000000000000000000" + "00000100030000000310000001000000"
  private static let linkUp =
    "20000000100000000000000000000000" + "00000100030000004310010000000000"
  private static let linkGone =
    "20000000110000000000000000000000" + "00000100030000004310010000000000"
  private static let loopbackUp =
    "20000000100000000000000000000000" + "00000403010000004900010001000000"
  private static let address =
    "4c00000014000000e869076bc3290000" + "0218800003000000" + "080001000a090807"
    + "080002000a09080707000300763000000800080080000000"
    + "14000600ffffffffffffffffc0ce0300c0ce0300"
  private static let noAddress = address.replacing("4c00000014", with: "4c00000015")
  private static let ownAddressRoute =
    "3c000000180000060000000000000000" + "02200000ff02fe020000000008000f00ff000000"
    + "080001000a090807080007000a0908070800040003000000"
  private static let networkRoute =
    "3c000000180000060000000000000000" + "02180000fe02fd010000000008000f00fe000000"
    + "080001000a090800080007000a0908070800040003000000"
  private static let noNetworkRoute = networkRoute.replacing("3c00000018", with: "3c00000019")
  private static let defaultRoute =
    "3400000018000006e969076bd3290000" + "02000000fe0300010000000008000f00fe000000"
    + "080005000a0908010800040003000000"
  private static let noDefaultRoute = defaultRoute.replacing("3400000018", with: "3400000019")
  private static let linkLocalAddress =
    "18000000140000000000000000000000" + "0a4080fd03000000"
  private static let linkLocalRoute =
    "1c000000180000060000000000000000" + "0a400000fe02000100000000"

  private func news(_ messages: [String]) -> [Set<LineNews>] {
    var reader = LineMessages()
    return messages.map { message in
      Self.bytes(message).withUnsafeBytes { reader.take($0) }
    }
  }

  @Test("each message says what it means, once")
  func table() {
    let cases: [([String], [Set<LineNews>])] = [
      // A carrier counts when it comes, and when it goes.
      ([Self.linkDown, Self.linkUp, Self.linkUp], [[], [.mayBeBack], []]),
      ([Self.linkUp, Self.linkDown, Self.linkDown], [[.mayBeBack], [.mayBeGone], []]),
      ([Self.linkUp, Self.linkGone, Self.linkUp], [[.mayBeBack], [.mayBeGone], [.mayBeBack]]),
      ([Self.loopbackUp, Self.linkUp], [[.mayBeBack], [.mayBeBack]]),
      ([Self.address, Self.noAddress], [[.mayBeBack], [.mayBeGone]]),
      ([Self.linkLocalAddress], [[]]),
      ([Self.ownAddressRoute, Self.networkRoute], [[], [.mayBeBack]]),
      ([Self.noNetworkRoute, Self.linkLocalRoute], [[], []]),
      ([Self.defaultRoute, Self.noDefaultRoute], [[.mayBeBack], [.mayBeGone]]),
      // Several in one read.
      ([Self.linkUp + Self.noDefaultRoute], [[.mayBeBack, .mayBeGone]]),
      (["1400000003000000" + String(repeating: "0", count: 24), ""], [[], []]),
    ]
    for (messages, expected) in cases { #expect(news(messages) == expected, "\(messages)") }
  }

  @Test("the answer to our own question is no news, and is learnt all the same")
  func answers() {
    let answer = "2000000010000200" + Self.linkUp.dropFirst(16)
    #expect(news([answer, Self.linkUp, Self.linkDown]) == [[], [], [.mayBeGone]])
  }

  @Test("cut or lying about its length, a message ends the reading and nothing else")
  func hostile() {
    let whole = [Self.linkUp, Self.address, Self.defaultRoute].joined()
    let bytes = Self.bytes(whole)
    for count in 0...bytes.count {
      var reader = LineMessages()
      let news = Array(bytes[..<count]).withUnsafeBytes { reader.take($0) }
      #expect(news == (count >= 32 ? [.mayBeBack] : []), "\(count)")
    }
    for length in ["00000000", "0f000000", "ffffffff", "21000000"] {
      #expect(news([length + Self.linkUp.dropFirst(8)]) == [[]], "\(length)")
    }
    // Long enough for a head, too short for what it announces.
    for type in ["10", "14", "18"] {
      #expect(news(["10000000" + type + String(repeating: "0", count: 22)]) == [[]])
    }
  }

  @Test("sleep is what the clock since boot counts and the monotonic one does not")
  func sleeping() {
    var notice = SleepNotice()
    let moments: [(boot: Int64, monotonic: Int64, hasSlept: Bool)] = [
      (1_000_000, 400_000, false), (1_010_000, 410_000, false), (1_020_999, 420_000, false),
      (1_031_998, 430_000, false), (1_043_000, 440_001, true), (1_053_000, 450_001, false),
      (9_053_000, 450_002, true),
    ]
    for moment in moments {
      #expect(
        notice.hasSlept(
          bootMilliseconds: moment.boot, monotonicMilliseconds: moment.monotonic)
          == moment.hasSlept, "\(moment)")
    }
  }
}
