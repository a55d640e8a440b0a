import Benchmarks
import HTTPWire
import Operations

/// The practitioner's pages of a replica that holds a town's children: how long each takes from the
/// request to the last byte, over loopback, and how much memory the daemon takes meanwhile.
struct PagesBench {
  static let names = ["pages"]

  let folder: String
  let machine: DemoMachine
  let isQuick: Bool
  let report: (Figure) -> Void

  private var rounds: Int { isQuick ? 1 : 3 }
  private var children: Int { isQuick ? 500 : 10_000 }
  private var asks: Int { isQuick ? 10 : 50 }

  func run(only: Set<String>) throws {
    guard only.contains("pages") else { return }
    let hub = DemoHub(
      folder: folder + "/pages-hub", log: folder + "/pages-hub.log", machine: machine)
    try hub.initialise()
    try hub.start()
    _ = try hub.ask(
      "agency-add", ["name": .string(Self.other), "sector": "earlyYears", "locality": "batley"])
    let agency = try LineAgency("Bench Town", sector: "school", folder: folder + "/p", hub: hub)
    defer { agency.stop() }
    for part in 0..<10 {
      try agency.ask("child-import", ["csv": .string(list(part))])
    }
    let child = try agency.ask("child-find", ["given": "Kala5", "family": "Oakham5"])
      .first("children", "child")
    let caf = try agency.ask("caf-start", ["child": .string(child)])["caf"]?.stringValue ?? ""
    let conflict = try disagree(agency, on: child)
    // What the hub says of the other agency.
    try agency.ask("sync")
    let browser = try SignedInBrowser(
      link: try agency.ask("open", [:])["url"]?.stringValue ?? "")
    // All entries are compared once, and from then on only where something changes.
    let watch = Stopwatch()
    try browser.get("/duplicates")
    report(
      Figure("pages", "possible duplicates, asked first", [watch.wallSeconds * 1e3], "ms"))
    for (name, path) in Self.pages(ofChild: "/children/\(child)", caf: caf, conflict: conflict) {
      try measure(name, browser) { try browser.get(path) }
    }
    try measure("consent, who will get what", browser) {
      try browser.post("/children/\(child)/consent/give", Self.consent)
    }
    try measure("a search", browser) {
      try browser.post("/find", "given=kal&family=Oakam")
    }
    // Two letters fit more children than any other beginning that is looked up.
    try measure("search as you type, 2 letters", browser) {
      try browser.post("/find/typed", "given=ka")
    }
    try measure("search as you type, both names", browser) {
      try browser.post("/find/typed", "given=kal&family=oak")
    }
    report(
      Figure(
        "pages", "\(children) children: resident, daemon and bench", [try residentMegabytes()],
        "MB"))
  }

  private static let other = "Bench Nursery"

  private static let consent =
    "by=Made+Up&relationship=mother&capacity=parentalResponsibility&agreement=2006-09"
    + "&purposes=store&purposes=share&categories=index&categories=development&agencies="
    + other.replacing(" ", with: "+")

  private static func pages(
    ofChild child: String, caf: String, conflict: String
  ) -> [(name: String, path: String)] {
    [
      ("home", "/"), ("a child", child), ("details", child + "/details"),
      ("a CAF", child + "/caf/" + caf), ("a section", child + "/caf/\(caf)/identity"),
      ("a CAF on paper", child + "/caf/\(caf)/print"),
      ("the child’s version", child + "/caf/\(caf)/child"), ("family", child + "/family"),
      ("plan", child + "/plan"), ("pre-CAF", child + "/pre-caf"),
      ("lead professional", child + "/lead"), ("chronology", child + "/chronology"),
      ("consent", child + "/consent"), ("consent, the form", child + "/consent/give"),
      ("may I share this", child + "/may-share"), ("who holds what", child + "/who-holds"),
      ("conflicts", "/conflicts"), ("a conflict", "/conflicts/" + conflict),
      ("possible duplicates", "/duplicates"), ("enquiries", "/enquiries"), ("sync", "/sync"),
      ("what has been sent", "/sync/parts"), ("is it still true", "/live"),
    ]
  }

  /// Two answers to one question, neither of which had seen the other: the end of its address.
  private func disagree(_ agency: LineAgency, on child: String) throws -> String {
    func write(_ needs: String, _ seen: JSON?) throws -> JSON? {
      var input = JSON.Object()
      input["child"] = .string(child)
      input["element"] = "identity"
      input["needs"] = .string(needs)
      input["seen"] = seen
      return try agency.ask("caf-write", .object(input))["seen"]
    }
    let seen = try write("Made up for measuring.", nil)
    _ = try write("Made up, one way.", seen)
    _ = try write("Made up, another way.", seen)
    let conflict = try agency.ask("conflict-list")["conflicts"]?.arrayValue?.first
    guard let conflict, let record = conflict["record"]?.stringValue,
      let group = conflict["group"]?.stringValue, let part = conflict["part"]?.stringValue
    else { throw DemoFailure("Two answers were written, and no conflict is there.") }
    return "\(record)/\(group)?part=\(part)"
  }

  /// Beside it stands what the same connection takes for a file that is only sent.
  private func measure(_ name: String, _ browser: SignedInBrowser, _ ask: () throws -> Void) throws
  {
    var medians: [Double] = []
    var limits: [Double] = []
    for _ in 0..<rounds {
      limits.append(try times { try browser.get("/pages.css") }.median)
      medians.append(try times(ask).median)
    }
    report(Figure("pages", name, medians, "ms", limits: limits, "GET /pages.css"))
  }

  private func times(_ body: () throws -> Void) rethrows -> [Double] {
    try (0..<asks).map { _ in
      let watch = Stopwatch()
      try body()
      return watch.wallSeconds * 1e3
    }
  }

  /// A tenth of the children: names that are like each other, as in a town.
  private func list(_ part: Int) -> String {
    let given = ["Kala", "Bena", "Mira", "Tovan", "Lise", "Arun", "Sela", "Dario", "Nona", "Pim"]
    let family = ["Oakham", "Birkby", "Fennley", "Hartwick", "Dunford", "Elmstone", "Crayton"]
    let rows = (0..<children / 10).map { number in
      let child = part * children / 10 + number
      return [
        given[child % given.count] + String(child / 10 % 100),
        family[child / 7 % family.count] + String(child % 89),
        "\(1990 + child % 16)-0\(1 + child % 9)-1\(child % 10)", "dewsbury",
      ].joined(separator: ",")
    }
    return (["given,family,dateOfBirth,locality"] + rows).joined(separator: "\n")
  }

  private func residentMegabytes() throws -> Double {
    let status = String(
      decoding: try AtomicFile.read("/proc/self/status", maximumBytes: 65_536), as: UTF8.self)
    for line in status.split(separator: "\n") where line.hasPrefix("VmRSS:") {
      return (Double(line.filter(\.isNumber)) ?? 0) * 1_024 / 1e6
    }
    throw DemoFailure("The kernel does not tell how large this process is.")
  }
}

extension JSON {
  fileprivate func first(_ list: String, _ member: String) throws -> String {
    guard let text = self[list]?.arrayValue?.first?[member]?.stringValue else {
      throw DemoFailure("A child that was just put in is not found.")
    }
    return text
  }
}
