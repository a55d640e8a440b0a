import HTTPTransport
import Operations

/// Two agencies fill one CAF while neither can reach the other, and then they can: different boxes
/// merge by themselves, in the same box both texts stay until a person chooses (domain.md, row 24).
struct JointCAFScene {
  static let schoolNeeds = "Loses heart by noon; a quiet room after lunch."
  static let sureStartNeeds = "Calm at the family centre; evenings are harder."
  static let schoolOwn = "Draws maps of every bus route."
  static let sureStartOwn = "Looks after a small brother with patience."
  static let chosen = "Calm where it is quiet; lunch and evenings are the hard hours."

  let district: DemoDistrict

  func play() throws {
    try cutOff()
    try merge()
  }

  private func cutOff() throws {
    let display = district.display
    let (hub, school, sureStart) = (district.hub, district.school, district.sureStart)
    display.heading("Two agencies write one CAF while cut off")
    try district.consent("consent-give", for: sureStart)
    display.tell("the family agrees that \(sureStart.name) works on it too")
    let holds = try district.machine.becomes { try sureStart.holdsCAF(district.child) }
    display.check("\(sureStart.name) receives the CAF", holds)

    _ = try hub.stop()
    try school.write(district.child, "aspirations", "strengths", Self.schoolOwn)
    try sureStart.write(district.child, "relationships", "strengths", Self.sureStartOwn)
    try school.write(district.child, "behaviouralDevelopment", "needs", Self.schoolNeeds)
    try sureStart.write(district.child, "behaviouralDevelopment", "needs", Self.sureStartNeeds)
    display.tell("hub stopped; each writes in a box of its own, and both write in one and the same")
    for agency in [school, sureStart] {
      display.check("\(agency.name) works on, and does not call it synced", try isHonest(agency))
    }
  }

  /// Cut off: "sync now" fails with a reason, and the work counts as queued.
  private func isHonest(_ agency: DemoAgency) throws -> Bool {
    do {
      try agency.ask("sync")
      return false
    } catch let error as LocalFailure where error.exit == .unreachable {
      let status = try agency.ask("status")
      let queued = status["compartments"]?["queued"]?.integerValue ?? 0
      return status["isAllSynced"]?.boolValue == false && queued > 0
    }
  }

  private func merge() throws {
    let display = district.display
    let machine = district.machine
    let (hub, school, sureStart) = (district.hub, district.school, district.sureStart)
    display.heading("The line returns: the merge")
    try hub.start()
    let isMerged = try machine.becomes {
      try [school, sureStart].allSatisfy { agency in
        let caf = try agency.caf(district.child)
        return caf.contains(Self.schoolOwn) && caf.contains(Self.sureStartOwn)
      }
    }
    display.check("different boxes merge by themselves, on both sides", isMerged)
    let isKept = try machine.becomes {
      try [school, sureStart].allSatisfy { agency in
        let conflicts = try agency.conflicts(district.child)
        let texts = conflicts.map { $0["values"]?.text() ?? "" }
        return conflicts.count == 1 && texts[0].contains(Self.schoolNeeds)
          && texts[0].contains(Self.sureStartNeeds)
      }
    }
    display.check("the same box: one conflict, both texts kept, on both sides", isKept)
    guard let conflict = try sureStart.conflicts(district.child).first else { return }
    for value in conflict["values"]?.arrayValue ?? [] {
      display.tell(
        "\(Terminal.cell(value["by"])) wrote: “\(Terminal.cell(value["value"]?["needs"]))”")
    }
    let start = machine.now
    try sureStart.ask(
      "conflict-resolve",
      ["conflict": conflict["conflict"] ?? .null, "text": .string(Self.chosen)])
    let isSettled = try machine.becomes {
      try school.conflicts(district.child).isEmpty
        && school.caf(district.child).contains(Self.chosen)
    }
    let took = machine.now - start
    display.check(
      "\(sureStart.practitioner) decides, and \(school.name) sees it (after \(took) ms)", isSettled)
    let text = try school.caf(district.child)
    display.check(
      "nothing is left of the conflict on either side",
      try sureStart.conflicts(district.child).isEmpty && !text.contains(Self.schoolNeeds)
        && !text.contains(Self.sureStartNeeds))
  }
}
