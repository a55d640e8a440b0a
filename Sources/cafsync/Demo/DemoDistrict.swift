import Glibc
import Operations

/// The demonstration's cast: a hub, four agencies that have joined it, and the child of the story.
final class DemoDistrict {
  static let children = 24
  static let seed = 7

  let machine: DemoMachine
  let display: DemoDisplay
  let hub: DemoHub
  let sureStart: DemoAgency
  let school: DemoAgency
  let youthOffending: DemoAgency
  /// The health visitor's laptop.
  let laptop: DemoAgency
  /// Whom the story is about; set by the first scene.
  var child = ""
  /// A child that only the health visitor knows; set when the laptop's folder is copied.
  var laptopChild = ""
  var laptopCopy: String { machine.folder + "/laptop-old-copy" }

  var agencies: [DemoAgency] { [sureStart, school, youthOffending, laptop] }

  init(machine: DemoMachine, display: DemoDisplay) {
    self.machine = machine
    self.display = display
    hub = DemoHub(
      folder: machine.folder + "/hub", log: machine.folder + "/logs/hub.log", machine: machine)
    sureStart = DemoAgency(
      "Batley Sure Start", sector: "earlyYears", locality: "batley",
      practitioner: "Nadia Fenwright", role: "Outreach worker", folderName: "sure-start",
      machine: machine)
    school = DemoAgency(
      "Carr Top High School, Batley", sector: "school", locality: "batley",
      practitioner: "Tom Alderwick", role: "Head of year", folderName: "high-school",
      machine: machine)
    youthOffending = DemoAgency(
      "Youth Offending Team", sector: "youthJustice", locality: "batley",
      practitioner: "Priya Stanmoor", role: "Youth justice worker", folderName: "youth-offending",
      machine: machine)
    laptop = DemoAgency(
      "Batley Health Visitors", sector: "health", locality: "batley",
      practitioner: "Joan Birkhollow", role: "Health visitor", folderName: "laptop",
      machine: machine)
  }

  /// Starts everything and writes the generated district through the agencies' normal path.
  func start() throws {
    display.heading("A hub and four agencies start")
    try hub.initialise()
    try hub.start()
    for agency in agencies { try agency.join(hub) }
    for agency in agencies {
      try agency.start()
      try agency.ask(
        "practitioner-add",
        [
          "name": .string(agency.practitioner), "role": .string(agency.role),
          "contact": "0113 496 0\(100 + agencies.count)",
        ])
      try agency.synchronise()
    }
    let identifiers = ([hub.processIdentifier] + agencies.map(\.processIdentifier))
      .compactMap { $0 }
    display.check(
      "hub, \(agencies.map(\.name).joined(separator: "; ")): a process each "
        + "(\(identifiers.map(String.init).joined(separator: ", ")))",
      identifiers.count == 5)
    var compartments = 0
    for agency in agencies {
      let loaded = try agency.ask(
        "load-sample",
        ["children": "\(Self.children)", "seed": "\(Self.seed)", "stories": true])
      compartments += Int(loaded["compartments"]?.integerValue ?? 0)
    }
    for agency in agencies { try agency.synchronise() }
    let held = try hub.ask("status")["compartments"]?.integerValue ?? 0
    display.check(
      "a generated district: \(compartments) parts of records written by the four, \(held) at the "
        + "hub; the rest waits for a family's consent", compartments > 0 && held > 0)
  }

  /// Gives, or withdraws, consent about the story's child at the school.
  func consent(_ operation: String, for agency: DemoAgency) throws {
    var input = JSON.Object()
    input["child"] = .string(child)
    // A comma would separate names.
    input["agencies"] = .array([.string(agency.name)])
    input["categories"] = "index,development,parenting"
    if operation == "consent-give" {
      input["by"] = "Mother"
      input["relationship"] = "mother"
      input["capacity"] = "parentalResponsibility"
      input["agreement"] = "2006-09"
    }
    try school.ask(operation, .object(input))
  }
}
