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
    let agency = try LineAgency("Bench Town", sector: "school", folder: folder + "/p", hub: hub)
    defer { agency.stop() }
    for part in 0..<10 {
      try agency.ask("child-import", ["csv": .string(list(part))])
    }
    let child = try agency.ask("child-find", ["given": "Kala5", "family": "Oakham5"])
      .first("children", "child")
    let caf = try agency.ask("caf-start", ["child": .string(child)])["caf"]?.stringValue ?? ""
    try agency.ask(
      "caf-write",
      ["child": .string(child), "element": "identity", "needs": "Made up for measuring."])
    let browser = try Browser(agency)
    let ofChild = "/children/\(child)"
    for (name, path) in [
      ("home", "/"), ("a child", ofChild), ("a CAF", ofChild + "/caf/" + caf),
      ("a section", ofChild + "/caf/\(caf)/identity"), ("family", ofChild + "/family"),
      ("plan", ofChild + "/plan"), ("sync", "/sync"), ("is it still true", "/live"),
    ] {
      try measure(name, browser) { try browser.get(path) }
    }
    try measure("a search", browser) {
      try browser.post("/find", "given=kal&family=Oakam")
    }
    report(
      Figure(
        "pages", "\(children) children: resident, daemon and bench", [try residentMegabytes()],
        "MB"))
  }

  /// Beside it stands what the same connection takes for a file that is only sent.
  private func measure(_ name: String, _ browser: Browser, _ ask: () throws -> Void) throws {
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

/// Somebody who is signed in, on a connection of their own.
private final class Browser {
  private let connection: PlainConnection
  private let cookie: String
  private var formToken = ""

  init(_ agency: LineAgency) throws {
    let url = try agency.ask("open", [:])["url"]?.stringValue ?? ""
    let parts = url.split(separator: "/", maxSplits: 2)
    guard parts.count == 3, let port = parts[1].split(separator: ":").last.flatMap({ UInt16($0) })
    else { throw DemoFailure("The daemon gave no link.") }
    connection = try PlainConnection(port: port)
    let answer = try connection.ask(HTTPRequest(.get, "/" + String(parts[2])))
    cookie = String(answer.headers["Set-Cookie"]?.split(separator: ";").first ?? "")
    let home = try page(HTTPRequest(.get, "/", headers: ["Cookie": cookie]))
    let marker = "name=\"formToken\" value=\""
    guard let found = home.firstRange(of: marker) else {
      throw DemoFailure("The first page has no form.")
    }
    formToken = String(home[found.upperBound...].prefix { $0 != "\"" })
  }

  func get(_ path: String) throws {
    _ = try page(HTTPRequest(.get, path, headers: ["Cookie": cookie]))
  }

  func post(_ path: String, _ form: String) throws {
    let body = Array("formToken=\(formToken)&\(form)".utf8)
    _ = try page(HTTPRequest(.post, path, headers: ["Cookie": cookie], body: body))
  }

  private func page(_ request: HTTPRequest) throws -> String {
    let answer = try connection.ask(request)
    guard answer.status == 200 else {
      throw DemoFailure("A page was answered with \(answer.status).")
    }
    return String(decoding: answer.body, as: UTF8.self)
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
