import Glibc
import Testing

@testable import HTTPTransport

@Suite("Whose process asks")
struct LoopbackPeerTests {
  private static let mapped = "0000000000000000FFFF00000100007F"

  /// As proc(5) shows it: a listener, the two ends of a connection, one of another machine.
  private let table = """
      sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
       0: 0100007F:1267 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 1 1
       1: 0100007F:1267 0100007F:C350 01 00000000:00000000 00:00000000 00000000  1000        0 2 1
       2: 0100007F:C350 0100007F:1267 01 00000000:00000000 00:00000000 00000000  1007        0 3 1
       3: 0100007F:C351 0100007F:1268 01 00000000:00000000 00:00000000 00000000  1008        0 4 1
       4: 0A00000A:C352 0100007F:1267 01 00000000:00000000 00:00000000 00000000  1009        0 5 1
       5: \(Self.mapped):C353 \(Self.mapped):1267 01 0:0 0:0 0 1010 0
    """

  @Test(
    "the client's end of the connection says it, and no other line",
    arguments: [
      (0xC350, 0x1267, 1_007), (0xC353, 0x1267, 1_010), (0xC351, 0x1267, nil),
      (0xC352, 0x1267, nil), (0x1267, 0x1267, nil), (0xC354, 0x1267, nil),
    ] as [(UInt16, UInt16, UInt32?)])
  func user(port: UInt16, serverPort: UInt16, expected: UInt32?) {
    #expect(LoopbackPeer.user(in: table, port: port, serverPort: serverPort) == expected)
  }

  @Test("only the daemon's own user is let in, and root")
  func allowed() {
    #expect(LoopbackPeer.isAllowed(geteuid()) && LoopbackPeer.isAllowed(0))
    #expect(!LoopbackPeer.isAllowed(geteuid() + 1) && !LoopbackPeer.isAllowed(nil))
  }

  @Test("a table that says nothing lets nobody in", arguments: ["", "sl\n", "sl\n 0: x y z"])
  func nothing(table: String) {
    #expect(LoopbackPeer.user(in: table, port: 1, serverPort: 2) == nil)
  }
}
