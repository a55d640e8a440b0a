import Foundation
import Glibc
import TestDaemons
import Testing

/// A mount namespace of its own, in which a folder lies on a small disk, or on a read-only one.
/// Only processes that are started through `entrance` see it. The machine's own mounts stay as they
/// are, and the disk is gone with the last process.
///
/// Root may do this anywhere; others where the kernel lets them have user namespaces. Where neither
/// is so the test fails: what it is to prove has not been proven.
final class Disk {
  private let holder: DaemonProcess
  private let root: TestFolder
  private let folder: String
  /// The program, and its words, that runs another one inside.
  let entrance: [String]

  private init(_ folder: String, in root: TestFolder, mount script: String) throws {
    (self.folder, self.root) = (folder, root)
    let isRoot = geteuid() == 0
    let ready = root.path + "/disk-\(UUID().uuidString)"
    holder = try DaemonProcess(
      [],
      wrapper: (isRoot ? ["unshare", "--mount"] : ["unshare", "--mount", "--map-root-user"]) + [
        "sh", "-c", "set -e; \(script); : >'\(ready)'; exec sleep infinity",
      ], log: root.path + "/disk.log")
    let target = ["nsenter", "--target", "\(holder.identifier)", "--mount"]
    entrance = isRoot ? target : target + ["--user", "--preserve-credentials"]
    let holder = holder
    try awaited("the disk") {
      guard holder.isRunning else {
        let text = try String(contentsOfFile: root.path + "/disk.log", encoding: .utf8)
        throw Overdue(description: "No namespace with a disk of its own: \(text)")
      }
      return access(ready, F_OK) == 0
    }
  }

  /// A disk of so many bytes in place of the folder, with what the folder holds.
  convenience init(small folder: String, megabytes: Int, in root: TestFolder) throws {
    let copy = root.path + "/before-\(UUID().uuidString)"
    try TestFolder.copyFiles(of: folder, to: copy)
    try self.init(
      folder, in: root,
      mount: "mount -t tmpfs -o size=\(megabytes)m,mode=700 none '\(folder)'; "
        + "cp -p '\(copy)'/* '\(folder)'")
  }

  convenience init(readOnly folder: String, in root: TestFolder) throws {
    try self.init(
      folder, in: root,
      mount: "mount --bind '\(folder)' '\(folder)'; mount -o remount,ro,bind '\(folder)'")
  }

  /// Not a byte is left.
  func fill() throws {
    // It ends with an error when the disk is full, which is what it is for.
    _ = try shell("cat /dev/zero >'\(folder)/filler'")
    try #require(try shell("test -s '\(folder)/filler'").status == 0)
  }

  func makeRoom() throws {
    try #require(try shell("rm '\(folder)/filler'").status == 0)
  }

  private func shell(_ script: String) throws -> DaemonProcess.Ended {
    try DaemonProcess.run(arguments: [], wrapper: entrance + ["sh", "-c", script], in: root)
  }
}
