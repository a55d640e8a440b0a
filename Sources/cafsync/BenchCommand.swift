import Benchmarks
import Glibc
import Operations

/// `cafsync bench`: what the figures mean is told in `Benchmarks`.
enum BenchCommand {
  static let command = Command(
    "bench", "measure the exchange against SQLite alone",
    discussion: """
      Runs hub and agencies over files in a temporary folder, and prints each figure (the median of \
      several rounds) beside the least that the same work can cost, mostly what SQLite alone takes \
      for the same bytes. Compare ratios, not seconds.
      """,
    [
      .flag("quick", "A twentieth, one round: shows that it works, compares nothing."),
      .option("only", "NAME", "Only this workload.", repeats: true, allowed: Benchmarks.names),
      .json,
    ]
  ) { invocation in
    let folder = try temporaryFolder()
    defer { remove(folder) }
    let only = invocation.all("only")
    let isJSON = invocation.flag("json")
    var figures: [JSON] = []
    let table = BenchTable()
    if !isJSON { Terminal.print(table.head) }
    try Benchmarks.run(
      only: Set(only.isEmpty ? Benchmarks.names : only), isQuick: invocation.flag("quick"),
      folder: folder
    ) { figure in
      figures.append(figure.json)
      if !isJSON { Terminal.print(table.row(figure)) }
    }
    if isJSON { Terminal.print(JSON.array(figures).text(.pretty)) }
    return .success
  }

  private static func temporaryFolder() throws -> String {
    let parent = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
    var template = Array((parent + "/cafsync-bench-XXXXXX").utf8CString)
    guard mkdtemp(&template) != nil else {
      throw FileError(.create, parent, errno: errno)
    }
    return String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  /// Files and folders below. Left behind at worst: made-up records in the temporary folder.
  private static func remove(_ path: String) {
    if let folder = opendir(path) {
      while let entry = readdir(folder) {
        let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
          pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
        }
        if name != "." && name != ".." { remove(path + "/" + name) }
      }
      closedir(folder)
    }
    _ = Glibc.remove(path)
  }
}
