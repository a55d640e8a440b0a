import Foundation
import Operations
import TestDaemons
import Testing

extension EndToEnd {
  @Suite("How far work has come, and when it leaves")
  struct Line {
    @Test("each part says truly whether it is queued, at the hub, or received by others, unasked")
    func standing() throws {
      let district = try TestDistrict(["Wren", "Finch"])
      let wren = district.agencies[0]
      let child = try #require(wren.command("child", "add", "--given", "Kit")["child"]?.stringValue)
      try wren.command("caf", "start", child)
      try wren.command("caf", "write", child, "identity", "--needs", "A choir")
      func codes() throws -> [String: String] {
        let status = try wren.command("agency", "status", "--records")
        let parts = status["records"]?["children"]?.arrayValue?.first?["parts"]?.arrayValue ?? []
        return Dictionary(
          parts.map { ($0["category"]?.stringValue ?? "", $0["code"]?.stringValue ?? "") },
          uniquingKeysWith: { first, _ in first })
      }
      try awaited("the index at the hub") {
        try codes() == ["index": "heldByHub", "development": "heldHere"]
      }
      try wren.command(
        "consent", "give", child, "--agencies", "Finch", "--by", "Mother", "--relationship",
        "mother", "--capacity", "parentalResponsibility", "--agreement", "2006-09")
      // Nobody asks for an exchange.
      try awaited("the CAF at Finch") {
        try codes() == ["index": "heldByHub", "development": "receivedByOthers"]
      }
      try district.hub.stop()
      try awaited("Wren to notice") { try wren.command("agency", "status")["isLineUp"] == false }
      try wren.command("caf", "write", child, "identity", "--strengths", "Sings")
      #expect(try codes()["development"] == "queued")
      let shown = try wren.command("child", "show", child)
      let parts = shown["compartments"]?.arrayValue ?? []
      let part = parts.first { $0["category"] == "development" }
      let records = part?["records"]?.arrayValue ?? []
      let states = Set(records.compactMap { $0["state"]?.stringValue })
      #expect(states == ["queued: not yet at the hub", "held by the hub, and received by others"])
    }

    /// A network namespace of its own, where its only link can be taken down: for root alone.
    private static let namespace = ["unshare", "--net"]

    static let isAllowed: Bool = {
      do {
        return try DaemonProcess.run(
          wrapper: namespace + ["sh", "-c", "ip link set lo up"], in: try TestFolder()
        ).status == 0
      } catch {
        return false
      }
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
        within() {
          n=0; until eval "$1"; do n=$((n + 1)); [ $n -lt 600 ] || exit 1; sleep 0.1; done
        }
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
      let ended = try DaemonProcess.run(
        folder.path, wrapper: Self.namespace + ["sh", path], in: folder)
      let log = try String(contentsOfFile: folder.path + "/agency.log", encoding: .utf8)
      #expect(ended.status == 0, "\(ended.text)\n\(log)")
    }
  }
}
