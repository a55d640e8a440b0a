import Glibc
import HTTPTransport
import Operations

/// `cafsync demo`: the main job, played on real processes, each claim checked as it is shown.
enum DemoCommand {
  static func command(signals: Signals) -> Command {
    Command(
      "demo", "play a district on this machine, and check each claim as it is shown",
      discussion: """
        Starts a hub and four agencies as processes on loopback, in a temporary folder, and plays \
        an index check, work while cut off, the merge, consent given and withdrawn, a hub that is \
        killed, and a laptop restored from an old copy. Then it stays up until Ctrl-C. Ends with 1 \
        if any claim did not hold.
        """,
      [
        .flag("quick", "End by itself after the last scene."),
        .option("keep-folder", "FOLDER", "Use this new folder, and leave it there at the end."),
      ]
    ) { invocation in
      let (folder, isKept) = try folder(invocation.value("keep-folder"))
      let display = DemoDisplay()
      let code = try play(
        display, folder: folder, staysUp: !invocation.flag("quick"), signals: signals)
      if !display.failures.isEmpty {
        display.line("   The folder stays, for a look at its logs: \(folder)")
      } else if !isKept {
        try DemoFolder.remove(folder)
      }
      return code
    }
  }

  /// A socket's path has 107 bytes at most, and the longest of ours follows the folder.
  private static let folderBytesMax = 107 - "/youth-offending/\(LocalControl.socketName)".utf8.count

  private static func folder(_ named: String?) throws -> (path: String, isKept: Bool) {
    if let named {
      guard named.utf8.count <= folderBytesMax else {
        throw LocalFailure(
          .usage, "The folder's path is too long for sockets: choose a shorter one.")
      }
      guard mkdir(named, 0o700) == 0 else { throw FileError(.create, named, errno: errno) }
      return (named, true)
    }
    var template = Array("/tmp/cafsync-demo-XXXXXX".utf8CString)
    let made = template.withUnsafeMutableBufferPointer { buffer in
      buffer.baseAddress.flatMap { mkdtemp($0) }.map { String(cString: $0) }
    }
    guard let made else { throw FileError(.create, "/tmp/cafsync-demo-XXXXXX", errno: errno) }
    return (made, false)
  }

  private static func play(
    _ display: DemoDisplay, folder: String, staysUp: Bool, signals: Signals
  ) throws -> ExitCode {
    let machine = try DemoMachine(folder: folder, signals: signals)
    defer { machine.end() }
    guard mkdir(folder + "/logs", 0o700) == 0 else {
      throw FileError(.create, folder + "/logs", errno: errno)
    }
    let start = machine.now
    display.title("CAFSync: a hub and four agencies on this machine, in \(folder)")
    do {
      let district = DemoDistrict(machine: machine, display: display)
      try district.start()
      try IndexCheckScene(district: district).play()
      try JointCAFScene(district: district).play()
      try ConsentScene(district: district).play()
      try HubKilledScene(district: district).play()
      try OldCopyScene(district: district).play()
      conclude(display, milliseconds: machine.now - start)
      if staysUp {
        try district.hub.addOperator()
        whereToLook(district)
        try machine.rest()
      }
    } catch is DemoInterrupted {
      display.line("\nInterrupted, with claims left to check: everything is being stopped.")
      return .failure
    } catch {
      display.check("\(error)", false)
      conclude(display, milliseconds: machine.now - start)
    }
    return display.failures.isEmpty ? .success : .failure
  }

  private static func conclude(_ display: DemoDisplay, milliseconds: Int64) {
    let seconds = "\(milliseconds / 1_000).\(milliseconds % 1_000 / 100) s"
    display.line("")
    if display.failures.isEmpty {
      display.title("All \(display.checks) claims held, in \(seconds).")
    } else {
      display.title(
        "\(display.failures.count) of \(display.checks) claims did not hold (\(seconds)):")
      for failure in display.failures { display.line("   ✘ \(failure)") }
    }
  }

  private static func whereToLook(_ district: DemoDistrict) {
    let display = district.display
    display.line("\nEverything stays up until Ctrl-C. Where to look, in another terminal:")
    display.line("   the hub       cafsync hub status --folder \(district.hub.folder)")
    display.line("                 cafsync hub devices --folder \(district.hub.folder)")
    display.line(
      "                 cafsync hub console open \"\(DemoHub.operatorName)\" --folder "
        + "\(district.hub.folder)    # pages")
    for agency in district.agencies {
      display.line("   \(agency.name)")
      display.line("                 cafsync agency status --folder \(agency.folder)")
      display.line("                 cafsync agency open --folder \(agency.folder)    # pages")
    }
    let school = district.school.folder
    display.line("   Robin's CAF   cafsync caf show \(district.child.prefix(8)) --folder \(school)")
    display.line(
      "   consents      cafsync consent show \(district.child.prefix(8)) --folder \(school)")
    display.line("   the logs      \(district.machine.folder)/logs")
  }
}
