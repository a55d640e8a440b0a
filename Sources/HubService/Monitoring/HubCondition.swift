import Glibc

/// Whether the hub can do its work, as far as that is known without asking the worker.
struct HubCondition: Sendable {
  /// By the boot clock: when the worker last began to look at what there is to do.
  var lastTurnBootMilliseconds: Int64 = 0
  /// The last batch that wrote something is on the disk.
  var isWriting = true
  /// Nil when the system does not say.
  var disk: DiskSpace?
  /// A restored hub has not let everything out again.
  var isRecovering = false

  /// The worker is told to look twice a second.
  static let stuckMilliseconds: Int64 = 60_000
  /// Four of the largest bodies, each in the log and in the file.
  static let freeBytesMin: UInt64 = 128 << 20

  /// Why the hub should be sent no work; nil when it should. It goes to whoever can connect: it
  /// names no file, no agency and no error.
  func objection(bootMilliseconds now: Int64) -> String? {
    if now - lastTurnBootMilliseconds >= Self.stuckMilliseconds {
      return "The hub has been busy with one piece of work for over a minute."
    }
    if !isWriting { return "The hub could not write to its disk. Its log says why." }
    if let disk, disk.freeBytes < Self.freeBytesMin {
      return "The disk of the hub is nearly full."
    }
    return nil
  }

  var readySentence: String {
    isRecovering
      ? "ready; recovering: what was restored is let out as the devices are heard" : "ready"
  }
}

/// The room on the disk that a folder is on.
struct DiskSpace: Sendable {
  /// For the user that the hub runs as.
  let freeBytes: UInt64
  let sizeBytes: UInt64

  /// Nil when the system does not say.
  init?(of folder: String) {
    var facts = statvfs()
    guard statvfs(folder, &facts) == 0 else { return nil }
    freeBytes = UInt64(facts.f_bavail) * UInt64(facts.f_frsize)
    sizeBytes = UInt64(facts.f_blocks) * UInt64(facts.f_frsize)
  }

  init(freeBytes: UInt64, sizeBytes: UInt64) {
    self.freeBytes = freeBytes
    self.sizeBytes = sizeBytes
  }
}
