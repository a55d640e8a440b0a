import CaseRecords
import Causality
import Glibc
import HTTPTransport
import Operations
import Pages
import ReplicaStore
import SyncEngine

extension HubAdministration {
  /// Codes, since the audit log holds nobody's own words.
  private static let reasons: Set<String> = [
    "askedByChild", "askedByParent", "courtOrder", "complaint", "other",
  ]

  /// Writes what may be handed to the family into files of a new folder. The answer says where they
  /// are and how much is in them, nothing of it.
  func exportForSubject(_ arguments: JSON) throws -> JSON {
    // Content goes to no console, whoever is signed in there.
    guard who == Self.commandLine else {
      throw LocalFailure(
        .refused,
        "A child's record is written out on the hub's own machine alone: cafsync hub "
          + "subject-access.")
    }
    let child = try child(arguments)
    let reason = try text(arguments, "reason")
    guard Self.reasons.contains(reason) else {
      throw LocalFailure(
        .usage, "reason is one of \(Self.reasons.sorted().joined(separator: ", ")).")
    }
    let reference = try text(arguments, "reference")
    guard reference.utf8.count <= 40, reference.allSatisfy(Self.isOfReference) else {
      throw LocalFailure(
        .usage, "reference is up to 40 letters, digits, dots, strokes and hyphens; no name.")
    }
    let folder = try text(arguments, "to")
    guard folder.hasPrefix("/") else {
      throw LocalFailure(.usage, "to is the whole path of a new folder.")
    }
    guard try core.store.recoveringCount() == 0 else {
      throw LocalFailure(
        .conflict,
        "The hub takes back what a restore lost, and does not know yet what was decided. Ask again "
          + "when that has ended: see cafsync hub status.")
    }
    let includes = SubjectAccessRules.Decision.allCases.filter {
      arguments[$0.rawValue]?.boolValue ?? false
    }
    var access = try SubjectAccess(core: core, child: child, includes: Set(includes))
    guard let record = try access.record() else {
      throw try nothing(of: child)
    }
    let decisions = includes.map { " " + $0.rawValue }.joined()
    try core.store.audit(
      who: who, action: "subject access",
      subject: "child \(child.text) reason \(reason) reference \(reference)\(decisions)",
      atMilliseconds: core.now)
    // Last: what is written is on the audit log, unless the disk fails between the two.
    try Self.write(record, withheld: access.withheld, to: folder)
    return [
      "child": .string(child.text), "folder": .string(folder),
      "parts": .count(record["parts"]?.arrayValue?.count ?? 0),
      "withheld": .count(access.withheld.count),
    ]
  }

  private static func isOfReference(_ character: Character) -> Bool {
    character.isASCII && (character.isLetter || character.isNumber || "-./".contains(character))
  }

  private func nothing(of child: ChildID) throws -> LocalFailure {
    guard let erasure = try core.engine.erasures(of: child).first else {
      return LocalFailure.unknown("The hub holds nothing of this child, under any identifier.")
    }
    return LocalFailure.unknown(
      "The record of this child was erased on \(Moment.text(erasure.atMilliseconds)): there is "
        + "nothing to hand out. cafsync hub erasure-certificate states what was destroyed.")
  }

  private static func write(
    _ record: JSON, withheld: [(what: String, why: String)], to folder: String
  ) throws {
    guard mkdir(folder, 0o700) == 0 else {
      if errno == EEXIST {
        throw LocalFailure(.conflict, "\(folder) is there already: name a new folder.")
      }
      throw FileError(.create, folder, errno: errno)
    }
    let list = withheld.map { "- \($0.what)\n  \($0.why)\n" }.joined()
    let note = """
      NOT FOR THE FAMILY. What was left out of record.html and record.json, and why.

      Read both files through before they are handed out: what somebody wrote into a text of their \
      own may be about another person, or tell where somebody is, and no program sees that.

      \(list.isEmpty ? "Nothing was left out.\n" : list)
      """
    for (name, bytes) in [
      ("record.html", SubjectAccessPage.document(record)),
      ("record.json", Array((record.text(.pretty) + "\n").utf8)),
      ("withheld.txt", Array(note.utf8)),
    ] {
      try AtomicFile.write(bytes, to: folder + "/" + name)
    }
  }
}
