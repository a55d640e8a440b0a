import Glibc
import SQLite
import Testing

#if arch(x86_64)
  private let trap = ExitTest.Condition.signal(SIGILL)
#else
  private let trap = ExitTest.Condition.signal(SIGTRAP)
#endif

/// Mistakes of the program stop it: going on would mean half a transaction or a made-up value.
@Suite struct ProgrammerErrorTests {
  @Test func aTransactionInsideATransactionStopsTheProgram() async {
    await #expect(processExitsWith: trap) {
      let database = try Database(path: ":memory:")
      try database.transaction { try database.transaction {} }
    }
  }

  @Test func readingNullAsAValueStopsTheProgram() async {
    await #expect(processExitsWith: trap) {
      let database = try Database(path: ":memory:")
      _ = try database.first("SELECT NULL") { $0.int(0) }
    }
  }
}
