import CaseRecords
import HTTPTransport
import HTTPWire
import Operations
import PageServer
import Pages

/// The addresses of the console.
enum ConsoleRoutes {
  /// Every address but those of signing in and of the events. The first that fits answers.
  static let all: [ConsoleRoute] =
    general + agencies + devices + work + audit + questions + operators

  private static let general: [ConsoleRoute] = [
    .get { visit, _ in
      let status: JSON = ["devicesMax": .count(BoardPage.devicesMax)]
      visit.show([("status", status), ("blocked", [:])]) { frame, answers, _ in
        BoardPage.page(frame, status: answers[0], blocked: answers[1])
      }
    },
    signOut,
  ]

  private static let signOut = ConsoleRoute.post("sign-out") { visit, _ in
    visit.console.signOut(visit)
  }

  /// All that a coordinator's account is for.
  static let coordinators: [ConsoleRoute] = [
    .get { visit, _ in visit.give(PageResponse.redirect(to: LocalPath("reports"))) },
    .get("reports") { visit, _ in visit.showCounts() },
    signOut,
  ]

  // MARK: Agencies and devices

  private static let agencies: [ConsoleRoute] = [
    .get("agencies") { visit, _ in visit.showAgencies(200, .blank) },
    .post("agencies") { visit, _ in
      let input = visit.arrived.input(["name", "sector", "locality"])
        .with("sensitive", .bool(visit.arrived.form["sensitive"] == "yes"))
      let form = visit.arrived.form
      guard CodeLists.sector.contains(form["sector"] ?? ""),
        CodeLists.locality.contains(form["locality"] ?? "")
      else {
        let problem = Filled.Problem(
          field: "sector", sentence: "Choose a sector and a locality of the lists.")
        return visit.showAgencies(400, Filled(visit.arrived.form.fields, [problem]))
      }
      visit.change(
        ("agency-add", input), next: LocalPath("agencies"),
        said: { "Added \($0["name"]?.stringValue ?? "")." },
        refused: { visit.showAgencies($0.httpStatus, visit.filled($0)) })
    },
    .get("agencies", "*") { visit, arguments in
      let own: JSON = ["agency": .string(arguments[0])]
      visit.show([("agencies", [:]), ("devices", own)]) { frame, answers, standing in
        find(arguments[0], in: answers[0]).map { agency in
          AgencyPages.agency(
            frame, agency, devices: answers[1].arrayValue ?? [],
            now: standing["nowMilliseconds"])
        }
      }
    },
    .post("agencies", "*", "code") { visit, arguments in
      visit.show([("enrol", ["agency": .string(arguments[0])])]) { frame, answers, _ in
        AgencyPages.code(frame, answers[0], agency: arguments[0])
      }
    },
    .get("agencies", "*", "end") { visit, arguments in
      visit.showReach(arguments[0], of: "agreement")
    },
    .get("agencies", "*", "remove") { visit, arguments in
      visit.showReach(arguments[0], of: "agency")
    },
    .post("agencies", "*", "end") { visit, arguments in
      visit.change(
        ("agreement-lock", ["agency": .string(arguments[0]), "yes": true]),
        next: LocalPath("agencies", arguments[0]), said: { _ in "The agreement has ended." })
    },
    .post("agencies", "*", "remove") { visit, arguments in
      visit.change(
        ("agency-remove", ["agency": .string(arguments[0]), "yes": true]),
        next: LocalPath("agencies", arguments[0]),
        said: { _ in "Removed: its devices are emptied as they come." })
    },
    .post("agencies", "*", "sign") { visit, arguments in
      let input = visit.arrived.input(["version"], and: ["agency": arguments[0]])
      visit.change(
        ("agreement-sign", input), next: LocalPath("agencies", arguments[0]),
        said: { _ in "Recorded: the agreement has been signed." })
    },
  ]

  private static let devices: [ConsoleRoute] = [
    .get("devices", "*") { visit, arguments in
      visit.show([("devices", ["device": .string(arguments[0]), "week": true])]) {
        frame, answers, standing in
        find(arguments[0], in: answers[0]).map {
          DevicePages.device(frame, $0, now: standing["nowMilliseconds"])
        }
      }
    },
    .get("devices", "*", "revoke") { visit, arguments in
      visit.show([("devices", ["device": .string(arguments[0])])]) { frame, answers, _ in
        find(arguments[0], in: answers[0]).map { DevicePages.revoke(frame, $0) }
      }
    },
    .post("devices", "*", "revoke") { visit, arguments in
      visit.change(
        ("revoke-device", ["device": .string(arguments[0])]),
        next: LocalPath("devices", arguments[0]), said: { _ in "Revoked." })
    },
  ]

  static func find(_ id: String, in list: JSON) -> JSON? {
    list.arrayValue?.first { $0["id"]?.stringValue == id }
  }

  // MARK: What waits, and the audit log

  private static let work: [ConsoleRoute] = [
    .get("withdrawals") { visit, _ in
      let isAll = visit.arrived.form["all"] == "yes"
      let input = visit.paging.with("open", .bool(!isAll))
      visit.show([("withdrawals", input)]) { frame, answers, _ in
        WithdrawalsPage.page(frame, answers[0], isAll: isAll)
      }
    },
    .get("apart") { visit, _ in visit.showApart(200, .blank) },
    .post("apart", "*", "release") { visit, arguments in
      visit.decide("quarantine-release", arguments[0], "Released into the record.")
    },
    .post("apart", "*", "return") { visit, arguments in
      visit.decide("quarantine-return", arguments[0], "Returned to its author’s agency.")
    },
  ]

  private static let audit: [ConsoleRoute] = [
    .get("audit") { visit, _ in visit.showAudit(outcome: nil) },
    .post("audit", "verify") { visit, _ in
      visit.ask([("audit-verify", [:])]) { result in
        switch result {
        case .success(let answers):
          let lines = answers[0]["lines"]?.integerValue ?? 0
          visit.showAudit(outcome: (true, "All \(lines) lines follow from one another."))
        case .failure(let failure): visit.showAudit(outcome: (false, failure.sentence))
        }
      }
    },
  ]
}

extension ConsoleVisit {
  /// Where a long list goes on.
  var paging: JSON { arrived.input(["before"]) }

  fileprivate func showAgencies(_ status: Int, _ filled: Filled) {
    show([("agencies", [:])], status: status) { frame, answers, _ in
      AgencyPages.list(
        frame, answers[0],
        sectors: CodeLists.sector.codes.map { ($0.value, $0.label) },
        localities: CodeLists.locality.codes.map { ($0.value, $0.label) }, filled)
    }
  }

  fileprivate func showReach(_ agency: String, of decision: String) {
    let question: JSON = ["of": .string(decision), "agency": .string(agency)]
    show([("agencies", [:]), ("blast-radius", question)]) { frame, answers, _ in
      ConsoleRoutes.find(agency, in: answers[0]).map {
        BlastRadiusPage.agency(frame, $0, answers[1], isRemoval: decision == "agency")
      }
    }
  }

  fileprivate func showApart(_ status: Int, _ filled: Filled) {
    show([("quarantine", [:])], status: status) { frame, answers, standing in
      SetApartPage.page(frame, answers[0], now: standing["nowMilliseconds"], filled)
    }
  }

  fileprivate func decide(_ operation: String, _ number: String, _ done: String) {
    guard let number = Int64(number) else { return notFound() }
    change(
      (operation, ["number": .integer(number)]),
      next: LocalPath("apart"), said: { _ in done },
      refused: {
        showApart($0.httpStatus, .blank(Filled.Problem(field: nil, sentence: $0.sentence)))
      })
  }

  fileprivate func showAudit(outcome: (isWhole: Bool, String)?) {
    show([("audit-list", paging)]) { frame, answers, _ in
      AuditPage.page(frame, answers[0], outcome: outcome)
    }
  }
}
