/// How fast the exchange is, and how far that is from what SQLite alone could do.
///
/// Everything measured is the production code: file stores with sealed registers and full
/// synchronisation, both engines, and every message encoded and decoded as on the wire. Only the
/// socket is left out, so that one process can run both ends and a figure is the program's own; the
/// command adds what goes over sockets between processes.
///
/// Machines differ and are shared, so each figure stands beside a limit taken in the same round:
/// prepared inserts of the same bytes into a plain table. The ratio is what can be compared, and
/// the ratio of processor times what a busy machine falsifies least.
package enum Benchmarks {
  /// What one edit costs SQLite on its way: a commit at each of the three that keep it. The average
  /// of so many.
  package static func threeCommitsMilliseconds(rounds: Int, path: String) throws -> Double {
    try SQLiteLimit.commit(rounds: rounds, bytesPerRow: 100, path: path).wallSeconds * 3_000
  }

  /// The workloads, in the order in which they run.
  package static let names = ["fill", "offline", "idle", "edit"]

  /// - Parameters:
  ///   - only: The names of those to run.
  ///   - isQuick: A twentieth of the records: to see that it works, not to compare.
  ///   - folder: An existing folder for the files, which are left to the caller to remove.
  ///   - report: Gets each figure as soon as it is known.
  package static func run(
    only: Set<String>, isQuick: Bool, folder: String, report: (Figure) -> Void
  ) throws {
    let scale = isQuick ? 20 : 1
    let rounds = isQuick ? 1 : 3
    if only.contains("fill") {
      try FirstFill(folder: folder, records: 100_000 / scale, rounds: rounds).run(report)
    }
    if only.contains("offline") {
      try OfflineEdits(
        folder: folder, records: 5_000 / scale, edits: 2_000 / scale, rounds: rounds
      ).run(report)
    }
    if only.contains("idle") {
      try IdleExchange(folder: folder, polls: 2_000 / scale, rounds: rounds).run(report)
    }
    if only.contains("edit") {
      try OneEdit(folder: folder, edits: 400 / scale, rounds: rounds).run(report)
    }
  }
}
