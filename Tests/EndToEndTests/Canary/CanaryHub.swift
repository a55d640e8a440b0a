import Foundation
import HTTPTransport
import Operations
import TestDaemons
import TestSupport
import Testing

/// A hub that has taken in records full of words that stand nowhere else, by every way there is:
/// shared, withdrawn, set apart, overridden, erased, asked for, contradicted, counted; by devices
/// one of which is lost, and one runs twice.
struct CanaryHub {
  static let words = [
    "Canarygiven", "Canaryname", "Canaryparent", "Canaryneeds", "Canarylate", "Canaryreason",
    "Canarydecider", "Canaryerasure", "Canaryasked", "Canaryconsent", "Canaryother", "Canaryledto",
    "2001-02-03",
  ]
  static let operatorName = "Ola Obi"
  static let passphrase = "nine quiet lanterns"

  let district: TestDistrict
  let watched: WatchedHub
  let child: String
  let erased: String
  /// Held by all, with two answers side by side.
  let kept: String
  /// Of reports alone.
  let counted: [String]
  private let copy: TestAgency

  var hub: TestHub { district.hub }
  var children: [String] { [child, erased, kept] + counted }

  init() throws {
    district = try TestDistrict(["Wren", "Finch", "Robin"])
    let (wren, finch, robin) = (
      district.agencies[0], district.agencies[1], district.agencies[2]
    )
    watched = try WatchedHub(district.hub)
    child = try Self.child(of: wren, heldBy: finch)
    erased = try Self.child(of: wren, heldBy: finch)
    kept = try Self.child(of: wren, heldBy: finch, robin)
    counted = try Self.completedCAFs(22, at: wren, heldBy: robin)
    // Both write into one box, and neither knows of the other.
    district.lines[2].takeDown()
    try robin.command("caf", "write", kept, "identity", "--needs", "Canaryother")
    try wren.command("caf", "write", kept, "identity", "--needs", "Canaryneeds again")
    try wren.synchronise()
    district.lines[2].heal()
    try robin.ask(
      "check", ["given": "Canaryasked", "reason": "concern", "consent": "Canaryconsent"])
    try robin.synchronise()
    // The same device twice.
    robin.destroy()
    copy = try TestAgency(copyOf: robin, folder: district.folder.path + "/copy")
    for device in [robin, copy] {
      try device.start()
      try awaited("the child on the device that runs twice") {
        try device.synchronise()
        return try !device.export(kept).isEmpty
      }
      try device.note("Canaryother", on: kept)
      try device.synchronise()
    }
    // Written where the withdrawal is not known yet.
    try finch.synchronise()
    district.lines[1].takeDown()
    try finch.note("Canarylate", on: child)
    try finch.command("caf", "write", kept, "identity", "--needs", "Canarylate")
    try wren.consent("consent-withdraw", child, [finch], "index,development")
    try wren.command([
      "override", erased, "--agencies", "Finch", "--categories", "health", "--reason",
      "Canaryreason", "--decided-by", "Canarydecider", "--until", "2199-01-01",
    ])
    try wren.command("erase", erased, "--reason", "Canaryerasure", "--yes")
    try wren.synchronise()
    // A device that is reported lost hands over what it has, and that stands apart.
    let devices = try hub.ask("devices").arrayValue ?? []
    let lost = try #require(devices.first { $0["agency"] == "Finch" }?["id"])
    try hub.ask("revoke-device", ["device": lost])
    district.lines[1].heal()
    try awaited("what stands apart") { try hub.ask("status")["quarantined"] != 0 }
  }

  private static func child(of agency: TestAgency, heldBy others: TestAgency...) throws -> String {
    let added = try agency.ask(
      "child-add",
      [
        "given": "Canarygiven", "family": "Canaryname", "dateOfBirth": "2001-02-03",
        "anyway": true,
      ])
    let child = try #require(added["child"]?.stringValue)
    try agency.command([
      "consent", "give", child, "--agencies", others.map(\.name).joined(separator: ","),
      "--categories", "index,development", "--by", "Canaryparent", "--relationship", "mother",
      "--capacity", "parentalResponsibility", "--agreement", "2006-09",
    ])
    try agency.command("caf", "start", child)
    try agency.command("caf", "write", child, "identity", "--needs", "Canaryneeds")
    try agency.synchronise()
    for other in others {
      try awaited("the child at \(other.name)") {
        try other.export(child).contains("Canaryneeds")
      }
    }
    return child
  }

  /// As many as a report needs that says anything.
  private static func completedCAFs(
    _ count: Int, at agency: TestAgency, heldBy other: TestAgency
  ) throws -> [String] {
    let children = try (0..<count).map { _ in
      let child = try agency.child(
        "Canarygiven", sharedWith: [other], categories: "index,development")
      try agency.ask("caf-start", ["child": .string(child), "ledTo": "Canaryledto"])
      try agency.ask(
        "caf-write",
        [
          "child": .string(child), "element": "identity", "needs": "Canaryneeds",
          "needCodes": "behaviour",
        ])
      try agency.ask("caf-complete", ["child": .string(child)])
      return child
    }
    try agency.synchronise()
    return children
  }

  /// Where the hub and its commands write what somebody asked for.
  func output(_ name: String) -> String { district.folder.path + "/out-" + name }

  /// The identifier of an agency, or of the first device of one.
  func identifier(of agency: String) throws -> String {
    try #require(
      try hub.ask("agencies").arrayValue?.first { $0["name"]?.stringValue == agency }?["id"]?
        .stringValue)
  }

  func device(of agency: String) throws -> String {
    try #require(
      try hub.ask("devices").arrayValue?.first { $0["agency"]?.stringValue == agency }?["id"]?
        .stringValue)
  }
}
