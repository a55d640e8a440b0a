import Foundation
import Operations
import TestDaemons
import Testing

extension EndToEnd {
  /// What `Configs/systemd` holds, and what the daemons do for it.
  @Suite("As services of systemd")
  struct Services {
    @Test("the hub says when it serves, while it is alive, and when it stops")
    func hubNotifies() throws {
      let folder = try TestFolder()
      let manager = try NotifySocket(folder.path + "/notify")
      let hub = try TestHub(in: folder)
      try hub.stop()
      hub.entrance = ["env", "NOTIFY_SOCKET=\(manager.path)", "WATCHDOG_USEC=900000"]
      try hub.start()
      #expect(try manager.next() == "READY=1")
      for _ in 1...3 { #expect(try manager.next() == "WATCHDOG=1") }
      try hub.stop()
      let rest = try awaited("its end") { () throws -> String? in
        let news = try manager.next()
        return news == "WATCHDOG=1" ? nil : news
      }
      #expect(rest == "STOPPING=1")
    }

    @Test("so does an agency's daemon, to a name in no folder; the watchdog is not its own")
    func agencyNotifies() throws {
      let folder = try TestFolder()
      let hub = try TestHub(in: folder)
      let agency = try TestAgency("Alder", joining: hub)
      try agency.stop()
      let manager = try NotifySocket("@cafsync-test-\(UUID().uuidString)")
      agency.entrance = ["env", "NOTIFY_SOCKET=\(manager.path)"]
      try agency.start()
      #expect(try manager.next() == "READY=1")
      try agency.stop()
      #expect(try manager.next() == "STOPPING=1")
    }

    @Test("the hub's keys come from the service manager, and then none lie in its folder")
    func credentials() throws {
      let folder = try TestFolder()
      let hub = try TestHub(in: folder)
      try hub.ask("agency-add", ["name": "Alder", "sector": "school", "locality": "batley"])
      try hub.stop()
      let credentials = folder.path + "/credentials"
      try FileManager.default.createDirectory(
        atPath: credentials, withIntermediateDirectories: false)
      for name in ["master.key", "hub.secrets"] {
        try FileManager.default.moveItem(
          atPath: hub.folder + "/" + name, toPath: credentials + "/" + name)
        // As systemd shows what a service may read by a list of access rights.
        chmod(credentials + "/" + name, 0o440)
      }
      func type(_ words: String..., with entrance: [String] = []) throws -> DaemonProcess.Ended {
        try DaemonProcess.run(
          arguments: (["hub"] + words + ["--folder", hub.folder]).map { Array($0.utf8) },
          wrapper: entrance, in: folder)
      }
      let given = ["env", "CREDENTIALS_DIRECTORY=\(credentials)"]
      hub.entrance = given
      try hub.start()
      // Whoever asks the running hub needs no key.
      #expect(try type("agency", "list").output.contains("Alder"))
      let backup = try type(
        "backup", folder.path + "/backups", "--keys", folder.path + "/keys")
      #expect(backup.status == 0, "\(backup.text)")
      #expect(try type("check").status == 0)
      try hub.stop()
      let without = try type("status")
      #expect(without.status == 6 && without.text.contains("gives them to the hub as credentials"))
      #expect(try type("status", with: given).status == 0)
      let left = try TestFolder.files(in: hub.folder).map(\.path)
      #expect(!left.contains { $0.hasSuffix("master.key") || $0.hasSuffix("hub.secrets") })

      // Another hub's key opens nothing, and is called what it is.
      let other = folder.path + "/other"
      try TestFolder.copyFiles(of: credentials, to: other)
      chmod(other + "/master.key", 0o640)
      let key = String(repeating: "ab", count: 32) + "\n"
      try AtomicFile.write(Array(key.utf8), to: other + "/master.key")
      let wrong = try type("serve", "--port", "0", with: ["env", "CREDENTIALS_DIRECTORY=\(other)"])
      #expect(wrong.status == 6, "\(wrong.text)")
      #expect(
        wrong.text.contains("The key in \(other)/master.key does not fit"), "\(wrong.text)")
      try hub.start()
      #expect(try hub.ask("agencies").arrayValue?.count == 1)
    }

    private static let repository = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("../..").standardizedFileURL.path
    private static var units: String { repository + "/Configs/systemd" }

    @Test("installing puts everything in its place, and leaves what an administrator has changed")
    func installs() throws {
      let folder = try TestFolder()
      func install(_ words: String...) throws -> (status: Int32, text: String) {
        try Tool.run(
          "env",
          [
            "DESTDIR=\(folder.path)/root", "CAFSYNC_BINARY=\(DaemonProcess.executable)",
            Self.repository + "/.ci/install",
          ] + words)
      }
      func text(_ path: String) throws -> String {
        try String(contentsOfFile: folder.path + "/root" + path, encoding: .utf8)
      }
      let first = try install("/usr")
      try #require(first.status == 0, "\(first.text)")
      let unit = try text("/usr/lib/systemd/system/cafsync-hub.service")
      #expect(unit.contains("ExecStart=/usr/bin/cafsync hub serve "))
      #expect(unit.contains("/usr/share/doc/cafsync/RUNBOOK.md"))
      let installed = try Tool.run("env", [folder.path + "/root/usr/bin/cafsync", "--version"])
      #expect(installed.status == 0 && installed.text.hasPrefix("cafsync "))
      let changed = folder.path + "/root/etc/cafsync/hub.json5"
      try AtomicFile.write(Array("// mine\n".utf8), to: changed)
      let second = try install("/usr")
      #expect(second.status == 0 && second.text.contains("hub.json5 as it is"), "\(second.text)")
      #expect(try text("/etc/cafsync/hub.json5") == "// mine\n")
      #expect(try text("/usr/share/doc/cafsync/hub.json5").contains("folder:"))
      let removed = try install("--remove", "/usr")
      #expect(removed.status == 0, "\(removed.text)")
      let left = try TestFolder.files(in: folder.path + "/root").map(\.path)
      #expect(left.allSatisfy { $0.contains("/etc/cafsync/") }, "\(left)")
      #expect(try text("/etc/cafsync/hub.json5") == "// mine\n")
    }

    @Test("without a journal the logs are turned over, and what is written afterwards is not lost")
    func turnsLogsOver() throws {
      let folder = try TestFolder()
      let hub = try TestHub(in: folder)
      func log() throws -> String { try String(contentsOfFile: hub.log, encoding: .utf8) }
      try awaited("its first line") { try log().contains("hub serves") }
      let shipped = try String(
        contentsOfFile: Self.repository + "/Configs/logrotate.conf", encoding: .utf8)
      try #require(shipped.contains("/var/log/cafsync/*.log"))
      let path = folder.path + "/logrotate.conf"
      let here = shipped.replacing("/var/log/cafsync/*.log", with: hub.log)
      try AtomicFile.write(Array(here.utf8), to: path)
      let turned = try Tool.run(
        "logrotate", ["--force", "--state", folder.path + "/logrotate.state", path])
      #expect(turned.status == 0, "\(turned.text)")
      #expect(access(hub.log + ".1.gz", R_OK) == 0)
      try hub.stop()
      let rest = try log()
      #expect(rest.hasPrefix("time=") && rest.contains("hub stopped"), "\(rest)")
      #expect(!rest.contains("hub serves"))
    }

    /// Where this process may make a machine of its own: a container often lets it do only a part.
    private static let canBoot =
      access("/lib/systemd/systemd", X_OK) == 0
      && (try? Tool.run(
        "unshare",
        [
          "--mount", "--pid", "--cgroup", "--net", "--uts", "--ipc", "--fork", "sh", "-ec",
          "mount -t tmpfs tmpfs /mnt; cd /mnt; mkdir changed work root groups; "
            + "mount -t overlay overlay -o lowerdir=/,upperdir=changed,workdir=work root; "
            + "mount -t cgroup2 cgroup2 groups; mkdir groups/cafsync-$$; rmdir groups/cafsync-$$",
        ]))?.status == 0

    @Test(
      "a real systemd starts the hub's unit as it is shipped, with keys that lie nowhere else",
      .enabled(if: canBoot))
    func boots() throws {
      let folder = try TestFolder()
      try FileManager.default.createDirectory(
        atPath: folder.path + "/machine", withIntermediateDirectories: false)
      let here = URL(fileURLWithPath: #filePath).deletingLastPathComponent().path
      let ended = try Tool.run(
        "timeout",
        [
          "--kill-after=5", "120", here + "/Systemd/boot", folder.path,
          DaemonProcess.executable, Self.units + "/cafsync-hub.service",
        ])
      let report =
        (try? String(contentsOfFile: folder.path + "/report", encoding: .utf8)) ?? ended.text
      #expect(report.contains("ActiveState=active\n"), "\(report)")
      #expect(report.contains("hub serves"), "\(report)")
      #expect(report.contains("replica.sqlite\n") && !report.contains("master.key"), "\(report)")
      #expect(report.contains("audit log            good"), "\(report)")
      #expect(report.hasSuffix("Result=success\nActiveState=inactive\n"), "\(report)")
    }

    @Test("every unit is understood by systemd, and exposes less than 2.0 of 10")
    func hardened() throws {
      let folder = try TestFolder()
      let names = try FileManager.default.contentsOfDirectory(atPath: Self.units)
        .filter { $0.hasSuffix(".service") }.sorted()
      #expect(names.count >= 2)
      for name in names {
        // systemd judges an instance; and the program is not installed here.
        let instance = folder.path + "/" + name.replacing("@.", with: "@ada.")
        let text = try String(contentsOfFile: Self.units + "/" + name, encoding: .utf8)
        try #require(text.contains("=/usr/local/bin/cafsync "))
        let here = text.replacing(
          "=/usr/local/bin/cafsync ", with: "=\(try DaemonProcess.executable) ")
        try AtomicFile.write(Array(here.utf8), to: instance)
        let verified = try Tool.run(
          "systemd-analyze", ["verify", "--man=no", "--recursive-errors=no", instance])
        #expect(
          verified.status == 0 && !verified.text.contains(instance), "\(verified.text)")
        let judged = try Tool.run(
          "systemd-analyze", ["security", "--no-pager", "--offline=true", instance])
        let line = judged.text.firstMatch(of: #/Overall exposure level for .*: ([0-9.]+) /#)
        let exposure = try #require(line.flatMap { Double($0.1) }, "\(judged.text)")
        #expect(exposure < 2.0, "\(judged.text)")
      }
    }
  }
}

/// What a service manager listens at.
private final class NotifySocket {
  let path: String
  private let descriptor: Int32

  init(_ path: String) throws {
    self.path = path
    descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0)
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    var name = Array(path.utf8)
    try #require(name.count < MemoryLayout.size(ofValue: address.sun_path))
    if name[0] == UInt8(ascii: "@") { name[0] = 0 }
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: name) }
    let length = socklen_t(MemoryLayout<sa_family_t>.size + name.count)
    let status = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(descriptor, $0, length)
      }
    }
    try #require(status == 0, "\(path): error \(errno)")
  }

  deinit { close(descriptor) }

  /// The next message, which is to come soon.
  func next() throws -> String {
    try awaited("news of a daemon") {
      var buffer = [UInt8](repeating: 0, count: 256)
      let count = recv(descriptor, &buffer, buffer.count, Int32(MSG_DONTWAIT))
      return count < 0 ? nil : String(decoding: buffer[..<count], as: UTF8.self)
    }
  }
}
