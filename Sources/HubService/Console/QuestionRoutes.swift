import HTTPTransport
import HTTPWire
import Operations
import PageServer
import Pages

extension ConsoleRoutes {
  /// What an operator looks up: conflicts, events, disclosures, reports, and how a restore stands.
  static let questions: [ConsoleRoute] = [
    .get("conflicts") { visit, _ in
      visit.show([("conflicts", [:])]) { frame, answers, standing in
        OpenConflictsPage.page(frame, answers[0], now: standing["nowMilliseconds"])
      }
    },
    .get("identity") { visit, _ in
      visit.show([("events", visit.paging)]) { frame, answers, _ in
        EventsPage.page(frame, answers[0])
      }
    },
    .get("capacity") { visit, _ in
      visit.show([("capacity", [:]), ("upkeep", [:])]) { frame, answers, standing in
        CapacityPage.page(
          frame, answers[0], upkeep: answers[1], now: standing["nowMilliseconds"])
      }
    },
    .post("capacity", "backup") { visit, _ in visit.backUp() },
    .post("capacity", "check") { visit, _ in visit.begin("check", [:]) },
    .get("ledger") { visit, _ in visit.showLedger() },
    .get("reports") { visit, _ in visit.showReports() },
    .post("reports", "close") { visit, _ in
      visit.change(
        ("report-needs-close", [:]), next: LocalPath("reports"),
        said: { _ in "The report is closed. It is never made again." })
    },
    .get("recovery") { visit, _ in
      visit.show([("status", ["devicesMax": 0])]) { frame, answers, _ in
        RecoveryPage.page(frame, status: answers[0])
      }
    },
    .post("recovery", "end") { visit, _ in
      visit.change(
        ("finish-recovery", [:]), next: LocalPath("recovery"),
        said: { "Let out: \($0["letOut"]?.integerValue ?? 0) compartments." })
    },
  ]
}

extension ConsoleVisit {
  /// To the configured folders alone: where keys go is not for a browser to say.
  fileprivate func backUp() {
    let configuration = console.configuration
    guard !configuration.backupFolder.isEmpty else {
      return failed(
        LocalFailure(.conflict, "Say in the hub’s configuration where backups go: backup.to."))
    }
    begin(
      "backup",
      [
        "to": .string(configuration.backupFolder), "keys": .string(configuration.backupKeysFolder),
        "keep": .count(configuration.backupsKept),
      ])
  }

  /// Returns at once: it may take minutes, and the page says what came of it.
  fileprivate func begin(_ operation: String, _ arguments: JSON) {
    let who = "operator \(arrived.session.person)"
    guard let upkeep = console.upkeep else { return notFound() }
    if let refused = upkeep.begin(operation, arguments, who: who) { return failed(refused) }
    console.state.sessions.leaveNotice(
      cookie: arrived.cookie, "The \(operation) has begun. This page says when it has ended.")
    give(PageResponse.redirect(to: LocalPath("capacity")))
  }

  /// A question that cannot be answered is shown with what was wrong with it.
  fileprivate func showLedger() {
    let child = arrived.form["child"] ?? ""
    let agency = arrived.form["agency"] ?? ""
    @Sendable func page(_ status: Int, _ answer: JSON?, _ filled: Filled) {
      show([("agencies", [:])], status: status) { frame, answers, _ in
        LedgerPage.page(
          frame, answer, agencies: answers[0], child: child, agency: agency, filled)
      }
    }
    if child.isEmpty && agency.isEmpty { return page(200, nil, .blank) }
    var question: JSON = [:]
    if !child.isEmpty { question = question.with("child", .string(child)) }
    if !agency.isEmpty { question = question.with("agency", .string(agency)) }
    if let after = arrived.form["after"] { question = question.with("after", .string(after)) }
    ask([("ledger", question)]) { result in
      switch result {
      case .success(let answers): page(200, answers[0], .blank)
      case .failure(let failure):
        page(failure.httpStatus, nil, filled(failure, field: child.isEmpty ? "agency" : "child"))
      }
    }
  }

  private var needs: Question { ("report-needs", arrived.input(["report"])) }

  /// Of the reports, those that name nobody, and count children only in what may be given out.
  func showCounts() {
    show([needs, ("report-coverage", [:])]) { frame, answers, _ in
      ReportsPage.counts(frame, needs: answers[0], coverage: answers[1])
    }
  }

  fileprivate func showReports() {
    let names = ["coverage", "enquiries", "training", "issues"]
    show([needs] + names.map { ("report-" + $0, [:]) }) { frame, answers, _ in
      ReportsPage.page(
        frame,
        ReportsPage.Answers(
          coverage: answers[1], needs: answers[0], enquiries: answers[2], training: answers[3],
          issues: answers[4]))
    }
  }
}
