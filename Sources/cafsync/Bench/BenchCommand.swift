import Benchmarks
import Glibc
import Operations

/// `cafsync bench`: what the figures mean is told in `Benchmarks`.
enum BenchCommand {
  static func command(signals: Signals) -> Command {
    Command(
      "bench", "measure the exchange against SQLite alone",
      discussion: """
        Runs hub and agencies over files in a temporary folder, and prints each figure (the median \
        of several rounds) beside the least that the same work can cost, mostly what SQLite alone \
        takes for the same bytes. Compare ratios, not seconds. The fleet (2,000 devices that poll \
        and write for ten minutes) runs only when it is asked for.
        """,
      [
        .flag("quick", "A twentieth, one round: shows that it works, compares nothing."),
        .option("only", "NAME", "Only this workload.", repeats: true, allowed: names),
        .option("minutes", "N", "How long the fleet runs; 10 if not said."),
        .option(
          "as-crowd", "PORT,FIRST,COUNT,FILE",
          "What the benchmark starts more of itself as: devices that wait at that port."),
        .option(
          "as-fleet", "PORT,FIRST,COUNT,SECONDS,FILE", "Likewise: devices that also write."),
        .json,
      ]
    ) { invocation in
      if let part = invocation.value("as-crowd") { return try Crowd.play(part, signals: signals) }
      if let part = invocation.value("as-fleet") { return try Fleet.play(part, signals: signals) }
      let folder = try temporaryFolder()
      defer { remove(folder) }
      let chosen = invocation.all("only")
      let only = Set(chosen.isEmpty ? names.filter { !FleetBench.names.contains($0) } : chosen)
      let isQuick = invocation.flag("quick")
      let isJSON = invocation.flag("json")
      var figures: [JSON] = []
      let table = BenchTable()
      if !isJSON { Terminal.print(table.head) }
      func report(_ figure: Figure) {
        figures.append(figure.json)
        if !isJSON { Terminal.print(table.row(figure)) }
      }
      try Benchmarks.run(only: only, isQuick: isQuick, folder: folder, report: report)
      let machine = try DemoMachine(folder: folder, signals: signals)
      defer { machine.end() }
      try LineBench(folder: folder, machine: machine, isQuick: isQuick, report: report)
        .run(only: only)
      try PagesBench(folder: folder, machine: machine, isQuick: isQuick, report: report)
        .run(only: only)
      try FleetBench(
        folder: folder, machine: machine, isQuick: isQuick,
        minutes: invocation.integer("minutes", in: 1...1_440), report: report
      ).run(only: only)
      try RestoreBench(folder: folder, isQuick: isQuick, report: report).run(only: only)
      if isJSON { Terminal.print(JSON.array(figures).text(.pretty)) }
      return .success
    }
  }

  private static let names =
    Benchmarks.names + LineBench.names + PagesBench.names + FleetBench.names
    + RestoreBench.names

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
