import Foundation
import Operations
import Testing

@Suite("How far work has come, and when it leaves, as real processes", .serialized)
struct LineTests {
  @Test("each part says truly whether it is queued, at the hub, or received by others, unasked")
  func standing() throws {
    let district = try TestDistrict(["Wren", "Finch"])
    let added = try district.ask("Wren", ["child", "add", "--given", "Kit"])
    let child = try #require(added["child"]?.stringValue)
    _ = try district.ask("Wren", ["caf", "start", child])
    _ = try district.ask("Wren", ["caf", "write", child, "identity", "--needs", "A choir"])
    func codes() throws -> [String: String] {
      let status = try district.ask("Wren", ["agency", "status", "--records"])
      let parts = status["records"]?["children"]?.arrayValue?.first?["parts"]?.arrayValue ?? []
      return Dictionary(
        parts.map { ($0["category"]?.stringValue ?? "", $0["code"]?.stringValue ?? "") },
        uniquingKeysWith: { first, _ in first })
    }
    #expect(
      try eventually { try codes() == ["index": "heldByHub", "development": "heldHere"] })
    _ = try district.ask(
      "Wren",
      [
        "consent", "give", child, "--agencies", "Finch", "--by", "Mother", "--relationship",
        "mother", "--capacity", "parentalResponsibility", "--agreement", "2006-09",
      ])
    // Nobody asks for an exchange.
    #expect(
      try eventually { try codes() == ["index": "heldByHub", "development": "receivedByOthers"] })
    _ = district.hub.stop()
    #expect(
      try eventually { try district.ask("Wren", ["agency", "status"])["isLineUp"] == false })
    _ = try district.ask("Wren", ["caf", "write", child, "identity", "--strengths", "Sings"])
    #expect(try codes()["development"] == "queued")
    let shown = try district.ask("Wren", ["child", "show", child])
    let parts = shown["compartments"]?.arrayValue ?? []
    let part = parts.first { $0["category"] == "development" }
    let records = part?["records"]?.arrayValue ?? []
    let states = Set(records.compactMap { $0["state"]?.stringValue })
    #expect(states == ["queued: not yet at the hub", "held by the hub, and received by others"])
  }

  /// A network namespace of its own, where its only link can be taken down: for root alone.
  static let isAllowed: Bool = {
    let trial = Process()
    trial.executableURL = URL(fileURLWithPath: "/bin/sh")
    trial.arguments = ["-c", "unshare -n ip link set lo up >/dev/null 2>&1"]
    do { try trial.run() } catch { return false }
    trial.waitUntilExit()
    return trial.terminationStatus == 0
  }()

  @Test("a link that comes up ends the pause", .enabled(if: isAllowed))
  func linkUp() throws {
    let folder = try TestFolder()
    // Everything in one namespace: the steps are a script, and each of them can fail.
    let script = """
      set -eu
      cafsync=$1; cd "$2"
      ip link set lo up
      trap 'kill $hub $agency 2>/dev/null; wait' EXIT
      hub= agency=
      within() { n=0; until eval "$1"; do n=$((n + 1)); [ $n -lt 600 ] || exit 1; sleep 0.1; done; }
      status() { "$cafsync" agency status --json --folder agency | grep -q "$1"; }
      "$cafsync" hub init --folder hub >/dev/null
      "$cafsync" hub serve --folder hub --port 0 --port-file port 2>hub.log & hub=$!
      within '[ -s port ]'
      "$cafsync" hub agency add Wren --sector school --locality batley --folder hub >/dev/null
      made=$("$cafsync" hub enrol Wren --json --folder hub)
      code=$(echo "$made" | sed -n 's/.*"code": "\\([^"]*\\)".*/\\1/p')
      "$cafsync" agency join --hub "http://127.0.0.1:$(cat port)" --code "$code" --folder agency \
        >/dev/null
      "$cafsync" agency serve --folder agency 2>agency.log & agency=$!
      within 'status "\\"isLineUp\\": true"'
      ip link set lo down
      within 'status "\\"isLineUp\\": false"'
      grep -q 'news=mayBeGone' agency.log
      ip link set lo up
      within 'status "\\"isLineUp\\": true"'
      grep -q 'news=mayBeBack was_up=false' agency.log
      """
    let path = folder.path + "/script"
    try AtomicFile.write(Array(script.utf8), to: path)
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/bin/sh")
    process.arguments = [
      "-c", "exec unshare -n sh \"$@\"", "sh", path, Executable.url.path, folder.path,
    ]
    let output = Pipe()
    process.standardError = output
    process.standardOutput = output
    try process.run()
    let said = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    let log = (try? String(contentsOfFile: folder.path + "/agency.log", encoding: .utf8)) ?? ""
    #expect(
      process.terminationStatus == 0, "\(String(decoding: said, as: UTF8.self))\n\(log)")
  }
}
