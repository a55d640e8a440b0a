import Glibc
import HTTPTransport
import Operations

/// A closed report: what was published, and marks of the CAFs that were counted in it. A file of
/// its own, since it must outlive a restore of the database: made again from an older one, a report
/// would count the same CAFs beside one that was given out.
struct ReportFile {
  let published: JSON.Object
  let counted: [String]

  private static let bytesMax = 64 << 20

  private static func folder(in hub: String) -> String { hub + "/reports" }

  private static func path(_ number: Int, in hub: String) -> String {
    folder(in: hub) + "/needs-\(number).json"
  }

  /// Reports are numbered from 1 without a gap.
  static func count(in hub: String) -> Int {
    var count = 0
    while access(path(count + 1, in: hub), F_OK) == 0 { count += 1 }
    return count
  }

  static func read(_ number: Int, in hub: String) throws -> ReportFile {
    let path = path(number, in: hub)
    let bytes = try AtomicFile.read(path, maximumBytes: bytesMax)
    // Whatever is wrong with it, there is one thing to do.
    guard let file = try? JSON.parse(bytes, JSON.Reading(maximumBytes: bytesMax)),
      file["format"]?.integerValue == 1, let published = file["published"]?.objectValue,
      let counted = file["counted"]?.arrayValue
    else {
      throw LocalFailure(
        .damaged,
        "\(path) is damaged. Put back a copy of it: without it the next report would count again "
          + "what it has counted.")
    }
    return ReportFile(published: published, counted: counted.compactMap(\.stringValue))
  }

  /// One that is there stays: what was given out once is never made again.
  func write(_ number: Int, in hub: String) throws {
    guard Self.count(in: hub) == number - 1 else {
      throw LocalFailure(.conflict, "Report \(number) has just been closed. Look at it.")
    }
    let folder = Self.folder(in: hub)
    if mkdir(folder, 0o700) != 0 && errno != EEXIST {
      throw FileError(.create, folder, errno: errno)
    }
    let file: JSON = [
      "format": 1, "published": .object(published), "counted": .array(counted.map { .string($0) }),
    ]
    try AtomicFile.write(file.bytes(), to: Self.path(number, in: hub))
  }
}
