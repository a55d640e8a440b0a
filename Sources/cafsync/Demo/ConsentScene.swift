import Glibc
import Operations

/// Consent decides who holds what: given, the newly allowed agency is brought up to date and nobody
/// else is; withdrawn, its copy is destroyed, and the disk is searched to prove it.
struct ConsentScene {
  let district: DemoDistrict

  func play() throws {
    try give()
    try copyLaptop()
    try withdraw()
  }

  private func give() throws {
    let display = district.display
    let laptop = district.laptop
    display.heading("Consent is given: back-fill")
    display.check(
      "before: nothing of the CAF at \(laptop.name)", try !laptop.holdsCAF(district.child))
    try district.consent("consent-give", for: laptop)
    let holds = try district.machine.becomes {
      try laptop.caf(district.child).contains(JointCAFScene.chosen)
    }
    display.check("\(laptop.name) receives it whole, what was written before too", holds)
    display.check(
      "only they: \(district.youthOffending.name) still holds nothing of it",
      try !district.youthOffending.holdsCAF(district.child))
    let allowed = try district.hub.allowed(district.child, laptop)
    let others = try district.hub.allowed(district.child, district.youthOffending)
    display.check(
      "the hub can say why: \(allowed.sorted().joined(separator: ", ")) for the one, "
        + "\(others.isEmpty ? "nothing" : others.sorted().joined(separator: ", ")) for the other",
      allowed.isSuperset(of: ["development"]) && others.isDisjoint(with: ["development"]))
  }

  /// The copy that the last scene puts back: with the CAF in it, and a note that never left.
  private func copyLaptop() throws {
    let laptop = district.laptop
    let added = try laptop.ask(
      "child-add", ["given": "Wren", "family": "Osierholt", "dateOfBirth": "2006-02-03"])
    district.laptopChild = added["child"]?.stringValue ?? ""
    try laptop.ask(
      "consent-give",
      [
        "child": .string(district.laptopChild), "agencies": [.string(district.sureStart.name)],
        "categories": "index", "by": "Father", "relationship": "father",
        "capacity": "parentalResponsibility", "agreement": "2006-09",
      ])
    try laptop.synchronise()
    _ = try district.hub.stop()
    try laptop.note(1, on: district.laptopChild)
    let ended = try laptop.stop()
    try DemoFolder.copy(laptop.folder, to: district.laptopCopy)
    try laptop.start()
    try district.hub.start()
    try laptop.synchronise()
    district.display.check(
      "somebody copies the laptop's folder, with one note in it that had not left yet", ended)
  }

  private func withdraw() throws {
    let display = district.display
    let machine = district.machine
    let (hub, laptop) = (district.hub, district.laptop)
    display.heading("Consent is withdrawn: purge, with a receipt")
    let evidence = try evidence()
    let before = try DemoFolder.search(try files(), for: evidence.sealed)
    let keysBefore = try DemoFolder.search(try files(), for: evidence.keys)
    display.check(
      "before: the search finds \(evidence.sealed.count) sealed parts and their keys on the laptop",
      !evidence.sealed.isEmpty && evidence.keys.count == evidence.sealed.count && !before.isEmpty
        && !keysBefore.isEmpty)
    let receipts = try hub.ask("status")["purgeReceipts"]?.integerValue ?? 0
    try district.consent("consent-withdraw", for: laptop)
    let isConfirmed = try machine.becomes {
      let now = try hub.ask("status")["purgeReceipts"]?.integerValue ?? 0
      return try now > receipts && hub.device(of: laptop)["pendingPurges"]?.integerValue == 0
    }
    let after = try hub.ask("status")["purgeReceipts"]?.integerValue ?? 0
    display.check(
      "the hub shows it confirmed: \(after - receipts) receipts, none open", isConfirmed)
    display.check(
      "\(laptop.name) shows nothing of it any more", try !laptop.holdsCAF(district.child))
    let files = try files()
    display.check(
      "no word of the CAF in any of its \(files.count) files: database, WAL, keys, log",
      try DemoFolder.search(files, for: evidence.words).isEmpty)
    display.check(
      "no sealed part and no key is left there either",
      try DemoFolder.search(files, for: evidence.sealed + evidence.keys).isEmpty)
    display.check(
      "\(district.sureStart.name) and \(district.school.name) keep theirs",
      try district.sureStart.holdsCAF(district.child) && district.school.holdsCAF(district.child))
  }

  /// Everything that the laptop has of files, its log included.
  private func files() throws -> [String] {
    try DemoFolder.files(in: district.laptop.folder) + [district.laptop.log]
  }

  private func evidence() throws -> DemoEvidence {
    let examined = district.machine.folder + "/examined"
    try DemoFolder.copy(district.laptop.folder, to: examined)
    let evidence = try DemoEvidence(
      copy: examined, child: district.child, heldFrom: try district.school.identifier(),
      words: [
        JointCAFScene.chosen, JointCAFScene.schoolOwn, JointCAFScene.sureStartOwn, "Quillfeather",
      ])
    try DemoFolder.remove(examined)
    return evidence
  }
}
