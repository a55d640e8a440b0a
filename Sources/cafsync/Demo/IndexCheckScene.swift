import Operations

/// Before acting, a practitioner asks whether the child has a CAF already; here while the line is
/// cut. Not held here must never read as "no CAF" (domain.md, rows 1, 2 and 6).
struct IndexCheckScene {
  let district: DemoDistrict

  func play() throws {
    let display = district.display
    let machine = district.machine
    let (hub, school, asking) = (district.hub, district.school, district.youthOffending)
    display.heading("An index check, with the line cut")

    let added = try school.ask(
      "child-add",
      [
        "given": "Robin", "family": "Quillfeather", "dateOfBirth": "1993-03-14",
        "locality": "batley", "school": .string(school.name),
      ])
    district.child = added["child"]?.stringValue ?? ""
    try school.ask(
      "caf-start",
      ["child": .string(district.child), "ledTo": "Late for lessons since moving house."])
    try school.ask(
      "lead-set",
      [
        "child": .string(district.child), "name": .string(school.practitioner),
        "basis": "completedCAF",
      ])
    try school.synchronise()
    display.tell("\(school.practitioner) (\(school.name)) starts a CAF for Robin Quillfeather")

    let ended = try hub.stop()
    display.check("the hub stops in good order when asked", ended)
    let answer = try asking.ask(
      "check",
      [
        "given": "Robin", "family": "Quillfeather", "dateOfBirth": "1993-03-14",
        "reason": "beforeCAF", "consent": "Letter of the mother, 12 April",
      ])
    let sentence = answer["sentence"]?.stringValue ?? ""
    display.tell("\(asking.name) asks, offline: “\(sentence)”")
    display.check(
      "offline it says “not held here as of …, enquiry queued”, and never “no CAF”",
      answer["isHeldHere"]?.boolValue == false && answer["queued"]?.boolValue == true
        && !sentence.lowercased().contains("no caf"))
    display.check("the enquiry stands there as unanswered", try answers(of: asking).isEmpty)

    try hub.start()
    let found = try machine.wait { try answers(of: asking).first }
    display.tell("the line returns: “\(found?["sentence"]?.stringValue ?? "no answer")”")
    display.check(
      "the answer comes by itself: known, a CAF in progress, and whom to contact",
      found?["cafStatus"]?.stringValue == "inProgress"
        && found?["leadName"]?.stringValue == school.practitioner)
    display.check(
      "it says so, and nothing of the CAF: no content came", try !asking.holdsCAF(district.child))
    let isTold = try machine.becomes {
      try (school.ask("task-list")["tasks"]?.arrayValue ?? []).contains {
        $0["child"]?.stringValue == district.child
      }
    }
    display.check("the author of the CAF is told that somebody asked", isTold)
  }

  private func answers(of agency: DemoAgency) throws -> [JSON] {
    let enquiries = try agency.ask("check-list")["enquiries"]?.arrayValue ?? []
    return enquiries.flatMap { $0["answers"]?.arrayValue ?? [] }
  }
}
