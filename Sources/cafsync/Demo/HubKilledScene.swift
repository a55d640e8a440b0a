import Glibc
import Operations

/// The hub is killed again and again while an agency's work is on its way. What it acknowledged is
/// there, what it did not is sent again, and nothing arrives twice.
struct HubKilledScene {
  private static let rounds = 6
  private static let notesPerRound = 4

  let district: DemoDistrict

  func play() throws {
    let display = district.display
    let (hub, school, sureStart) = (district.hub, district.school, district.sureStart)
    display.heading("The hub is killed in mid-exchange")
    var number = 0
    for round in 0..<Self.rounds {
      // Every other time it is frozen first: then the request is certainly sent and unanswered.
      if round.isMultiple(of: 2) { hub.freeze() }
      for _ in 0..<Self.notesPerRound {
        number += 1
        try school.note(number, on: district.child)
      }
      hub.destroy()
      try hub.start()
    }
    display.tell(
      "SIGKILL \(Self.rounds) times, while \(number) notes of \(school.name) were on their way")
    let written = Array(1...number)
    try school.synchronise()
    let hasArrived = try district.machine.becomes {
      try sureStart.notes(on: district.child).count >= number
    }
    display.check("all \(number) arrive at \(sureStart.name)", hasArrived)
    display.check(
      "each once, in both places",
      try sureStart.notes(on: district.child) == written
        && school.notes(on: district.child) == written)
    let audit = try hub.ask("audit-verify")
    display.check(
      "the hub's audit log is whole: \(Terminal.cell(audit["lines"])) lines",
      audit["whole"]?.boolValue == true)
  }
}
