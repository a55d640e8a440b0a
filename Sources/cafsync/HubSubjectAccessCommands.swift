import Glibc
import HTTPTransport
import Operations

/// `cafsync hub subject-access`: what may be handed to the family, into files.
extension HubCommands {
  static let subjectAccess = Command(
    "subject-access", "write out what the hub holds of a child, to be handed to the family",
    discussion: """
      Writes record.html and record.json for the family, and withheld.txt for whoever decides, \
      into a new folder that its owner alone can read. Nothing of it is printed or logged. That it \
      was done, why and under which reference stands on the audit log.

      Left out, each until it is decided otherwise: what is of a confidential service and \
      disclosures without consent (--include-sensitive), what is about or by another person \
      (--include-third-party), and where a shielded child is (--include-whereabouts). Read the \
      files through before they are handed out.
      """,
    [
      .argument("CHILD", "The child's identifier."),
      .option("to", "FOLDER", "A new folder.", isRequired: true),
      .option(
        "reason", "REASON", "Why it is written out.", isRequired: true,
        allowed: ["askedByChild", "askedByParent", "courtOrder", "complaint", "other"]),
      .option(
        "reference", "NUMBER", "Under which the request is filed; no name.", isRequired: true),
      .flag("include-sensitive", "Also confidential services, and disclosures without consent."),
      .flag("include-third-party", "Also what is about or by another person."),
      .flag("include-whereabouts", "Also where a shielded child is."), folder, .json,
    ]
  ) { invocation in
    var arguments = JSON.Object()
    arguments["child"] = .string(invocation.required("CHILD"))
    arguments["reason"] = .string(invocation.required("reason"))
    arguments["reference"] = .string(invocation.required("reference"))
    for decision in ["include-sensitive", "include-third-party", "include-whereabouts"] {
      arguments[decision] = .bool(invocation.flag(decision))
    }
    let folder = invocation.required("to")
    guard mkdir(folder, 0o700) == 0 else {
      if errno == EEXIST {
        throw LocalFailure(.conflict, "\(folder) is there already: name a new folder.")
      }
      throw FileError(.create, folder, errno: errno)
    }
    // A daemon of systemd's sees nothing but the hub's folder: what it writes there is moved.
    let written =
      wholePath(try HubCommands.folder(of: invocation))
      + "/subject-access-\(UInt64.random(in: 0 ... .max))"
    arguments["to"] = .string(written)
    let done: JSON
    do {
      done = try ask(invocation, "subject-access", .object(arguments))
    } catch {
      rmdir(folder)
      throw error
    }
    do {
      try moveFiles(of: written, to: folder)
    } catch {
      throw LocalFailure(.system, "\(error) What is not moved is in \(written): see to it.")
    }
    let told: JSON = [
      "child": done["child"] ?? .null, "folder": .string(folder), "parts": done["parts"] ?? .null,
      "withheld": done["withheld"] ?? .null,
    ]
    Terminal.show(told, invocation) {
      "Written to \(folder): \(Terminal.cell($0["parts"])) parts, "
        + "\(Terminal.cell($0["withheld"])) things left out (withheld.txt)."
    }
    return .success
  }

  /// Renames them; onto another disk they are copied, and deleted in the hub's folder.
  private static func moveFiles(of folder: String, to new: String) throws {
    for name in ["record.html", "record.json", "withheld.txt"] {
      let (old, moved) = ("\(folder)/\(name)", "\(new)/\(name)")
      if rename(old, moved) == 0 { continue }
      guard errno == EXDEV else { throw FileError(.create, moved, errno: errno) }
      try AtomicFile.write(AtomicFile.read(old, maximumBytes: .max), to: moved)
      unlink(old)
    }
    rmdir(folder)
  }

  /// The daemon has a working folder of its own.
  private static func wholePath(_ path: String) -> String {
    guard !path.hasPrefix("/"), let here = getcwd(nil, 0) else { return path }
    defer { free(here) }
    return String(cString: here) + "/" + path
  }
}
