import Operations
import Testing

@testable import Pages

/// Pages of the hub's console: what they show of every state, and that nobody's text becomes
/// markup.
@Suite("The console's pages")
struct ConsolePagesTests {
  private static let hostile = "\"><img src=x onerror=alert(1)>"
  private static let now: JSON = 1_764_000_000_000

  private func frame(_ text: String = "Ola Obi") -> Page.Frame {
    Page.Frame(
      operator: text, standing: text, isInStep: true, formToken: text, notice: text,
      revision: text)
  }

  private func text(_ page: Page) -> String { String(decoding: page.bytes, as: UTF8.self) }

  private func everyPage(_ said: JSON, _ text: String) -> [Page] {
    let frame = frame(text)
    let device: JSON = [
      "id": said, "name": said, "agency": said, "program": said, "state": "behind",
      "lastContactMilliseconds": Self.now, "pendingPurges": 3,
      "week": [
        "startMilliseconds": Self.now, "sampleHours": 6, "exchanges": [1, 0, 900],
        "cut": [1, 0, 3], "receivedBytes": [1, 0, 2_000_000], "sentBytes": [1, 0, 5],
        "unsent": [0, 0, 1],
      ],
    ]
    let agency: JSON = [
      "id": said, "name": said, "sector": said, "locality": said, "agreementLocked": true,
    ]
    let thing: JSON = ["severity": "critical", "what": said, "do": said]
    let withdrawal: JSON = [
      "kind": said, "child": said, "policy": said, "categories": [said], "isOpen": true,
      "level": 2, "levelName": said,
      "devices": [
        [
          "device": said, "agency": said, "ends": said, "waitingMilliseconds": 1,
          "levelName": said,
        ]
      ],
    ]
    let radius: JSON = [
      "deviceCount": 1, "unsentMeans": said, "time": ["sentence": said], "categories": [said],
      "devices": [["device": said, "agency": said, "when": said]], "devicesLeftOut": 2,
    ]
    let change: JSON = [
      "number": 7, "state": "waiting", "why": said, "device": said, "agency": said,
      "compartment": said, "category": said,
      "told": [["agency": said, "how": said, "atMilliseconds": Self.now]],
    ]
    let line: JSON = [
      "words": said, "child": said, "compartment": said, "name": said, "action": said,
      "subject": said,
    ]
    return [
      BoardPage.page(
        frame, status: ["devices": [device], "devicesAll": 2, "bytes": [:], "recovering": 1],
        blocked: ["things": [thing]]),
      AgencyPages.list(
        frame, [agency], sectors: [(text, text)], localities: [(text, text)],
        Filled([("name", text)], [Filled.Problem(field: text, sentence: text)])),
      AgencyPages.agency(frame, agency, devices: [device], now: Self.now),
      AgencyPages.code(frame, ["code": said, "agency": said], agency: text),
      DevicePages.device(frame, device, now: Self.now), DevicePages.revoke(frame, device),
      WithdrawalsPage.page(
        frame,
        ["withdrawals": [withdrawal], "ladder": [["name": said, "meaning": said]], "next": 9],
        isAll: true),
      BlastRadiusPage.agency(frame, agency, radius, isRemoval: true),
      SetApartPage.page(frame, ["changes": [change]], now: Self.now, .blank),
      OpenConflictsPage.page(
        frame, ["bands": [said], "counts": [["agency": said, "category": said, "bands": [1]]]],
        now: Self.now),
      EventsPage.page(
        frame, ["events": [["what": said, "did": said, "device": said, "agency": said]]]),
      LedgerPage.page(
        frame, ["lines": [line]], agencies: [agency], child: text, agency: text, .blank),
      RecoveryPage.page(frame, status: ["recovering": 2]),
      CapacityPage.page(
        frame,
        [
          "files": [["name": said, "bytes": 9]], "tables": [["name": said, "bytes": 9]],
          "statements": [
            ["sql": said, "count": 3, "totalMilliseconds": 1.5, "longestMilliseconds": 1]
          ], "daysUntilFull": 3,
        ],
        upkeep: [
          "running": ["operation": "backup", "who": said, "sinceMilliseconds": 1],
          "backup": ["database": said, "keys": said, "bytes": 9, "compartments": 3],
          "backupMilliseconds": 1, "backupFailedMilliseconds": 2, "backupFailure": said,
          "check": [
            "atMilliseconds": 1, "isWhole": false, "who": said,
            "checks": [["name": said, "verdict": "wrong", "detail": said]],
          ], "canBackUp": true,
        ], now: Self.now),
      AuditPage.page(frame, ["lines": [line]], outcome: (false, text)),
      OperatorPages.list(frame, [["name": said, "hasCodes": true]], .blank),
      OperatorPages.codes(frame, ["letters": said, "key": said, "address": said], .blank),
      ConsoleSignInPage.page(Filled([("name", text)], [])),
      ReportsPage.page(
        frame,
        ReportsPage.Answers(
          coverage: ["localities": [["label": said, "words": said, "silent": [["agency": said]]]]],
          needs: [
            "words": said, "dimensions": [["name": "age", "groups": [["label": said]]]],
            "rows": [["label": said, "age": [["from": 5, "to": 9]]]],
          ],
          enquiries: ["agencies": [["agency": said]]],
          training: ["agencies": [["agency": said]], "practitioners": [["name": said]]],
          issues: ["rows": [["localityLabel": said, "levelLabel": said]]])),
    ]
  }

  @Test("no page of the console shows a tag that somebody typed")
  func escaping() {
    for page in everyPage(.string(Self.hostile), Self.hostile) {
      let markup = text(page)
      #expect(!markup.contains("<img"), "\(page.title)")
      #expect(page.title == "Sign in to the hub" || markup.contains("&lt;img"), "\(page.title)")
    }
  }

  @Test("titles name nobody: a browser writes them down")
  func titles() {
    for page in everyPage("Robin Redbreast", "Robin Redbreast") {
      #expect(!page.title.contains("Robin"))
    }
  }

  @Test("what is well is said too, not only what is wrong")
  func empty() {
    let nothing: JSON = [:]
    #expect(
      text(BoardPage.page(frame(), status: nothing, blocked: nothing))
        .contains("Nothing blocks anything"))
    #expect(
      text(WithdrawalsPage.page(frame(), nothing, isAll: false)).contains("None is open"))
    #expect(
      text(SetApartPage.page(frame(), nothing, now: nil, .blank)).contains("Nothing waits"))
    #expect(text(RecoveryPage.page(frame(), status: nothing)).contains("Nothing is held back"))
    #expect(text(EventsPage.page(frame(), nothing)).contains("Nothing has happened"))
    #expect(
      text(OpenConflictsPage.page(frame(), nothing, now: nil)).contains("None is open"))
  }

  @Test("times and sizes are said as people say them")
  func words() {
    for (bytes, words) in [
      (JSON.count(999), "999 bytes"), (.count(1_000), "1.0 kB"), (.count(2_345_678), "2.3 MB"),
      (.count(7_000_000_000), "7.0 GB"),
    ] {
      #expect(ConsolePage.bytes(bytes) == words)
    }
    #expect(ConsolePage.time(1_164_931_200_000) == "2006-12-01 00:00")
    #expect(ConsolePage.time(nil) == "never")
  }
}
