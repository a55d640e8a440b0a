import CLinux

/// What may have become of the line to a peer, as far as this machine notices by itself.
package enum LineNews: Hashable, Sendable, CaseIterable {
  /// A link carries, an address was given or a way was added: what failed may work now.
  case mayBeBack
  /// An address or the way to everywhere is gone: what is open is probably dead.
  case mayBeGone
  /// The machine slept: what is open is probably dead, and what failed may work now.
  case resumed
}

/// Reads the kernel's messages about links, addresses and routes (rtnetlink(7)).
///
/// Containers and virtual machines make links come and go all day, so only what can matter counts:
/// a link when it begins to carry, addresses that reach beyond the link, IPv4 routes and the IPv6
/// default route. The loopback interface is a link like any other.
struct LineMessages {
  private static let headBytes = 16
  /// IFF_UP and IFF_RUNNING: in use, and with a carrier.
  private static let carrying: UInt32 = 0x1 | 0x40
  /// Scopes up to this one reach beyond the link (`RT_SCOPE_SITE`).
  private static let scopeMax: UInt8 = 200
  private static let unicast: UInt8 = 1
  private static let internetV6: UInt8 = 10

  /// The links known to carry, by index.
  private var carriers: Set<Int32> = []

  /// Asks for all links as they are (`RTM_GETLINK` with `NLM_F_REQUEST` and `NLM_F_DUMP`).
  static let linksQuestion: [UInt8] = [
    20, 0, 0, 0, 18, 0, 0x01, 0x03, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
  ]
  /// A part of the answer to a question of ours: no news.
  private static let isAnswer: UInt16 = 0x2

  /// The news in what one read brought: whole messages, each with its length. What is shorter than
  /// it says ends the reading.
  mutating func take(_ bytes: UnsafeRawBufferPointer) -> Set<LineNews> {
    var news: Set<LineNews> = []
    var offset = 0
    while bytes.count - offset >= Self.headBytes {
      let length = Int(bytes.loadUnaligned(fromByteOffset: offset, as: UInt32.self))
      guard length >= Self.headBytes, length <= bytes.count - offset else { break }
      let type = Int(bytes.loadUnaligned(fromByteOffset: offset + 4, as: UInt16.self))
      let body = UnsafeRawBufferPointer(
        rebasing: bytes[(offset + Self.headBytes)..<(offset + length)])
      let flags = bytes.loadUnaligned(fromByteOffset: offset + 6, as: UInt16.self)
      if let one = take(type: type, body), flags & Self.isAnswer == 0 { news.insert(one) }
      // The next one begins at a multiple of four.
      offset += (length + 3) & ~3
    }
    return news
  }

  private mutating func take(type: Int, _ body: UnsafeRawBufferPointer) -> LineNews? {
    switch type {
    case Int(RTM_NEWLINK), Int(RTM_DELLINK):
      guard body.count >= 16 else { return nil }
      let index = body.loadUnaligned(fromByteOffset: 4, as: Int32.self)
      let flags = body.loadUnaligned(fromByteOffset: 8, as: UInt32.self)
      guard type == Int(RTM_NEWLINK), flags & Self.carrying == Self.carrying else {
        return carriers.remove(index) == nil ? nil : .mayBeGone
      }
      return carriers.insert(index).inserted ? .mayBeBack : nil
    case Int(RTM_NEWADDR), Int(RTM_DELADDR):
      guard body.count >= 8, body[3] <= Self.scopeMax else { return nil }
      return type == Int(RTM_NEWADDR) ? .mayBeBack : .mayBeGone
    case Int(RTM_NEWROUTE), Int(RTM_DELROUTE):
      guard body.count >= 12, body[7] == Self.unicast else { return nil }
      let isDefault = body[1] == 0
      if type == Int(RTM_DELROUTE) { return isDefault ? .mayBeGone : nil }
      return isDefault || body[0] != Self.internetV6 ? .mayBeBack : nil
    default: return nil
    }
  }
}

/// Notices that the machine has slept: the time since boot counts sleep, monotonic time does not.
struct SleepNotice {
  private static let differenceMillisecondsMin: Int64 = 1_000

  /// By how much the time since boot was ahead.
  private var ahead: Int64?

  /// Both clocks at one moment. True when it has slept since the last call.
  mutating func hasSlept(bootMilliseconds: Int64, monotonicMilliseconds: Int64) -> Bool {
    let now = bootMilliseconds - monotonicMilliseconds
    defer { ahead = now }
    return ahead.map { now - $0 >= Self.differenceMillisecondsMin } ?? false
  }
}
