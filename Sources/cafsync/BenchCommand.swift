import Benchmarks
import Glibc
import Operations

/// `cafsync bench`: what the figures mean is told in `Benchmarks`.
enum BenchCommand {
  static let command = Command(
    "bench", "measure the exchange against SQLite alone",
    discussion: """
      Runs hub and agencies in this process, over files in a temporary folder, and prints each \
      figure beside what SQLite takes for the same bytes. Compare ratios, not seconds.
      """,
    [
      .flag("quick", "A twentieth of the records: shows that it works, compares nothing."),
      .option("only", "NAME", "Only this workload.", repeats: true, allowed: Benchmarks.names),
      .json,
    ]
  ) { invocation in
    let folder = try temporaryFolder()
    defer { remove(folder) }
    var figures: [JSON] = []
    try Benchmarks.run(
      only: invocation.all("only"), isQuick: invocation.flag("quick"), folder: folder
    ) { figure in
      figures.append(figure.json)
      if !invocation.flag("json") { Terminal.print(line(figure)) }
    }
    if invocation.flag("json") { Terminal.print(JSON.array(figures).text(.pretty)) }
    return .success
  }

  private static func line(_ figure: Figure) -> String {
    let ratio = figure.ratio.map { "  \(rounded($0)) × SQLite's \(rounded(figure.limit ?? 0))" }
    return "\(figure.name): \(rounded(figure.value)) \(figure.unit)" + (ratio ?? "")
  }

  /// Three digits that count.
  private static func rounded(_ value: Double) -> String {
    if abs(value) >= 100 { return "\(Int(value.rounded()))" }
    let scale = abs(value) >= 10 ? 10.0 : abs(value) >= 1 ? 100.0 : 1_000.0
    return "\((value * scale).rounded() / scale)"
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
