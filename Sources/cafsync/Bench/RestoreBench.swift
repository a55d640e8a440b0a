import Benchmarks
import Glibc
import HubService
import Operations

/// How long it takes to have a hub again whose disk is lost: backing it up before, restoring it,
/// and getting back from a device what came after the backup. Journal and witness are lost as well,
/// which is the long way: the device is heard before anything is let out.
struct RestoreBench {
  static let names = ["restore"]

  let folder: String
  let isQuick: Bool
  let report: (Figure) -> Void

  private var entries: Int { isQuick ? 5_000 : 100_000 }
  private var later: Int { entries / 100 }

  func run(only: Set<String>) throws {
    guard only.contains("restore") else { return }
    let hub = HubFolder(path: folder + "/restore-hub")
    try hub.initialise()
    let safe = folder + "/restore-safe"
    guard mkdir(safe, 0o700) == 0 else { throw FileError(.create, safe, errno: errno) }
    for (source, name) in [(hub.masterKeyPath, "master.key"), (hub.secretsPath, "hub.secrets")] {
      try AtomicFile.write(
        try AtomicFile.read(source, maximumBytes: 4_096), to: safe + "/" + name)
    }
    let drill = try RestoreDrill(
      hub: hub.path, master: hub.masterKey(), secrets: hub.secrets(),
      device: folder + "/restore-device")
    try drill.work(entries: entries)
    drill.stopHub()
    try timed("\(entries) compartments backed up and checked") { try backUp(hub) }
    try drill.startHub()
    try drill.work(entries: later)
    drill.stopHub()
    // The disk is lost.
    guard rename(hub.path, folder + "/restore-lost") == 0 else {
      throw FileError(.write, hub.path, errno: errno)
    }
    try timed("… restored from the backup") { try restore(hub, secrets: safe) }
    try drill.startHub()
    try timed("… \(later) later ones given back, all let out") { try drill.giveBack() }
    drill.close()
  }

  private func timed(_ name: String, _ body: () throws -> Void) throws {
    let watch = Stopwatch()
    try body()
    report(Figure("restore", name, [watch.wallSeconds], "s"))
  }

  private func backUp(_ hub: HubFolder) throws {
    _ = try HubAccess.perform(
      folder: hub.path, operation: "backup",
      arguments: [
        "to": .string(folder + "/restore-backups"), "keys": .string(folder + "/restore-keys"),
      ])
  }

  private func restore(_ hub: HubFolder, secrets: String) throws {
    _ = try HubRestore(
      into: hub.path,
      from: .init(
        database: folder + "/restore-backups", keys: folder + "/restore-keys", secrets: secrets,
        journal: nil), isReplacing: false
    ).run()
  }
}
